"""Every form for a new record, filled rightly but for one field: told beside that field, kept as typed, not saved.

The forms themselves say which fields there are; a new module is tested by existing.

School ── Class A ── Sales: Ada ── Staff: Ben, Cy. Another sandbox: spring-b.
"""

import io
import re
from collections import Counter
from random import Random
from urllib.parse import urlencode

from labapp import modules
from labapp.db.fields import Field
from labapp.records.catalog import catalog_of
from tests import world
from tests.forms import form_on
from tests.lives import PICTURE, Life, last_step, steps_since
from tests.playing import Forms
from tests.tables import everything, moved

NUL, LONG, MANY = "a\x01b", "长" * 256, "长" * 10_001
NUMBERS = ["abc", "1e400", "9" * 30, "NaN", "１２３x"]
WRONG = {
    "text": [LONG, NUL],
    "auto": [LONG, NUL],
    "prose": [MANY, NUL],
    "email": ["nobody", LONG + "@firm.test", "a b@firm.test"],
    "mobile": ["12345", "abc", "2" * 11],
    "phone": ["12", "abc", LONG],
    "url": ["javascript:alert(1)", "not an address", "http://" + LONG],
    "money": [*NUMBERS, "-1", "1.999", "1000000000000"],
    "number": [*NUMBERS, "1.5", "2147483648"],
    "percent": [*NUMBERS, "101", "-1", "1.5"],
    "day": ["2026-02-30", "tomorrow", "0001-01-01", "9999-12-31"],
    "moment": ["2026-02-30T10:00", "2026-09-30T25:00", "soon", "9999-12-31T10:00"],
    "tags": ["a" * 31, ",".join(map(str, range(21))), NUL],
}
CHOICES = ["nonsense", LONG]
LINKS = ["abc", "-1", "0", str(2**63), "9" * 15]
HANGING = {"related_kind": ["nonsense", "membership"], "related": ["abc", "0", "9" * 15]}
MEMBER = Field("owner_id", "member", "Member")
PICKED = {"choice", "link", "member"}  # nobody can type there, so what was not offered is not shown again
SUMMARY = r'errors-summary"(.*?)</div>'
CHINESE = re.compile("[一-鿿]")


def records_elsewhere(catalog, kinds):
    """{kind: the number of such a record of another sandbox}, for every link of these; a member's under None."""
    ben, chance = world.build("spring-b")["Ben"], Random(3)
    fields = [field for kind in kinds for field in catalog[kind].fields.values()]
    targets = {field.target or "customer" for field in fields if field.shape in {"link", "related"}}
    return {None: ben.membership_id} | {kind: world.invent(catalog, kind, ben, chance).id for kind in targets}


def wrong_values(field, place, foreign):
    """Two things nobody may type into this field, one for each language; the next field of its shape gets others."""
    if field.shape == "check":
        return []
    possible = {**WRONG, **HANGING, "choice": CHOICES, "link": LINKS, "member": LINKS}[field.shape]
    one, other = (possible[(place + more) % len(possible)] for more in (0, 1))
    if field.shape in {"link", "member", "related"}:
        other = str(foreign[field.target or ("customer" if field.shape == "related" else None)])
    return [one, other] if place % 2 else [other, one]


class Filled:
    """The form of a new record, filled rightly, and posted with one field changed."""

    def __init__(self, life):
        self.life, self.browser = life, life.browse(life.keeper)
        if life.has_file:
            links = {name: str(value) for name, value in life.stands_on().items()}
            self.url = f"/{life.slug}/new?{urlencode(links)}"
            served = form_on(self.browser, self.url, next(iter(links), None) or "title")
            self.typed = {**served, **links}
        else:
            self.url, self.typed = life.new_form()
        if self.typed.get("related_kind") == "":
            about = life.make("customer", life.keeper).id
            self.typed |= {"related_kind": "customer", "related_id": str(about)}
        known = {**life.type.fields, "owner_id": MEMBER}
        self.fields = [known[name] for name in self.typed if name in known]
        self.tried = 0
        self.kept = [field.name for field in self.fields if field.shape != "check"]

    def post(self, **changed):
        typed = {**self.typed, "once": "", **changed}
        if not self.life.has_file:
            return self.browser.post(self.url, typed)
        typed["file"] = (io.BytesIO(PICTURE), "plan.png")
        return self.browser.post(self.url, typed, content_type="multipart/form-data")


def complaints(filled, field, value, chinese):
    """What is not as it should be about the answer to this value in this field."""
    answer = filled.post(**{field.name: value})
    if field.shape in HANGING:
        return [] if answer.status_code in {404, 422} else [answer.status_code]
    if answer.status_code != 422:
        return [answer.status_code]
    shown = answer.get_data(as_text=True)
    hidden = re.search(rf'<input type="hidden" name="{field.name}"', shown)
    beside = re.search(SUMMARY if hidden else rf'id="{field.name}-error">([^<]+)<', shown, re.DOTALL)
    if beside is None:
        return ["nothing beside it"]
    found = [] if bool(CHINESE.search(beside[1])) == chinese else [beside[1]]
    (served,) = [fields for _action, fields in Forms(shown).found if field.name in fields]
    for name, typed in {**filled.typed, field.name: value}.items():
        if name not in filled.kept or (name == field.name and field.shape in PICKED):
            continue
        if served[name].strip() != typed.strip():
            found.append(f"{name} was {typed[:40]!r} and is {served[name][:40]!r}")
    return found


def test_one_wrong_field_is_told_beside_it_and_nothing_is_saved(app, cast, make, browse):
    """Records are made before and after, so that nothing at all may have moved in between."""
    kinds, wrong = list(catalog_of(modules)), {}
    elsewhere = records_elsewhere(app.extensions["catalog"], kinds)
    forms = [Filled(Life(app, kind, cast, make, browse)) for kind in kinds]
    stands, before = everything(), last_step(cast.ben)
    for turn, language in enumerate(("en", "zh")):
        for filled in forms:
            filled.browser.post("/language", {"language": language})
            for place, field in enumerate(filled.fields):
                for value in wrong_values(field, place, elsewhere)[turn : turn + 1]:
                    filled.tried += 1
                    if found := complaints(filled, field, value, language == "zh"):
                        wrong[filled.life.kind, field.name, value[:30]] = found
    assert wrong == {}
    for filled in forms:
        filled.browser.post("/language", {"language": "en"})
    assert moved(stands) == []
    steps = Counter((step.kind, step.verb) for step in steps_since(cast.ben, before))
    assert steps == {(filled.life.kind, "create"): filled.tried for filled in forms}
    assert {step.outcome for step in steps_since(cast.ben, before)} == {"invalid", "refused"}
    for filled in forms:
        assert filled.post().status_code == 302, f"{filled.life.kind}: all the other fields were right"
