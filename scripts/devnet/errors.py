"""What can go wrong with the local network."""


class DevnetError(Exception):
    """A part of the local network cannot do its work; the text says what happened and what to do."""


class UnavailableError(DevnetError):
    """Something this machine lacks: Java, npm, a package for its processor. Another way may still be open."""
