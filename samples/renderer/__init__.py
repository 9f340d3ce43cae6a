"""Rendered people with exact truth: body, motion, scene, truth and a command line."""
