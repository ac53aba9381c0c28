"""Large files in chunks."""
