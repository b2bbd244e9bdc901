"""The half that runs in MiniStack's interpreter. It imports nothing but MiniStack and the standard library."""
