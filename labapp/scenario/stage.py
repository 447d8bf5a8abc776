"""The stage on which the timeline of a sandbox plays: its scenario, dealt as it was at the opening."""

from labapp.access.actor import Actor
from labapp.db import db
from labapp.people.models import Sandbox
from labapp.scenario.deal import dealer_of
from labapp.scenario.found import Finder
from labapp.scenario.happen import Stage
from labapp.scenario.schedule import timeline_of


def stage_of(house: Actor) -> Stage:
    """For the house of a sandbox that has a timeline."""
    sandbox = db.session.get_one(Sandbox, house.sandbox_id)
    scenario = timeline_of(sandbox)
    assert scenario is not None
    finder = Finder(frozenset(event.key for event in scenario.events))
    return Stage(house, scenario, dealer_of(sandbox, scenario), finder)
