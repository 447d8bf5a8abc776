"""The rubric of a scenario: read by the grader's own rules; it must not pay the idle (product.md §5.17)."""

from pathlib import Path

from labapp.grading import BadRubric, Problem, Rubric, Vocabulary, pays_the_idle, read_rubric
from labapp.scenario.files import Files
from labapp.scenario.problems import Place, Problems
from labapp.scenario.words import KnownWords
from labapp.scenario.yamlfile import read_text

FILE = "rubric.yaml"


def check_rubric(source: Path | Files, words: KnownWords, problems: Problems) -> tuple[str, Rubric | None]:
    """The text of rubric.yaml, and what it says; what is wrong with it is noted."""
    text = read_text(source, FILE, problems)
    if text is None:
        return "", None
    try:
        rubric = read_rubric(text.encode(), FILE, vocabulary_of(words))
    except BadRubric as bad:
        _note(bad.problems, problems)
        return text, None
    _note(pays_the_idle(rubric), problems)
    return text, rubric


def vocabulary_of(words: KnownWords) -> Vocabulary:
    """The kinds, verbs and fields as the grader takes them."""
    return Vocabulary.of(
        {
            kind: {"verbs": verbs, "fields": words.log_fields.get(kind, ())}
            for kind, verbs in words.verbs.items()
        }
    )


def _note(found: list[Problem], problems: Problems) -> None:
    for problem in found:
        problems.add(Place(FILE, problem.line), problem.text.en, problem.text.zh)
