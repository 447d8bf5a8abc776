"""What is wrong with a text that is no YAML: in words for the common slips, else as the parser says it."""

from typing import Any

from labapp.grading.problems import Problem
from labapp.grading.text import Text

# How what the parser says begins, and what a person is told instead. {line}: where the open thing begins.
_COMMON = {
    "mapping values are not allowed here": Text(
        "no ':' can stand here; look at the indentation, and put a text with ': ' in quotes",
        "此处不应有冒号；请检查缩进，含有“: ”的文本要加引号",
    ),
    "could not find expected ':'": Text(
        "the ':' of the key on line {line} is missing", "第 {line} 行的键后面缺少冒号"
    ),
    "expected <block end>, but found '<scalar>'": Text(
        "there is something behind a text in quotes; a quote within it is written twice",
        "引号括起的文本后面还有内容；文本中的引号要写两次",
    ),
    "expected <block end>, but found '?'": Text(
        "a key stands in a list, or its indentation is not that of the line before",
        "列表中出现了键，或缩进与前面的行不一致",
    ),
    "expected <block end>": Text("the indentation is not that of the lines before", "缩进与前面的行不一致"),
    "expected ',' or ']'": Text(
        "the '[' of line {line} is not closed, or a comma is missing", "第 {line} 行的“[”没有闭合，或缺少逗号"
    ),
    "expected ',' or '}'": Text(
        "the '{' of line {line} is not closed, a comma is missing, or a text with ': ' needs quotes",
        "第 {line} 行的“{”没有闭合、缺少逗号，或含有“: ”的文本没有加引号",
    ),
    "found character '\\t'": Text("a tab; indent with spaces", "出现制表符；请用空格缩进"),
    "found character": Text(
        "no value begins with this character; put the text in quotes", "值不能以这个字符开头；请给文本加引号"
    ),
    "found unexpected end of stream": Text(
        "a text in quotes that begins here does not end", "此处开始的引号没有闭合"
    ),
    "found unknown escape character": Text(
        "in double quotes a backslash has a meaning of its own; take single quotes",
        "双引号中的反斜杠有特殊含义；请改用单引号",
    ),
    "sequence entries are not allowed here": Text(
        "no list can begin here: a '-' begins a line of its own", "列表不能从此处开始：“-”要另起一行"
    ),
    "expected the node content": Text(
        "a value is missing, or a bracket is too much", "缺少值，或多了一个括号"
    ),
    "expected alphabetic or numeric character": Text(
        "a text that begins with '*' or '&' needs quotes", "以“*”或“&”开头的文本要加引号"
    ),
    "special characters are not allowed": Text("a character that nobody can see", "出现不可见的控制字符"),
}


def broken(error: Any, text: str) -> Problem:
    """What the parser's error says of this text, with the line to look at."""
    why = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error).splitlines()[0]
    line = _line(getattr(error, "problem_mark", None)) or _line_at(text, getattr(error, "position", 0))
    began = _line(getattr(error, "context_mark", None)) or line
    said = next((words for begins, words in _COMMON.items() if why.startswith(begins)), Text(why, why))
    en, zh = (words.replace("{line}", str(began)) for words in (said.en, said.zh))
    at = began if "end of stream" in why else line  # an open quote is closed by nothing up to the end
    return Problem(at, Text(f"no YAML: {en}", f"不是有效的 YAML：{zh}"))


def _line(mark: Any) -> int | None:
    return mark.line + 1 if mark is not None else None


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
