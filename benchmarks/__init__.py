"""What formcheck is worth: how accurate it is and how fast."""
