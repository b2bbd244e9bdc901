"""What Sparta does, one module per task. Services are given what they work with; nothing here makes a connection."""
