"""The scalar settings of a sandbox, by path, as a scenario says them."""

from typing import Any

from labapp.scenario.shape import ScenarioFile

PLAIN = ("phone", "fax", "email", "website", "postcode", "fiscal_year_start", "currency")


def settings_of(said: ScenarioFile) -> dict[str, Any]:
    """`organisation.*`, `sharing.*` and what the scenario sets besides; plain JSON."""
    company = said.company
    hours = company.working_hours
    found: dict[str, Any] = {}
    for name, words in (("name", company.name), ("address", company.address)):
        found |= {f"organisation.{name}.en": words.en, f"organisation.{name}.zh": words.zh}
    found |= {f"organisation.{name}": getattr(company, name) for name in PLAIN}
    found["organisation.working_hours"] = {"days": list(hours.days), "from": hours.opens, "to": hours.closes}
    found["organisation.holidays"] = [day.isoformat() for day in company.holidays]
    found |= {f"sharing.{kind}": mode for kind, mode in said.sharing.model_dump().items()}
    found |= {
        "clock.mode": said.clock,
        "clock.pace": said.pace,
        "clock.students_end_day": said.students_end_day,
    }
    return found | said.settings
