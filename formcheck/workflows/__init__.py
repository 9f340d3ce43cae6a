"""What several commands do with reports and files."""
