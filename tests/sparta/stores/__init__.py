"""The stores, on a real DynamoDB Local."""
