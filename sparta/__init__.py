"""Sparta: keeps Aztec validators and the people who run them in step, for a Discord guild."""
