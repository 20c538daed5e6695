"""The one error that ends a run with a message instead of a traceback."""


class Failure(Exception):
    """What went wrong, where, and how to mend it."""
