"""Whether exam.yaml agrees with itself, and whether the rubric names papers that exist (B12)."""

from collections.abc import Iterable, Sequence

from labapp.grading import Rubric
from labapp.grading.checks.answered import Answered
from labapp.modules.exams.kinds import MULTIPLE, NUMBER, SINGLE, TEXT, TRUTH
from labapp.modules.exams.shape import Exam, Paper, Question
from labapp.scenario.problems import Place, Problems, listed
from labapp.scenario.shape_records import Act
from labapp.scenario.yamlfile import YamlFile

FILE = "exam.yaml"
CHOICES = (SINGLE, MULTIPLE)
SITTING = "attempt.submit"
Path = tuple[int | str, ...]


class ExamChecker:
    """One check of one file; `problems` gets what is wrong."""

    def __init__(self, exam: Exam, file: YamlFile, problems: Problems) -> None:
        self.exam = exam
        self.file = file
        self.problems = problems

    def check(self) -> None:
        """Note everything that is wrong."""
        self._once("papers", [paper.key for paper in self.exam.papers])
        self._once("questions", [question.key for question in self.exam.questions])
        for index, paper in enumerate(self.exam.papers):
            self._paper(paper, ("papers", index))
        for index, question in enumerate(self.exam.questions):
            self._question(question, ("questions", index))
            if self.exam.topics and question.topic not in self.exam.topics:
                self._unknown(("questions", index, "topic"), question.topic, sorted(self.exam.topics))

    def _wrong(self, path: Path, en: str, zh: str) -> None:
        self.problems.add(self.file.place(path), en, zh)

    def _once(self, section: str, keys: list[str]) -> None:
        for index, key in enumerate(keys):
            if key in keys[:index]:
                self._wrong((section, index, "key"), f"the key {key!r} is used twice", f"键 {key!r} 重复")

    def _paper(self, paper: Paper, path: Path) -> None:
        """Topics with questions enough, each drawn once, in a time that is one."""
        stock: dict[str, int] = {}
        for question in self.exam.questions:
            stock[question.topic] = stock.get(question.topic, 0) + 1
        topics = [draw.topic for draw in paper.draw]
        for index, draw in enumerate(paper.draw):
            where: Path = (*path, "draw", index)
            if draw.topic not in stock:
                self._unknown((*where, "topic"), draw.topic, sorted(stock))
            elif draw.count > stock[draw.topic]:
                few = stock[draw.topic]
                self._wrong(
                    (*where, "count"),
                    f"the topic {draw.topic!r} has {few} questions, not {draw.count}",
                    f"主题 {draw.topic!r} 只有 {few} 道题，不足 {draw.count} 道",
                )
            if draw.topic in topics[:index]:
                self._wrong(
                    (*where, "topic"),
                    f"the topic {draw.topic!r} is drawn twice",
                    f"主题 {draw.topic!r} 重复抽取",
                )
        if paper.opens and paper.closes and _minute(paper.opens) >= _minute(paper.closes):
            self._wrong(
                (*path, "closes"), "a paper must open before it closes", "试卷的开放时间必须早于截止时间"
            )

    def _unknown(self, path: Path, key: str, possible: Iterable[str]) -> None:
        known = listed(possible)
        self._wrong(path, f"{key!r} is none of {known}", f"{key!r} 不在可选值之内：{known}")

    def _question(self, question: Question, path: Path) -> None:
        fitting = {SINGLE: "options", MULTIPLE: "options", TRUTH: "answer", NUMBER: "answer", TEXT: "accepts"}
        for name in ("options", "answer", "accepts"):
            value = getattr(question, name)
            given = value is not None and value != ()
            if name == fitting[question.kind] and not given:
                self._wrong(
                    path,
                    f"a question of kind {question.kind} needs {name!r}",
                    f"{question.kind} 题需要 {name!r}",
                )
            elif given and name != fitting[question.kind]:
                self._wrong(
                    (*path, name),
                    f"a question of kind {question.kind} has no {name!r}",
                    f"{question.kind} 题不能有 {name!r}",
                )
        self._answer(question, path)
        if question.kind in CHOICES and question.options:
            self._options(question, (*path, "options"))

    def _answer(self, question: Question, path: Path) -> None:
        is_truth = isinstance(question.answer, bool)
        if question.kind == TRUTH and question.answer is not None and not is_truth:
            self._wrong((*path, "answer"), "must be true or false", "必须是 true 或 false")
        if question.kind == NUMBER and is_truth:
            self._wrong((*path, "answer"), "must be a number", "必须是数字")
        if question.kind != NUMBER and question.tolerance:
            self._wrong((*path, "tolerance"), "only numbers have a tolerance", "只有数字题才有误差范围")

    def _options(self, question: Question, path: Path) -> None:
        keys = [option.key for option in question.options]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                self._wrong((*path, index, "key"), f"the key {key!r} is used twice", f"键 {key!r} 重复")
        right = len(question.right)
        if len(keys) < 2:
            self._wrong(path, "there must be two options at least", "至少要有两个选项")
        if question.kind == SINGLE and right != 1:
            self._wrong(
                path,
                f"exactly one option must be right, not {right}",
                f"必须恰好有一个正确选项，现有 {right} 个",
            )
        if question.kind == MULTIPLE and not right:
            self._wrong(path, "one option at least must be right", "至少要有一个正确选项")


def check_papers(rubric: Rubric, exam: Exam | None, problems: Problems) -> None:
    """The papers that `answered` names exist in exam.yaml."""
    known = [paper.key for paper in exam.papers] if exam else []
    for task in rubric.tasks:
        for line in task.lines:
            if isinstance(line.check, Answered) and line.check.paper not in known:
                paper, possible = line.check.paper, listed(known)
                problems.add(
                    Place("rubric.yaml", line.line),
                    f"exam.yaml has no paper {paper!r}; possible: {possible}",
                    f"exam.yaml 中没有试卷 {paper!r}；可选：{possible}",
                )


def check_sittings(acts: Sequence[Act], file: YamlFile, exam: Exam | None, problems: Problems) -> None:
    """The papers that the walkthrough sits exist in exam.yaml."""
    known = [paper.key for paper in exam.papers] if exam else []
    for index, act in enumerate(acts):
        if act.do != SITTING:
            continue
        paper = act.answers.get("paper")
        if paper is None:
            problems.add(
                file.place(("acts", index)),
                f"{SITTING} needs the answer 'paper'",
                f"{SITTING} 需要答案 'paper'",
            )
        elif paper not in known:
            possible = listed(known)
            problems.add(
                file.place(("acts", index, "answers", "paper")),
                f"{paper!r} is none of {possible}",
                f"{paper!r} 不在可选值之内：{possible}",
            )


def _minute(moment: str) -> tuple[int, str]:
    day, clock = moment.split(" ")
    return int(day[:-1]), clock
