"""CloudFormation for the whole system, as Python values. Imports nothing of the application."""
