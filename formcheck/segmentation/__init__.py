"""Kinematics -> repetitions."""
