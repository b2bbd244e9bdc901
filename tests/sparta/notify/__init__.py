"""Tests of the REST client of Discord."""
