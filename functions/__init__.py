"""AWS Lambda's entry points: each module's ``handler`` parses an event and calls one service."""
