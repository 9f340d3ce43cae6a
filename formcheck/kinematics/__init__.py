"""Landmarks -> angles and lengths over time."""
