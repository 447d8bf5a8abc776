"""What a process keeps in memory no other process needs: each place is known, and what tells it that it is out of date.

The places are found in the source: names of modules that hold an empty container and are filled later, and functions
that remember their answers. A new one fails here until it is said what validates it.
"""

import ast
from pathlib import Path

import pytest

from tests.many import ROOT

STAMP = "by the sandbox's stamp, which is new after every change and read with every request"
PROGRAM = "of the program alone: the same in every process of this version"
DIGEST = "by a digest of the content: it never changes"
KNOWN = {
    "instructor.matrix._kept": STAMP + ", and by the hash of the last act",
    "instructor.matrix_surfaces._related": "for as long as the actor of one request lives",
    "labapp.access.actor._kept": STAMP + ", while settings and directory are the very same objects",
    "labapp.access.prepared._kept": PROGRAM + " (statements by standing and rules)",
    "labapp.db.process._here": "of this process: which machine it runs on",
    "labapp.gradebook.coach._kept": "by the head of the member's chain, the last step, ledger row and rubric version",
    "labapp.gradebook.feed._feeds": "by last step, ledger row and rubric version, asked every five seconds",
    "labapp.gradebook.judging._pending": "written with the member's next step, unless a later one was judged elsewhere",
    "labapp.gradebook.judging._then": STAMP + ", by rubric, marks and due time; lab time has passed it",
    "labapp.gradebook.live._kept": "by the hash of its last step, and by the stamp",
    "labapp.gradebook.rubrics.changed": PROGRAM + " (who is told; other processes see the version's number)",
    "labapp.gradebook.state._headers": STAMP,
    "labapp.jobs._active": "of this process's own threads; others go by the lease in the row",
    "labapp.jobs._chores": PROGRAM,
    "labapp.jobs._doing": PROGRAM,
    "labapp.oplog.append.appended": PROGRAM + " (who is told of steps of this process)",
    "labapp.people.directory._kept": STAMP,
    "labapp.people.passwords._nobody": PROGRAM + " (a hash that no password has)",
    "labapp.records.cells._drawn": STAMP,
    "labapp.records.codes._kept": STAMP,
    "labapp.records.conditions._alone": PROGRAM + " (conditions by their form)",
    "labapp.records.custom._kept": STAMP,
    "labapp.records.drawing._known": STAMP + ", and by all values that are drawn",
    "labapp.records.figures._compiled": PROGRAM + " (statements by all that stands in them)",
    "labapp.records.figures._words": PROGRAM + " (words of statements by their form)",
    "labapp.records.forms._begun_forms": STAMP,
    "labapp.records.forms._bound": STAMP,
    "labapp.records.forms._drawn": STAMP,
    "labapp.records.listing._headers": PROGRAM + ", with custom fields by the stamp",
    "labapp.records.related._kept": PROGRAM,
    "labapp.records.slices._large": "for a minute: it chooses an index, never what is seen",
    "labapp.records.words._said": PROGRAM,
    "labapp.scenario.kept.kept_texts": DIGEST,
    "labapp.web.client_messages._made": PROGRAM,
    "labapp.web.words._known": PROGRAM,
}
EMPTY = frozenset(("dict", "list", "set", "OrderedDict", "defaultdict", "deque", "WeakKeyDictionary"))
REMEMBERS = frozenset(("cache", "lru_cache"))
ASKS = frozenset(
    ("session", "connection", "scalars", "execute", "current_app", "request", "open", "read_text")
)
FILES = sorted(file for folder in ("labapp", "instructor", "seed") for file in (ROOT / folder).rglob("*.py"))


def is_empty_container(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Dict):
        return not value.keys
    if isinstance(value, ast.List):
        return not value.elts
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in EMPTY and not value.args
    return False


def containers(tree: ast.Module) -> list[str]:
    """Module-level names that begin empty: they are there to be filled. What is written in capitals is a constant."""
    found = []
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        found += [name for name in names if not name.isupper() and is_empty_container(value)]
    return found


def words_in(node: ast.AST) -> set[str]:
    attributes = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute)}
    return attributes | {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def remembering(tree: ast.Module) -> list[str]:
    """Functions that keep their answers for the life of the process and ask something that may change."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            marks = {word for mark in node.decorator_list for word in words_in(mark)}
            asked = words_in(ast.Module(body=node.body, type_ignores=[])) & ASKS
            if marks & REMEMBERS and asked:
                found.append(node.name)
    return found


def places() -> set[str]:
    found = set()
    for file in FILES:
        tree = ast.parse(file.read_text("utf-8"))
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        found |= {f"{module}.{name}" for name in (*containers(tree), *remembering(tree))}
    return found


def test_every_place_in_the_memory_of_a_process_says_what_validates_it() -> None:
    assert places() == set(KNOWN)


@pytest.mark.parametrize(
    "source",
    [
        "_kept: dict[int, str] = {}",
        "_kept = OrderedDict()",
        "waiting = []",
        "_seen: set[int] = set()",
        "@cache\ndef names():\n    return db.session.scalars(1).all()",
        "@lru_cache(5)\ndef text(path):\n    return path.read_text()",
    ],
)
def test_a_new_place_is_seen(source: str) -> None:
    tree = ast.parse(source)
    assert containers(tree) or remembering(tree)


def test_nothing_of_the_library_of_limits_counts_in_memory() -> None:
    assert "MemoryStorage" not in "".join(file.read_text("utf-8") for file in FILES)
    assert Path(ROOT / "labapp/people/counts.py").is_file()
