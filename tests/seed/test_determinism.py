"""What is invented follows from the seed alone: not from the order of calls, the process, or its hash."""

import hashlib
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.scenario.deal import Dealer
from labapp.scenario.generators import generator
from labapp.scenario.library import scenario_folder
from labapp.scenario.read import read_scenario
from labapp.scenario.seats import seats_of
from seed.invent import Inventor
from tests.seed.calls import CALLS, LANGUAGES, MONDAY, called, everything

DIGEST = """
import hashlib, sys
from tests.seed.calls import everything
print(hashlib.sha256(everything(int(sys.argv[1])).encode()).hexdigest())
"""


call = st.tuples(st.sampled_from(CALLS), st.sampled_from(("s001", "s002", "team-1")), st.integers(0, 9))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(LANGUAGES), st.lists(call, max_size=12), call)
def test_a_call_gives_the_same_whatever_was_called_before(seed, language, before, last):
    used = Inventor(seed, language, MONDAY)
    for one in before:
        called(used, *one)
    assert called(used, *last) == called(Inventor(seed, language, MONDAY), *last)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**31), st.lists(call, min_size=2, max_size=10, unique=True), st.randoms())
def test_the_order_of_the_calls_makes_no_difference(seed, calls, random):
    shuffled = list(calls)
    random.shuffle(shuffled)
    one, other = Inventor(seed, "zh", MONDAY), Inventor(seed, "zh", MONDAY)
    first = {asked: called(one, *asked) for asked in calls}
    assert {asked: called(other, *asked) for asked in shuffled} == first


@pytest.mark.parametrize("hash_seed", ["0", "424242"])
def test_another_process_with_another_hash_seed_gives_the_same(hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run(
        [sys.executable, "-c", DIGEST, "77"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == hashlib.sha256(everything(77).encode()).hexdigest()


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(LANGUAGES), st.randoms())
def test_seats_are_dealt_the_same_in_any_order(seed, language, random):
    scenario = read_scenario(scenario_folder("data-cleaning"))
    seats = list(seats_of(scenario.said, 5))
    first = Dealer(scenario, generator(), seed, language)
    plans = {seat: first.seat(seat) for seat in seats}
    random.shuffle(seats)
    other = Dealer(scenario, generator(), seed, language)
    assert {seat: other.seat(seat) for seat in seats} == plans
