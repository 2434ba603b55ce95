"""Strangers: people who write without being in the directory. They learn nothing about the district."""
