"""Where live pictures come from, and where they are kept."""
