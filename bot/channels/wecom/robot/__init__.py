"""The 智能机器人 in webhook mode: it is @-ed in groups and spoken to in private, and answers."""
