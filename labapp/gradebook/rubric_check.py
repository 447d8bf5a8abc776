"""A rubric typed in the browser: the same mistakes, with the same words, that `labapp scenario check` names."""

from labapp.gradebook.live import log_of_sandbox
from labapp.grading import BadRubric, Problem, Rubric, Vocabulary, pays_the_idle, read_rubric
from labapp.people.models import Sandbox

FILE = "rubric.yaml"
MOST = 200_000  # characters: the longest shipped rubric has a tenth of them


def plain(typed: str) -> str:
    """The text as it is kept: line ends of one sort, one at the end. Browsers send CRLF."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    return f"{text}\n" if text else ""


def checked(text: str, vocabulary: Vocabulary, sandbox: Sandbox) -> tuple[Rubric | None, list[Problem]]:
    """The rubric and what is wrong with it, by line. Kinds that only the log knows are known too (grading.md §1)."""
    try:
        rubric = _read(text, vocabulary, sandbox)
    except BadRubric as error:
        return None, error.problems
    return rubric, sorted(pays_the_idle(rubric), key=lambda problem: problem.line)


def _read(text: str, vocabulary: Vocabulary, sandbox: Sandbox) -> Rubric:
    """Raises BadRubric. The log is asked only where this machine does not know a word: it may be long."""
    try:
        return read_rubric(text.encode(), FILE, vocabulary)
    except BadRubric:
        return read_rubric(text.encode(), FILE, vocabulary, log_of_sandbox(sandbox))
