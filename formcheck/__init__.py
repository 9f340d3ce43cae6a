"""Video in, hamstring-lift findings out."""
