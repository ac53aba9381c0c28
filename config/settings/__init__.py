"""Settings per environment: dev, test, prod."""
