"""The bank: hundreds of rendered sets, seen once by the pose model, so that all behind it can be tried in minutes."""
