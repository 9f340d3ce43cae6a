"""Video -> landmarks and outline of the lifter."""
