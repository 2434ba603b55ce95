"""The steps of life of a message, each on one row that it checks first: handle, deliver, fetch."""
