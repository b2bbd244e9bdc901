"""Decisions: pure functions of values and a time, which ask nobody and change nothing."""
