"""The gateway: what Discord tells the bot, over a web socket.

``wire`` is how it is spoken, ``schema`` what may be said, ``events`` what is said first, ``session`` what is remembered
of a bot between connections, ``connection`` one web socket, ``hub`` all of them together and what goes wrong on demand.
"""
