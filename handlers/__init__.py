"""Knows the subjects: what a user may say, what is true, what to answer."""

from collections.abc import Callable, Mapping

from bot.guard import Clearance
from bot.router import Routes
from bot.sealed import Apart, Sealed
from bot.steps.house import OnEnd
from handlers.complaints import everyday, notices, pages, service
from handlers.complaints.office import routes as complaints_office
from handlers.complaints.routes import alarms
from handlers.complaints.routes import routes as complaints
from handlers.complaints.sealed import SEALED as COMPLAINTS_SEALED
from handlers.district.routes import routes as district
from handlers.help.fallback import routes as fallback
from handlers.help.routes import routes as help_
from handlers.ledger.routes import routes as ledger
from handlers.progress.models import SEALED as PROGRESS_SEALED
from handlers.progress.routes import make_routes as make_progress
from handlers.strangers.routes import routes as strangers
from handlers.weekly import service as asker
from handlers.weekly.routes import routes as weekly

# The subjects, in the order in which they are asked whether a message is theirs. The last one takes everything.
# Words of somebody in danger come before everything else.
FEATURES: tuple[Routes, ...] = (
    alarms,
    strangers,
    district,
    complaints_office,
    complaints,
    weekly,
    help_,
    ledger,
    make_progress(asker),
    fallback,
)

# Who is told, in the same transaction, what became of a message that was put to be sent: by how its key begins.
ON_END: Mapping[str, OnEnd] = {notices.PREFIX: notices.note_end}

# Who of the directory may be shown a secret of a case; everybody else is refused at the last door.
CLEARANCE: Clearance = service.may_see

# Every binary column of the subjects: a rotation of the keys finds them here; those of bot/ are bot.rotation.CORE.
SEALED: tuple[Sealed | Apart, ...] = (*PROGRESS_SEALED, *COMPLAINTS_SEALED)

# What the subjects show to the public: each makes its pages for the web application.
PAGES: tuple[pages.MakePages, ...] = (pages.blueprint,)

# What takes long and is the same for every message: done before the service takes any.
WARM_UP: tuple[Callable[[], None], ...] = (everyday.warm,)
