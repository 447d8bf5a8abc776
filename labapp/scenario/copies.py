"""The scenarios of instructors: made from another or from a zip, changed, shared, thrown away (product.md L1)."""

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete, func, select

from labapp import clock
from labapp.access.errors import NotFound, Refused, Stale
from labapp.db import db
from labapp.oplog.append import Act, append_act
from labapp.people.models import Account, Course
from labapp.records.work import writing
from labapp.scenario.files import REQUIRED, kept_files
from labapp.scenario.kept import copies_for, keep_texts, kept_texts
from labapp.scenario.library import scenarios
from labapp.scenario.models import ScenarioCopy, ScenarioText
from labapp.scenario.problems import BadScenario, Place, Problem, Problems
from labapp.scenario.read import Scenario, read_scenario
from labapp.scenario.shape import FOLDER_KEY, ScenarioFile
from labapp.scenario.splice import changed
from labapp.scenario.yamlfile import read_yaml
from labapp.values import dataclass

LONGEST_KEY = 60
MOST_COPIES = 200
RESERVED = ("upload", "schemas")  # addresses of the console
KEY = re.compile(FOLDER_KEY)


@dataclass(frozen=True)
class By:
    """Who acts, and from where, for the administration log."""

    account: Account
    name: str
    address: str = ""


def copy_of(account: Account, key: str) -> ScenarioCopy | None:
    """The copy of that key, if there is one that the account may look at."""
    return next((copy for copy in copies_for(account) if copy.key == key), None)


def may_edit(account: Account, copy: ScenarioCopy) -> bool:
    return bool(account.administrator) or copy.owner_account_id == account.id


def free_key(key: str) -> str:
    """The key itself, or with the first number behind it that is free."""
    taken = {*scenarios(), *RESERVED}
    stem, number = re.sub(r"-\d{1,3}$", "", key)[: LONGEST_KEY - 4], 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key


def make_copy(by: By, scenario: Scenario, made_from: str) -> str:
    """A copy of a scenario that the account owns. Returns its key."""
    return _make(by, dict(scenario.texts), made_from)


def take_in(by: By, texts: Mapping[str, str], called: str) -> str:
    """A copy from the texts of a zip, under its own key or the next that is free. Returns the key.

    Raises BadScenario with everything that is wrong; nothing is kept then.
    """
    return _make(by, dict(texts), called)


def _make(by: By, texts: dict[str, str], made_from: str) -> str:
    """Checked before the lock is taken: that takes a while. Whoever was quicker with the key makes us take the next."""
    while True:
        texts, key = _under_free_key(texts)
        checked(key, texts)
        with writing():
            _require_room(by.account)
            if db.session.execute(select(ScenarioCopy.id).where(ScenarioCopy.key == key)).first() is None:
                digest = keep_texts(key, texts)
                owner = by.account.id
                copy = ScenarioCopy(key=key, owner_account_id=owner, made_from=made_from[:200], sha256=digest)
                db.session.add(copy)
                _note(by, "scenario.create", key, {"from": made_from[:200]})
                return key


def _require_room(account: Account) -> None:
    """Raises Refused for whoever has more copies than anybody needs."""
    owned = select(func.count()).where(ScenarioCopy.owner_account_id == account.id)
    if (db.session.scalar(owned) or 0) >= MOST_COPIES:
        raise Refused(_("You have %(most)s scenarios of your own. Throw one away first.", most=MOST_COPIES))


def _under_free_key(texts: dict[str, str]) -> tuple[dict[str, str], str]:
    """The texts with a key that nobody else has. Raises BadScenario where none can be read."""
    problems = Problems()
    file = read_yaml(kept_files("", texts), "scenario.yaml", problems)
    problems.stop_if_any()
    assert file is not None
    said = file.data.get("key") if isinstance(file.data, dict) else None
    if not isinstance(said, str) or not KEY.fullmatch(said):
        problems.add(
            file.place(("key",)),
            "the scenario has no key such as my-scenario",
            "场景缺少有效的键，例如 my-scenario",
        )
        problems.stop_if_any()
    key = free_key(str(said))
    if key != said:
        texts = {**texts, "scenario.yaml": changed(texts["scenario.yaml"], ("key",), key)}
    return texts, key


def checked(key: str, texts: Mapping[str, str]) -> Scenario:
    """The scenario that these texts are. Raises BadScenario with everything that is wrong."""
    return read_scenario(kept_files(key, texts))


def save(by: By, key: str, version: int, texts: Mapping[str, str]) -> int:
    """Put changed files into a copy; an empty one that is not required goes away. Returns the version it has now.

    Raises BadScenario with everything that would be wrong, Stale where somebody saved since that version.
    """
    copy = _unchanged(by.account, key, version)
    before = kept_texts(copy.sha256).texts
    after = {name: text for name, text in {**before, **texts}.items() if name in REQUIRED or text.strip()}
    if after == before:
        return version
    checked(key, after)  # takes a while: before the lock is taken
    with writing():
        copy = _unchanged(by.account, key, version, lock=True)
        old, copy.sha256 = copy.sha256, keep_texts(key, after)
        copy.version, copy.updated_at = copy.version + 1, clock.now()
        db.session.flush()
        _forget(old)
        moved = sorted(name for name in after.keys() | before.keys() if after.get(name) != before.get(name))
        _note(by, "scenario.edit", key, {"files": moved})
        return copy.version


def _unchanged(account: Account, key: str, version: int, *, lock: bool = False) -> ScenarioCopy:
    """The copy, if it still has that version. Raises Stale."""
    copy = editable(account, key, lock=lock)
    if copy.version != version:
        raise Stale(_("Somebody changed this scenario while you were editing it."))
    return copy


def share(by: By, key: str, shared: bool) -> None:
    """Let every instructor look at a copy and open courses from it, or nobody else again."""
    with writing():
        copy = editable(by.account, key, lock=True)
        if copy.shared != shared:
            copy.shared = shared
            _note(by, "scenario.share" if shared else "scenario.unshare", key, {})


def throw_away(by: By, key: str) -> None:
    """Delete a copy. Courses that were opened from it keep theirs."""
    with writing():
        copy = editable(by.account, key, lock=True)
        old = copy.sha256
        db.session.delete(copy)
        db.session.flush()
        _forget(old)
        _note(by, "scenario.delete", key, {})


def editable(account: Account, key: str, *, lock: bool = False) -> ScenarioCopy:
    """The copy, which the account may change. Raises NotFound, Refused."""
    if copy_of(account, key) is None:
        raise NotFound(_("There is no such scenario among yours."))
    query = select(ScenarioCopy).where(ScenarioCopy.key == key).execution_options(populate_existing=True)
    copy = db.session.scalars(query.with_for_update() if lock else query).one()
    if not may_edit(account, copy):
        raise Refused(_("Only its owner changes this scenario. Save a copy of your own first."))
    return copy


def _forget(digest: str) -> None:
    """Throw texts away that no copy and no course has any more."""
    used = (
        select(ScenarioCopy.id)
        .where(ScenarioCopy.sha256 == digest)
        .union(select(Course.id).where(Course.scenario_sha256 == digest))
    )
    if db.session.execute(used).first() is None:
        db.session.execute(delete(ScenarioText).where(ScenarioText.sha256 == digest))


def _note(by: By, action: str, key: str, details: dict[str, Any]) -> None:
    append_act(Act(action, by.name, None, key, details, by.address))


def with_settings(texts: Mapping[str, str], said: Mapping[tuple[str, ...], Any]) -> dict[str, str]:
    """The texts with these values at (file, key, key…); what a file does not say yet is added to it.

    Raises BadScenario, with the line, where what the file says there is no mapping.
    """
    after = dict(texts)
    for (name, *path), value in said.items():
        try:
            after[name] = changed(after.get(name, ""), path, value)
        except KeyError as error:
            text = f"{error.args[0]!r} is no mapping", f"{error.args[0]!r} 不是键值映射"
            raise BadScenario([Problem(name, 1, _both(*text))]) from None
    return after


def _both(en: str, zh: str) -> Any:
    problems = Problems()
    problems.add(Place("", 1), en, zh)
    return problems.found[0].text


def said_in(texts: Mapping[str, str]) -> ScenarioFile:
    """What scenario.yaml says; it was checked when it was saved."""
    return read_scenario(kept_files("", texts), trusted=True).said
