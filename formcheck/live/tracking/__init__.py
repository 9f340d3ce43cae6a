"""The lifter in live pictures, by the past alone."""
