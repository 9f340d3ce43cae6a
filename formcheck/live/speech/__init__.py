"""When a cue is spoken, and by which voice."""
