"""The figure of the lifter, drawn over pictures."""
