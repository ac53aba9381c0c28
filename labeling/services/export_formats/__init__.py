"""Formats of exports. Each turns rows into bytes by the contract in ``contract.py``; none knows the database."""
