"""What can go wrong with packaging."""


class PackageError(Exception):
    """No zip was made; the text says why and what to do."""
