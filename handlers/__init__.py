"""Knows the subjects: what a user may say, what is true, what to answer."""

from bot.router import Routes
from handlers.district.routes import routes as district
from handlers.help.fallback import routes as fallback
from handlers.help.routes import routes as help_
from handlers.ledger.routes import routes as ledger
from handlers.progress.routes import make_routes as make_progress
from handlers.strangers.routes import routes as strangers
from handlers.weekly import service as asker
from handlers.weekly.routes import routes as weekly

# The subjects, in the order in which they are asked whether a message is theirs. The last one takes everything.
FEATURES: tuple[Routes, ...] = (strangers, district, weekly, help_, ledger, make_progress(asker), fallback)
