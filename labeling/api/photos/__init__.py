"""Photos: sending, listing, looking."""
