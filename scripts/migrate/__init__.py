"""Numbered migrations of the data: shown before, saved before, resumed where broken off, verified, each done once."""
