"""From templates and parameters to a reviewed change set, which nobody has executed yet."""
