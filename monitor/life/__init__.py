"""A finding's life after it was judged: what people answer, what is held and suspended, and who is told of it."""
