"""The live window on a screen."""
