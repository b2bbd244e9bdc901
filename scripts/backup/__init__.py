"""Copies of the tables: made on demand, listed, restored into new tables, exported, put back."""
