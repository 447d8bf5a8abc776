"""`labapp scenario`: what can be opened, whether a folder is right, and opening it."""

from labapp.cli import LateGroup

scenario = LateGroup(
    late={
        "list": "scenario_open:list_scenarios",
        "check": "scenario_check:check",
        "open": "scenario_open:open_scenario",
    },
    package="labapp.cli",
    help="List, check and open scenarios.",
)
