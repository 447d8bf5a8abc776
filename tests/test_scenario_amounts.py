"""Numbers that vary from seat to seat: as far as the scenario says, from the seed alone; nonsense is refused."""

import shutil
from pathlib import Path

import pytest

import scenarios
from labapp.scenario.deal import Dealer
from labapp.scenario.generators import generator
from labapp.scenario.library import scenario_folder
from labapp.scenario.problems import BadScenario
from labapp.scenario.read import read_scenario
from labapp.scenario.seats import Seat

SHIPPED = Path(next(iter(scenarios.__path__))) / "forecast-quarter"
DEALS = {
    "deal_brewery": (98000, 15),
    "deal_mill": (72000, 15),
    "deal_bakery": (150000, 20),
    "deal_dairy": (64000, 20),
}


def amounts(seed: int, member: str) -> dict[str, int]:
    scenario = read_scenario(scenario_folder("forecast-quarter"))
    plans = Dealer(scenario, generator(), seed, "en").named(Seat(member, "east_staff"))
    return {key: plans[key].values["amount"] for key in DEALS}


def test_every_seat_has_amounts_of_its_own_within_reach_and_the_same_again():
    found = {member: amounts(11, member) for member in (f"s{number:03d}" for number in range(1, 21))}
    assert len({tuple(own.values()) for own in found.values()}) == len(found)
    for own in found.values():
        for key, (middle, percent) in DEALS.items():
            assert abs(own[key] - middle) * 100 <= middle * percent
            assert own[key] % 100 == middle % 100
    assert amounts(11, "s001") == found["s001"]
    assert amounts(12, "s001") != found["s001"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("vary: {amount: 20}", "vary: {probability: 20}", "'probability' varies"),
        ("vary: {amount: 20}", "vary: {amount: 200}", "90"),
        ("amount: 64000", "amount: many", "'amount' varies"),
    ],
)
def test_what_cannot_vary_is_said_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    place = tmp_path / "forecast-quarter"
    shutil.copytree(SHIPPED, place)
    text = (place / "records.yaml").read_text("utf-8")
    (place / "records.yaml").write_text(text.replace(old, new), "utf-8")
    with pytest.raises(BadScenario) as bad:
        read_scenario(place)
    assert any(said in problem and "records.yaml:" in problem for problem in map(str, bad.value.problems))


def test_a_sum_of_what_is_not_there_is_said(tmp_path: Path) -> None:
    place = tmp_path / "forecast-quarter"
    shutil.copytree(SHIPPED, place)
    text = (place / "walkthrough.yaml").read_text("utf-8")
    (place / "walkthrough.yaml").write_text(
        text.replace("[deal_brewery, deal_mill,", "[deal_brewry, deal_mill,"), "utf-8"
    )
    with pytest.raises(BadScenario) as bad:
        read_scenario(place)
    assert any("deal_brewry" in problem for problem in map(str, bad.value.problems))
