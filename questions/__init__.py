"""What: asking, answering, closing, search, digests, archives."""
