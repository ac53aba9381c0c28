"""Sites and plants."""
