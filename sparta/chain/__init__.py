"""Ethereum (L1) and the Aztec node (L2): reading both, and the one transaction that we write."""
