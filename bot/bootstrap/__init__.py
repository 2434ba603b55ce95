"""The one place where all parts meet; with bot.__main__ the only one that looks upwards."""

from bot.bootstrap.parts import Part
from bot.bootstrap.service import Service

__all__ = ["Part", "Service"]
