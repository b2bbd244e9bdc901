"""What the programs do, over stores, chains and messages that are handed to them."""
