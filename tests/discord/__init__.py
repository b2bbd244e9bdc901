"""A stand-in for Discord on 127.0.0.1: as strict as the real one, and able to fail on demand.

``world`` is what there is, ``routes`` what can be asked, ``contract`` Discord's own description of its API, ``limits``
and ``faults`` what goes wrong, ``rest`` the HTTP around them. ``gateway`` tells the bot what happens, ``people`` do it
and see the answer. ``server`` holds all together; ``python -m tests.discord`` runs it by itself. README.md shows how to
use it.
"""
