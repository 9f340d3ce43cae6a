"""Verdicts on measures, and the cues that are said of them."""
