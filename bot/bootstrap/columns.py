"""Every column that the Seal closes, of bot/ and of the subjects."""

from bot.rotation import CORE, only_sealed
from handlers import SEALED

EVERY = only_sealed((*CORE, *SEALED))
