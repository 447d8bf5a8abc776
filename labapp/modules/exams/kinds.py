"""The words an examination is written in: kinds of questions, when results are shown (002 §4-2)."""

SINGLE, MULTIPLE, TRUTH, NUMBER, TEXT = KINDS = ("single", "multiple", "truth", "number", "text")
AT_ONCE, RELEASED = "at_once", "released"
SHOWN = "exams.shown"  # the setting by which the menu knows that there are papers
