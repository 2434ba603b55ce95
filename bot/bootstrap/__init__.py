"""The one place where all parts meet; with bot.__main__ the only one that looks upwards."""

from bot.bootstrap.service import Service

__all__ = ["Service"]
