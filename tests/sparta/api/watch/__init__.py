"""Put in the way of a process under test."""
