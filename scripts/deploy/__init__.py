"""Execute what was reviewed, follow it, say how it ended, put back what was, take it all down, and verify."""
