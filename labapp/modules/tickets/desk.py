"""How the service desk is set up in a sandbox: promises by the hour, who gets what, where it is handed on.

Settings `service.*`, all of them changeable on the console page of the service desk. Positions and groups are named by
their serials, so that a log, an archive and another machine mean the same.
"""

from typing import Any

from labapp.access.actor import Actor
from labapp.modules.tickets.models import COMPLAINT, FEEDBACK, SERVICE
from labapp.people.directory import Directory, Member, Place
from labapp.records.organisation import OFFICE_HOURS
from labapp.working_time import WorkingHours, working_hours

KINDS = (FEEDBACK, COMPLAINT, SERVICE)
PRIORITIES = ("urgent", "high", "normal", "low")
RESPONSE = {"urgent": 1, "high": 4, "normal": 8, "low": 16}
RESOLUTION = {"urgent": 8, "high": 16, "normal": 32, "low": 64}
BY_HAND, ROUND_ROBIN, LEAST_BUSY = "by_hand", "round_robin", "least_busy"
MODES = (BY_HAND, ROUND_ROBIN, LEAST_BUSY)
MOST_HOURS = 1000
FLOW, WEB_ENABLED, WEB_OWNER = "service.flow", "service.web_enabled", "service.web_owner"


def hours_of(actor: Actor) -> WorkingHours:
    """When the simulated company works (product.md P9)."""
    said = {
        name: actor.settings.get(f"organisation.{name}") for name in ("working_hours", "holidays", "workdays")
    }
    return working_hours({**said, "working_hours": said["working_hours"] or OFFICE_HOURS})


def promise(actor: Actor, name: str, priority: str | None) -> int:
    """Working hours promised for the `response` or the `resolution` of a ticket of this priority."""
    key = priority if priority in PRIORITIES else "normal"
    usual = RESPONSE if name == "response" else RESOLUTION
    said = actor.settings.get(path_of(name, key))
    return int(said) if isinstance(said, int) and 0 < said <= MOST_HOURS else usual[key]


def path_of(name: str, key: str) -> str:
    """service.response_hours.high, service.assignment.complaint, service.team.service …"""
    return f"service.{name}_hours.{key}" if name in {"response", "resolution"} else f"service.{name}.{key}"


def mode_of(actor: Actor, kind: str) -> str:
    """How a new ticket of this kind finds its assignee."""
    said = actor.settings.get(path_of("assignment", kind))
    return str(said) if said in MODES else BY_HAND


def team_of(actor: Actor, kind: str) -> list[Member]:
    """Who may be given tickets of this kind, by key: the holders of the position and those below it, or a group."""
    what, _colon, serial = str(actor.settings.get(path_of("team", kind)) or "").partition(":")
    directory = actor.directory
    if what == "group":
        groups = (group for group in directory.groups.values() if str(group.serial) == serial)
        ids = frozenset(member for group in groups for member in group.members)
    else:
        place = place_of(directory, serial) if what == "position" else None
        ids = directory.people_in(place.id) if place is not None else frozenset()
    return workers(directory, ids)


def workers(directory: Directory, ids: Any) -> list[Member]:
    """Those of these members who can work on a ticket, by key."""
    found = [directory.members[i] for i in ids if i in directory.members]
    return sorted((m for m in found if is_worker(m)), key=lambda member: member.key)


def is_worker(member: Member | None) -> bool:
    return member is not None and member.state == "active" and member.role in {"student", "instructor"}


def place_of(directory: Directory, serial: Any) -> Place | None:
    """The position of this serial."""
    return next((place for place in directory.places.values() if str(place.serial) == str(serial)), None)


def flow_of(actor: Actor) -> list[Place]:
    """The positions a ticket is handed along, first line first (004 §3.3)."""
    said = actor.settings.get(FLOW)
    found = [place_of(actor.directory, serial) for serial in (said if isinstance(said, list) else [])]
    return [place for place in found if place is not None]


def next_in_flow(actor: Actor, member_id: int | None) -> Place | None:
    """The position behind that of this member; the first where nobody of the flow has the ticket; None at the end."""
    flow = flow_of(actor)
    member = actor.directory.members.get(member_id or 0)
    held = set(member.positions) if member is not None else set()
    places = [number for number, place in enumerate(flow) if place.id in held]
    behind = places[-1] + 1 if places else 0
    return flow[behind] if behind < len(flow) else None


def superior_of(actor: Actor, member_id: int | None) -> Member | None:
    """Who stands above: the first worker in the nearest position above that has one."""
    directory = actor.directory
    member = directory.members.get(member_id or 0)
    for place_id in member.positions if member is not None else ():
        for above in directory.above(place_id) if place_id in directory.places else ():
            found = [m for m in workers(directory, directory.holders(above.id)) if m.id != member_id]
            if found:
                return found[0]
    return None
