"""What is said of a set while it goes on."""
