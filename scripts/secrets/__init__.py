"""The secrets of an environment: what is known of them, set by a person, rotated. No value is ever shown."""
