"""Say a field once: column, form input, list cell, filter, export column and log label follow from it."""

from dataclasses import field
from typing import Any

from sqlalchemy import JSON, Boolean, Date, DateTime, ForeignKey, Integer, Numeric, String, Text
from sqlalchemy.orm import mapped_column

from labapp.values import dataclass

SHORT, LONG = 255, 10_000
LINKS = {"link", "member"}
NUMERIC, DATED = frozenset({"money", "number", "percent"}), frozenset({"day", "moment"})
HANGING = {"related_kind", "related"}


@dataclass(frozen=True)
class Field:
    """What is known of one field. `name` is the column, `extra_KEY` for a custom one; `log` its name in the log.

    `aside`: not among the fields of the record's page; its template shows it, or only lists and reports need it.
    """

    name: str
    shape: str
    label: Any
    required: bool = False
    codes: str | None = None
    target: str | None = None
    search: bool = False
    on_create: bool = True
    on_edit: bool = True
    help: Any = None
    default: Any = None
    custom: bool = False
    aside: bool = False
    choices: tuple[tuple[str, Any], ...] = field(default=())

    @property
    def log(self) -> str:
        if self.custom:
            return f"extra.{self.name.removeprefix('extra_')}"
        return self.name.removesuffix("_id") if self.shape in LINKS or self.shape == "related" else self.name


def _column(shape: str, label: Any, sql: Any, *args: Any, **more: Any) -> Any:
    default = more.get("default")
    required = more.get("required", False)
    index = more.pop("index", False)
    made_later = {"server_default": more.pop("server_default")} if "server_default" in more else {}
    info = {"shape": shape, "label": label, **more}
    nullable = not required and shape not in {"check", "tags"}
    return mapped_column(sql, *args, nullable=nullable, default=default, info=info, index=index, **made_later)


def text(label: Any, **more: Any) -> Any:
    """One line of up to 255 characters."""
    return _column("text", label, String(SHORT), **more)


def prose(label: Any, **more: Any) -> Any:
    """Several lines, up to 10,000 characters."""
    return _column("prose", label, Text, **more)


def email(label: Any, **more: Any) -> Any:
    return _column("email", label, String(SHORT), **more)


def phone(label: Any, **more: Any) -> Any:
    return _column("phone", label, String(40), **more)


def mobile(label: Any, **more: Any) -> Any:
    """An 11-digit mobile number (003, template 1)."""
    return _column("mobile", label, String(40), **more)


def url(label: Any, **more: Any) -> Any:
    return _column("url", label, String(SHORT), **more)


def auto(label: Any, **more: Any) -> Any:
    """A number that the engine gives and nobody edits: C202609001."""
    return _column("auto", label, String(40), on_create=False, on_edit=False, **more)


def money(label: Any, **more: Any) -> Any:
    """An amount with two decimals, text in the log."""
    return _column("money", label, Numeric(14, 2), **more)


def number(label: Any, **more: Any) -> Any:
    return _column("number", label, Integer, **more)


def percent(label: Any, **more: Any) -> Any:
    """A whole number from 0 to 100."""
    return _column("percent", label, Integer, **more)


def day(label: Any, **more: Any) -> Any:
    return _column("day", label, Date, **more)


def moment(label: Any, **more: Any) -> Any:
    """A time on the lab clock."""
    return _column("moment", label, DateTime, **more)


def check(label: Any, **more: Any) -> Any:
    more.setdefault("default", False)
    return _column("check", label, Boolean, **more)


def choice(label: Any, codes: str, **more: Any) -> Any:
    """A key of a code table (product.md §6); the label shown comes from the table."""
    return _column("choice", label, String(60), codes=codes, **more)


def tags(label: Any, **more: Any) -> Any:
    """A list of short words. On a kind that got them later: server_default="[]"."""
    more["default"] = list
    return _column("tags", label, JSON, **more)


def data(label: Any, **more: Any) -> Any:
    """A list or mapping that only code writes."""
    more.setdefault("on_create", False)
    more.setdefault("on_edit", False)
    return _column("data", label, JSON, **more)


def link(label: Any, target: str, **more: Any) -> Any:
    """A link to a record of kind `target`; the column is called `<name>_id`."""
    return _column("link", label, Integer, ForeignKey(f"{target}.id"), target=target, **more)


def member(label: Any, **more: Any) -> Any:
    """A link to a membership; the log says the member's key."""
    return _column("member", label, Integer, ForeignKey("membership.id"), target="membership", **more)


def related_kind(label: Any, **more: Any) -> Any:
    """The kind of the record that a row hangs on; the column is called `related_kind`."""
    return _column("related_kind", label, String(60), on_edit=False, **more)


def related(label: Any, **more: Any) -> Any:
    """The record that a row hangs on, of the kind in `related_kind`; the column is called `related_id`."""
    return _column("related", label, Integer, on_edit=False, **more)


def fields_of(model: Any) -> dict[str, Field]:
    """The fields of a model by column name, in the order they are written."""
    return {c.key: Field(c.key, **c.info) for c in model.__table__.columns if "shape" in c.info}
