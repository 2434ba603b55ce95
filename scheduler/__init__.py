"""Knows when: wakes on time and asks a subject for what to say."""
