"""A file that was brought: read, its titles found, its columns guessed; then it waits for the person."""

from typing import Any, BinaryIO

from flask import current_app
from flask_babel import gettext as _

from labapp.access.actor import Actor
from labapp.access.errors import Invalid
from labapp.records.describe import RecordType
from labapp.records.imports import store
from labapp.records.imports.heads import Heads, find_heads, heads_at
from labapp.records.imports.models import SENT, SKIP, ImportRun
from labapp.records.imports.tables import BadTable, Table, read_table
from labapp.records.imports.targets import fields_for, guess, names_of, telling
from labapp.records.work import writing

LONGEST_NAME = 200


def receive(actor: Actor, record_type: RecordType, name: str, stream: BinaryIO) -> int:
    """Keep the rows of a file as a run; the file itself is not kept. Returns the run's id. Raises Invalid."""
    most = int(current_app.config["UPLOAD_LIMIT"])
    content = stream.read(most + 1)
    if len(content) > most:
        raise _bad(_("This file is too large: at most %(most)s MiB.", most=most // (1024 * 1024)))
    try:
        table = read_table(content, name)
    except BadTable as error:
        raise _bad(str(error)) from error
    names = names_of(record_type, fields_for(record_type, actor))
    found = find_heads(table, names)
    if table.rows[-1].number <= found.last_row:
        raise _bad(_("There are titles in this file, but no rows below them."))
    run = ImportRun(
        sandbox_id=actor.sandbox_id,
        membership_id=actor.id,
        kind=record_type.name,
        file_name=tidy(name),
        lab_at=actor.lab_now,
        **shape_of(actor, record_type, found, len([r for r in table.rows if r.number > found.last_row])),
    )
    run_id = store.put(run, table)
    with writing():
        store.change(run_id, state=SENT)
    return run_id


def shape_of(actor: Actor, record_type: RecordType, found: Heads, total: int) -> dict[str, Any]:
    """What a run says of its columns where these are the titles."""
    shapes = fields_for(record_type, actor)
    mapping = guess(found.titles, names_of(record_type, shapes))
    by = next(iter(telling(shapes, record_type, mapping.values())), "")
    return {
        "head_row": found.last_row,
        "heads": list(found.titles),
        "mapping": {str(place): name for place, name in mapping.items()},
        "options": {"by": by, "twins": SKIP, "dates": ""},
        "total": total,
    }


def move_heads(actor: Actor, record_type: RecordType, run: ImportRun, number: int) -> None:
    """The titles stand in another row than was thought. Raises Invalid where nothing stands below it."""
    rows = store.rows(run.id, after=number - 1, limit=1)
    total = store.count_of(run.id, number)
    if not rows or not total:
        sentence = _("There are no rows below this one.")
        raise Invalid(sentence, {"head_row": sentence})
    width = max(len(run.heads), *(len(row.cells) for row in rows))
    found = heads_at(Table(rows, width), number)
    with writing():
        store.change(run.id, state=SENT, **shape_of(actor, record_type, found, total))


def tidy(name: str) -> str:
    """The name without folders and control characters, cut to 200."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(c for c in last if c.isprintable())[:LONGEST_NAME] or "file"


def _bad(sentence: str) -> Invalid:
    return Invalid(sentence, {"file": sentence})
