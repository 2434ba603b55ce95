"""Knows the subjects: what a user may say, what is true, what to answer."""
