"""Whether scenario.yaml agrees with itself: keys that are named exist, trees are trees, prices make sense."""

from collections.abc import Iterable, Sequence

from labapp.records.custom import ENDS, KINDS
from labapp.scenario.codes import code_tables, standard_codes
from labapp.scenario.own_fields import known_requirements
from labapp.scenario.problems import Problems, listed
from labapp.scenario.shape import CodeChange, Position, ScenarioFile
from labapp.scenario.yamlfile import YamlFile

DEPTH = {"instructor": 0, "class": 1, "department": 2, "staff": 3}
Path = tuple[int | str, ...]


class Structure:
    """One check of one file; `problems` gets what is wrong."""

    def __init__(self, said: ScenarioFile, file: YamlFile, problems: Problems) -> None:
        self.said = said
        self.file = file
        self.problems = problems

    def check(self) -> None:
        """Note everything that is wrong."""
        self._positions()
        self._groups()
        self._codes()
        self._fields()
        self._categories()
        self._products()
        self._hours()

    def _wrong(self, path: Path, en: str, zh: str) -> None:
        self.problems.add(self.file.place(path), en, zh)

    def _known(self, path: Path, key: str, possible: Iterable[str]) -> None:
        possible = tuple(possible)
        if key not in possible:
            self._wrong(
                path, f"{key!r} is none of {listed(possible)}", f"{key!r} 不在可选值之内：{listed(possible)}"
            )

    def _once(self, section: str, keys: Sequence[str]) -> None:
        for index, key in enumerate(keys):
            if key in keys[:index]:
                self._wrong((section, index, "key"), f"the key {key!r} is used twice", f"键 {key!r} 重复")

    def _positions(self) -> None:
        top = self.said.positions
        seen: set[str] = set()
        if top.kind != "instructor":
            self._wrong(
                ("positions", "kind"),
                "the top position must be of kind instructor",
                "最高岗位的类型必须是 instructor",
            )
        self._position(top, ("positions",), seen)
        if not any(position.seats for position in top.walk()):
            self._wrong(("positions",), "no position has seats", "没有任何岗位设置座位")
        if self.said.student_position is not None:
            seated = (position.key for position in top.walk() if position.seats)
            self._known(("student_position",), self.said.student_position, seated)

    def _position(self, position: Position, path: Path, seen: set[str]) -> None:
        if position.key in seen:
            self._wrong(
                (*path, "key"), f"the key {position.key!r} is used twice", f"键 {position.key!r} 重复"
            )
        seen.add(position.key)
        if position.kind == "instructor" and position.seats:
            self._wrong(
                (*path, "seats"),
                "students have no seat in the instructor's position",
                "教师岗位不能设置学生座位",
            )
        for index, child in enumerate(position.below):
            below = (*path, "below", index)
            if DEPTH[child.kind] < max(DEPTH[position.kind], 1):
                self._wrong(
                    (*below, "kind"),
                    f"a {child.kind} cannot stand below a {position.kind}",
                    f"{child.kind} 不能位于 {position.kind} 之下",
                )
            self._position(child, below, seen)

    def _groups(self) -> None:
        known = [position.key for position in self.said.positions.walk()]
        self._once("groups", [group.key for group in self.said.groups])
        for index, group in enumerate(self.said.groups):
            for at, key in enumerate(group.positions):
                self._known(("groups", index, "positions", at), key, known)

    def _codes(self) -> None:
        known = {(value.table, value.key) for value in standard_codes()}
        for index, change in enumerate(self.said.codes):
            path: Path = ("codes", index)
            self._known((*path, "table"), change.table, code_tables())
            if (change.table, change.key) not in known and change.label is None:
                self._wrong(
                    path, f"the new value {change.key!r} needs a label", f"新增的值 {change.key!r} 需要 label"
                )
            self._stage(change, path)

    def _stage(self, change: CodeChange, path: Path) -> None:
        """What only stages have, and what it names."""
        for name in change.about_stages if change.table != "stage" else ():
            self._wrong((*path, name), f"only stages have {name!r}", f"只有销售阶段才有 {name!r}")
        known = known_requirements(self.said.fields)
        for at, key in enumerate(change.requires or ()):
            self._known((*path, "requires", at), key, known)
        positions = [position.key for position in self.said.positions.walk()]
        for at, key in enumerate(change.notify or ()):
            self._known((*path, "notify", at), key, positions)

    def _fields(self) -> None:
        """Custom fields: known kinds, keys once, choices where they belong."""
        seen: set[tuple[str, str]] = set()
        for index, own in enumerate(self.said.fields):
            path: Path = ("fields", index)
            self._known((*path, "kind"), own.kind, KINDS)
            if (own.kind, own.key) in seen:
                self._wrong((*path, "key"), f"the key {own.key!r} is used twice", f"键 {own.key!r} 重复")
            seen.add((own.kind, own.key))
            if own.key.endswith(ENDS):
                ends = listed(ENDS)
                self._wrong((*path, "key"), f"a key does not end in {ends}", f"键不能以 {ends} 结尾")
            if (own.shape == "choice") != bool(own.choices):
                self._wrong(
                    path, "a choice, and nothing else, has choices", "只有 choice 必须且可以设置 choices"
                )
            keys = [choice.key for choice in own.choices]
            for at, key in enumerate(keys):
                if key in keys[:at]:
                    self._wrong((*path, "choices", at), f"the key {key!r} is used twice", f"键 {key!r} 重复")

    def _categories(self) -> None:
        parents = {category.key: category.parent for category in self.said.categories}
        self._once("categories", [category.key for category in self.said.categories])
        for index, category in enumerate(self.said.categories):
            path = ("categories", index, "parent")
            if category.parent is not None:
                self._known(path, category.parent, parents)
            if _goes_in_circles(category.key, parents):
                self._wrong(path, f"{category.key!r} is below itself", f"{category.key!r} 位于自身之下")

    def _products(self) -> None:
        categories = [category.key for category in self.said.categories]
        codes = [product.code for product in self.said.products]
        self._once("products", [product.key for product in self.said.products])
        for index, product in enumerate(self.said.products):
            path: Path = ("products", index)
            self._known((*path, "category"), product.category, categories)
            if product.code in codes[:index]:
                self._wrong(
                    (*path, "code"),
                    f"the code {product.code!r} is used twice",
                    f"产品编码 {product.code!r} 重复",
                )
            if product.floor_price > product.list_price:
                self._wrong((*path, "floor_price"), "the floor price is above the list price", "底价高于标价")
            if product.key in categories:
                self._wrong(
                    (*path, "key"),
                    f"{product.key!r} is a category too",
                    f"{product.key!r} 同时是产品类别的键",
                )

    def _hours(self) -> None:
        hours = self.said.company.working_hours
        path: Path = ("company", "working_hours")
        if not hours.days:
            self._wrong(path, "there must be a working day", "至少要有一个工作日")
        if hours.opens >= hours.closes:
            self._wrong(path, "work must begin before it ends", "上班时间必须早于下班时间")


def _goes_in_circles(key: str, parents: dict[str, str | None]) -> bool:
    seen = {key}
    above = parents.get(key)
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    return above == key
