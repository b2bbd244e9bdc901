"""Packaging for AWS Lambda."""
