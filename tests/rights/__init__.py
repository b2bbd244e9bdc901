"""Least privilege, proven: a role is granted what its user does in AWS, no less and no more."""
