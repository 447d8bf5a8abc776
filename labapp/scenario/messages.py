"""What pydantic found, said to a person in both languages."""

from collections.abc import Callable, Mapping
from typing import Any

from labapp.grading.text import Text

Say = Callable[[Mapping[str, Any], Any], Text]


def _missing(_context: Mapping[str, Any], _given: Any) -> Text:
    return Text("must be given", "必须填写")


def _unknown(_context: Mapping[str, Any], _given: Any) -> Text:
    return Text("is not known here", "此处没有这个键")


def _not_one_of(context: Mapping[str, Any], given: Any) -> Text:
    possible = str(context["expected"]).replace(" or ", ", ")
    return Text(f"{given!r} is none of {possible}", f"{given!r} 不在可选值之内：{possible}")


def _no_text(_context: Mapping[str, Any], _given: Any) -> Text:
    return Text("must be text (in quotes where it looks like a number)", "必须是文本（形似数字时请加引号）")


def _empty(_context: Mapping[str, Any], _given: Any) -> Text:
    return Text("must not be empty", "不能为空")


def _no_match(context: Mapping[str, Any], given: Any) -> Text:
    like = LIKE.get(context["pattern"], Text(context["pattern"], context["pattern"]))
    return Text(f"{given!r} does not look like {like.en}", f"{given!r} 不符合格式，应为{like.zh}")


def _key(most: int, example: str) -> Text:
    return Text(
        f"a key such as {example}: a small letter, then small letters, digits and underscores, at most {most} in all",
        f"形如 {example} 的键：以小写字母开头，只含小写字母、数字和下划线，最多 {most} 个字符",
    )


LIKE = {
    r"^[a-z][a-z0-9_]{0,59}$": _key(60, "first_lead"),
    r"^[a-z][a-z0-9_]{0,39}$": _key(40, "sales_lead"),
    r"^[a-z][a-z0-9-]{0,59}$": Text(
        "a name such as sales-basics: a small letter, then small letters, digits and hyphens, at most 60 in all",
        "形如 sales-basics 的名称：以小写字母开头，只含小写字母、数字和连字符，最多 60 个字符",
    ),
    r"^[a-z][a-z0-9_.]*$": Text(
        "a setting such as service.response_hours.high", "形如 service.response_hours.high 的设置项"
    ),
    r"^([01]\d|2[0-3]):[0-5]\d$": Text("a time of day such as 09:30", "形如 09:30 的时刻"),
    r"^[+-]\d{1,4}d ([01]\d|2[0-3]):[0-5]\d$": Text(
        "a moment such as +3d 09:30, so many days after the first and a time of day",
        "形如 +3d 09:30 的时间，即第一天之后第几天的几点几分",
    ),
    r"^[A-Z]{3}$": Text("a currency of three capital letters such as CNY", "三个大写字母的货币代码，如 CNY"),
    r"^(19|20)\d\dQ[1-4]$": Text("a quarter such as 2026Q3", "形如 2026Q3 的季度"),
    r"^[a-z_]+\.[a-z_]+$": Text("an act such as lead.convert", "形如 lead.convert 的操作"),
    r"^/[\w/.?=&{}-]*$": Text("an address of the site such as /leads/", "形如 /leads/ 的站内地址"),
}


def _no_mapping(_context: Mapping[str, Any], _given: Any) -> Text:
    return Text("must be a mapping of keys and values", "必须是键值映射")


def _no_list(_context: Mapping[str, Any], _given: Any) -> Text:
    return Text("must be a list", "必须是列表")


def _own(context: Mapping[str, Any], _given: Any) -> Text:
    why = str(context["error"])
    return Text(why, OWN_IN_CHINESE.get(why, why))


OWN_IN_CHINESE = {
    "lab time has no zone": "实验时间不带时区",
    "exactly one of key, find and last": "key、find、last 必须且只能填写一个",
    "exactly one of kind, changes, quiet and quarter_ends, or tell alone": (
        "kind、changes、quiet、quarter_ends 只能填写一个，或只填写 tell"
    ),
    "owner, links and invent go with what arrives, values with what arrives or changes": (
        "owner、links、invent 只用于到来的记录（kind），values 只用于到来或变化的记录"
    ),
    "a form needs the page it is on: look": "form 必须与所在页面 look 一起填写",
    "exactly one of do, open, look and advance": "do、open、look、advance 必须且只能填写一个",
}
BY_TYPE: dict[str, Say] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
    "literal_error": _not_one_of,
    "string_type": _no_text,
    "string_too_short": _empty,
    "string_pattern_mismatch": _no_match,
    "model_type": _no_mapping,
    "model_attributes_type": _no_mapping,
    "dict_type": _no_mapping,
    "tuple_type": _no_list,
    "value_error": _own,
}


def said(error: Mapping[str, Any]) -> Text:
    """One error of `ValidationError.errors()` as a sentence that begins with what it is about."""
    say = BY_TYPE.get(error["type"])
    about = ".".join(str(part) for part in error["loc"] if part != "[key]") or "the file"
    given = error.get("input")
    if say is None:
        text = Text(
            f"{given!r}: {error['msg'][:1].lower()}{error['msg'][1:]}",
            f"{given!r} 不是有效的值（{error['msg']}）",
        )
    else:
        text = say(error.get("ctx", {}), given)
    return Text(f"{about}: {text.en}", f"{about}：{text.zh}")
