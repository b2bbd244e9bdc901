"""AWS on this machine: MiniStack, with what it lacks added and its quirks repaired."""
