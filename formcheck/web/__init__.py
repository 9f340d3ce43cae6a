"""A page for a browser, served from this computer: who may come in, and how it is served. Live and desk share it."""
