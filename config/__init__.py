"""Settings, routes and process wiring of Antesis."""
