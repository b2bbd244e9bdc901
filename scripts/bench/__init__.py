"""Measurements: each in the same run as the plain thing it is compared with, since machines differ and drift."""
