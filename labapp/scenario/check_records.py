"""Whether records.yaml, timeline.yaml and walkthrough.yaml name what exists."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from labapp.db.fields import Field
from labapp.scenario.check_dirt import Dirtiness
from labapp.scenario.check_tools import Keyed, Tools
from labapp.scenario.check_values import Cell
from labapp.scenario.own_fields import own_fields
from labapp.scenario.problems import listed
from labapp.scenario.shape import ScenarioFile
from labapp.scenario.shape_records import Act, Given, Target
from labapp.scenario.words import is_link
from labapp.scenario.yamlfile import YamlFile

INVENTED = frozenset({"lead", "customer", "contact", "opportunity", "activity", "note"})
NEEDS_CUSTOMER = frozenset({"contact", "opportunity"})
KEY = "key"  # of a member, a code, a stage: rows of reference are found by it
GIVEN_BY_THE_HOUSE = frozenset({"number", "owner", "related_kind"})
Path = tuple[int | str, ...]


def known_keys(said: ScenarioFile, records: Sequence[Given]) -> dict[str, Keyed]:
    """Every key that a link may name."""
    found = {category.key: Keyed("category", False) for category in said.categories}
    found |= {product.key: Keyed("product", False) for product in said.products}
    return found | {record.key: Keyed(record.kind, record.per == "seat") for record in records}


class RecordChecker:
    """Checks a list of given records of one file."""

    def __init__(self, tools: Tools, file: YamlFile, section: str, keys: Mapping[str, Keyed]) -> None:
        self.tools = tools
        self.file = file
        self.section = section
        self.keys = keys

    def check(self, records: Sequence[Given]) -> None:
        """Note everything that is wrong with them."""
        said = self.tools.said
        reserved = {row.key for row in said.categories} | {row.key for row in said.products}
        seen: set[str] = set()
        for index, record in enumerate(records):
            path: Path = (self.section, index)
            if record.key in seen or record.key in reserved:
                self._wrong(
                    (*path, "key"), f"the key {record.key!r} is used twice", f"键 {record.key!r} 重复"
                )
            seen.add(record.key)
            self._record(record, path)
        self._circles(records)

    def _wrong(self, path: Path, en: str, zh: str) -> None:
        self.tools.problems.add(self.file.place(path), en, zh)

    def _unknown(self, path: Path, key: str, possible: Sequence[str]) -> None:
        known = listed(possible)
        self._wrong(path, f"{key!r} is none of {known}", f"{key!r} 不在可选值之内：{known}")

    def _record(self, record: Given, path: Path) -> None:
        self._seats(record, path)
        fields = self.tools.words.kinds.get(record.kind)
        if fields is None:
            self._unknown((*path, "kind"), record.kind, sorted(self.tools.words.kinds))
            return
        fields = {**fields, **own_fields(self.tools.said, record.kind)}
        self._values(record, fields, path)
        self._vary(record, path)
        self._links(record, fields, path)
        self._invention(record, path)
        Dirtiness(self.tools, self.file, self.keys).check(record, fields, path)
        if not record.invent:
            self._required(record, fields, path)

    def _seats(self, record: Given, path: Path) -> None:
        for index, key in enumerate(record.only):
            if key not in self.tools.seated():
                self._unknown((*path, "only", index), key, self.tools.seated())
        if record.owner is not None and record.owner not in self.tools.positions():
            self._unknown((*path, "owner"), record.owner, self.tools.positions())
        if record.per == "seat" and record.owner is not None:
            self._wrong(
                (*path, "owner"), "a record of every seat is owned by that seat", "每个座位的记录由该座位所有"
            )
        if record.per == "once" and record.only:
            self._wrong(
                (*path, "only"), "a record that exists once is not dealt to seats", "唯一的记录不分配给座位"
            )

    def _values(self, record: Given, fields: Mapping[str, Field], path: Path) -> None:
        for name, value in record.values.items():
            where = (*path, "values", name)
            field = fields.get(name)
            if field is None or name in GIVEN_BY_THE_HOUSE:
                self._unknown(where, name, [n for n, f in fields.items() if not is_link(f)])
            elif is_link(field):
                self._wrong(
                    where, f"{name!r} is a link; name it under links", f"{name!r} 是关联字段，请写在 links 中"
                )
            else:
                self.tools.values.check(Cell(field, value, self.file.place(where)))

    def _vary(self, record: Given, path: Path) -> None:
        """Only whole numbers that are stated vary."""
        for name in record.vary:
            if type(record.values.get(name)) is not int:
                self._wrong(
                    (*path, "vary", name),
                    f"{name!r} varies, so values must state it as a whole number",
                    f"{name!r} 要变化，values 中必须给出整数",
                )

    def _links(self, record: Given, fields: Mapping[str, Field], path: Path) -> None:
        for name, key in record.links.items():
            where = (*path, "links", name)
            field = fields.get(name)
            if field is None or not is_link(field) or name in GIVEN_BY_THE_HOUSE:
                self._unknown(where, name, [n for n, f in fields.items() if f.shape in ("link", "related")])
            else:
                self._link(record, field, key, where)

    def _link(self, record: Given, field: Field, key: str, where: Path) -> None:
        target = self.keys.get(key)
        fitting = [name for name, keyed in self.keys.items() if field.target in (keyed.kind, None)]
        if target is None or key not in fitting:
            self._unknown(where, key, fitting)
        elif target.per_seat and record.per == "once":
            self._wrong(
                where,
                f"every seat has its own {key!r}: which one?",
                f"每个座位都有自己的 {key!r}，无法确定是哪一个",
            )

    def _invention(self, record: Given, path: Path) -> None:
        if record.invent and record.kind not in INVENTED:
            self._unknown((*path, "invent"), record.kind, sorted(INVENTED))
        if record.invent and record.kind in NEEDS_CUSTOMER and "customer" not in record.links:
            self._wrong(
                path,
                f"an invented {record.kind} needs a link to its customer",
                f"生成 {record.kind} 需要关联客户",
            )

    def _required(self, record: Given, fields: Mapping[str, Field], path: Path) -> None:
        given = {*record.values, *record.links, *GIVEN_BY_THE_HOUSE}
        for name, field in fields.items():
            if field.required and field.default is None and name not in given:
                self._wrong(
                    path,
                    f"{record.kind} {record.key!r} needs {name!r}",
                    f"{record.kind} {record.key!r} 缺少 {name!r}",
                )

    def _circles(self, records: Sequence[Given]) -> None:
        links = {record.key: set(record.links.values()) for record in records}
        for index, record in enumerate(records):
            if _reaches(record.key, record.key, links):
                self._wrong(
                    (self.section, index, "links"),
                    f"{record.key!r} links to itself in a circle",
                    f"{record.key!r} 的关联形成了循环",
                )


class ActChecker:
    """Checks the acts of the walkthrough."""

    def __init__(self, tools: Tools, file: YamlFile, keys: Mapping[str, Keyed]) -> None:
        self.tools = tools
        self.file = file
        self.keys = keys

    def check(self, position: str, acts: Sequence[Act]) -> None:
        """Note everything that is wrong with them."""
        if position not in self.tools.seated():
            self._unknown(("position",), position, self.tools.seated())
        for index, act in enumerate(acts):
            self._act(act, ("acts", index))

    def _unknown(self, path: Path, key: str, possible: Sequence[str]) -> None:
        known = listed(possible)
        self.tools.problems.add(
            self.file.place(path), f"{key!r} is none of {known}", f"{key!r} 不在可选值之内：{known}"
        )

    def _act(self, act: Act, path: Path) -> None:
        if act.do is not None:
            kind, verb = act.do.split(".")
            verbs = self.tools.words.verbs.get(kind, frozenset())
            if verb not in verbs:
                kinds = [f"{name}.*" for name in sorted(self.tools.words.kinds)]
                self._unknown((*path, "do"), act.do, [f"{kind}.{one}" for one in sorted(verbs)] or kinds)
        for name, target in (("on", act.on), ("open", act.open)):
            if target is not None:
                self._target(target, (*path, name))
        for name, answer in act.answers.items():
            self._answer(act, answer, (*path, "answers", name))

    def _target(self, target: Target, path: Path) -> None:
        fields = self.tools.words.kinds.get(target.kind) or self.tools.words.log_fields.get(target.kind)
        if fields is None:
            self._unknown((*path, "kind"), target.kind, sorted(self.tools.words.log_fields))
            return
        if target.key is not None and self.keys.get(target.key, Keyed("", False)).kind != target.kind:
            fitting = [key for key, keyed in self.keys.items() if keyed.kind == target.kind]
            self._unknown((*path, "key"), target.key, fitting)
        for name in target.find or {}:
            if name not in fields and name != KEY:
                self._unknown((*path, "find", name), name, sorted(fields))

    def _answer(self, act: Act, answer: Any, path: Path) -> None:
        for at, one in enumerate(answer if isinstance(answer, list) else ()):
            self._answer(act, one, (*path, at))
        if not isinstance(answer, dict):
            return
        ways = {
            "right": lambda said, at: self._right(act, str(said), at),
            "id_of": self._id_of,
            "amounts": self._amounts,
        }
        name = next(iter(answer)) if len(answer) == 1 else ""
        if name in ways:
            ways[name](answer[name], (*path, name))
        elif set(answer) == {"ref"} and answer["ref"] not in self.keys:
            self._unknown((*path, "ref"), str(answer["ref"]), sorted(self.keys))
        elif set(answer) == {"last"} and answer["last"] not in self.tools.words.kinds:
            self._unknown((*path, "last"), str(answer["last"]), sorted(self.tools.words.kinds))
        elif set(answer) not in ({"ref"}, {"last"}, {"en", "zh"}):
            self.tools.problems.add(
                self.file.place(path),
                "an answer is a value, {en: …, zh: …}, {ref: key}, {last: kind}, {right: field}, {amounts: […]} or "
                "{id_of: …}",
                "答案必须是值、{en: …, zh: …}、{ref: 键}、{last: 类型}、{right: 字段}、{amounts: […]} 或 {id_of: …}",
            )

    def _amounts(self, said: Any, path: Path) -> None:
        """The sum of numbers, and of the amounts of records as they were dealt."""
        for at, one in enumerate(said if isinstance(said, list) else ()):
            if isinstance(one, str) and one not in self.keys:
                self._unknown((*path, at), one, sorted(self.keys))

    def _id_of(self, said: Any, path: Path) -> None:
        try:
            self._target(Target.model_validate(said), path)
        except ValidationError:
            known = "{kind: …, find: …}"
            self.tools.problems.add(self.file.place(path), f"id_of is {known}", f"id_of 应为 {known}")

    def _right(self, act: Act, name: str, path: Path) -> None:
        """What a field was before the dirt: of the record the act is on."""
        fields = self.tools.words.kinds.get(act.on.kind if act.on and act.on.key else "", {})
        if name not in fields:
            self._unknown(path, name, sorted(fields))


def _reaches(start: str, goal: str, links: Mapping[str, set[str]]) -> bool:
    seen: set[str] = set()
    todo = set(links.get(start, ()))
    while todo:
        key = todo.pop()
        if key == goal:
            return True
        if key not in seen:
            seen.add(key)
            todo |= links.get(key, set())
    return False
