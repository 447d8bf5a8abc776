"""A rubric and a log in, points and evidence out. Knows nothing of Flask or the database."""

from labapp.grading.coach import Progress, progress
from labapp.grading.grade import Results, Views, grade, grade_member, views_at, views_of
from labapp.grading.idle import pays_the_idle
from labapp.grading.log import BadLog, Header, Log, Member, Step, log_of, read_log, step_of
from labapp.grading.problems import BadRubric, Problem
from labapp.grading.read_rubric import read_rubric
from labapp.grading.replay import Replay, replayed
from labapp.grading.result import Run, as_json, run_of
from labapp.grading.rubric import Rubric
from labapp.grading.vocabulary import Vocabulary

__all__ = [
    "BadLog",
    "BadRubric",
    "Header",
    "Log",
    "Member",
    "Problem",
    "Progress",
    "Replay",
    "Results",
    "Rubric",
    "Run",
    "Step",
    "Views",
    "Vocabulary",
    "as_json",
    "grade",
    "grade_member",
    "log_of",
    "pays_the_idle",
    "progress",
    "read_log",
    "read_rubric",
    "replayed",
    "run_of",
    "step_of",
    "views_at",
    "views_of",
]
