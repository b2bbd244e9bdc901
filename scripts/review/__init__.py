"""What a deployment would change, from two systems as values: no AWS is needed to tell."""
