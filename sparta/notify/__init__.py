"""Discord: messages out, over its REST API, and the sentences in them."""
