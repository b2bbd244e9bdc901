"""The stand-in Aztec node: speaks as real nodes of several versions do, about a network that is set from outside."""
