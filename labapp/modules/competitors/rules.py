"""What holds for competitors beyond their fields."""

from typing import Any

from flask_babel import lazy_gettext as _l

from labapp.access.errors import Invalid
from labapp.modules.competitors.models import Competitor
from labapp.records.dependents import linked, take_along
from labapp.records.describe import Rules
from labapp.records.past import bring_back


def checked(work: Any, competitor: Competitor | None, values: dict[str, Any]) -> None:
    """Raises Invalid for a name that stands already: one competitor, one page for everybody."""
    name = (values.get("name") or "").strip()
    if not name or not work.asks or (competitor is not None and competitor.name == name):
        return
    if any(other is not competitor for other in work.rows(Competitor, Competitor.name == name)):
        sentence = _l("A competitor of this name is there already. Add what you know to that one.")
        raise Invalid(sentence, {"name": sentence})


def deleting(work: Any, competitor: Competitor) -> None:
    """Refused while it stands in opportunities; else notes, attachments and activities go along."""
    if linked(competitor, "rival"):
        work.refuse(_l("This competitor takes part in opportunities and stays for their reports."))
    take_along(work, competitor)


RULES = Rules(check=checked, deleting=deleting, restored=bring_back)
