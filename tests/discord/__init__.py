"""A stand-in for Discord on 127.0.0.1: as strict as the real one, and able to fail on demand.

``world`` is what there is, ``routes`` what can be asked, ``contract`` Discord's own description of its API, ``limits``
and ``faults`` what goes wrong, ``server`` the HTTP around them. ``python -m tests.discord`` runs it by itself.
"""
