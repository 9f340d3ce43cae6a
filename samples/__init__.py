"""Clips to try formcheck on, their truth, and the renderer that draws them."""
