"""Tests of the decisions: tables and properties, no servers."""
