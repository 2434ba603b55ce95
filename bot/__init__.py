"""Carries messages: in from a channel, safely stored, to the right handler, out again."""
