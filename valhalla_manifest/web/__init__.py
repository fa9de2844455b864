"""The state over HTTP: a router, and a site of static files."""
