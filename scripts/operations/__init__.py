"""What every command of the runbook stands on: where it works, what it says, how it asks and how it fails."""
