"""The district: its file of units, people, tasks and groups, and the binding of a group to the bot."""
