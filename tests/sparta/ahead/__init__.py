"""A clock for processes of a test."""
