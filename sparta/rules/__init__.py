"""Decisions: pure functions of values and a time, so that tables and properties can test them."""
