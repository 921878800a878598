"""A client of the API that needs neither Django nor the server."""
