"""The local test network: DynamoDB, an EVM with the real Aztec contracts, and a stand-in Aztec node."""
