"""Reading a scenario folder: everything that is wrong with it at once, or a scenario that can be opened."""

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from labapp import modules
from labapp.grading import Rubric
from labapp.modules.exams.shape import Exam
from labapp.records.catalog import catalog_of
from labapp.scenario.check_exam import ExamChecker, check_papers, check_sittings
from labapp.scenario.check_records import ActChecker, RecordChecker, known_keys
from labapp.scenario.check_rubric import check_rubric
from labapp.scenario.check_rubric_codes import check_codes
from labapp.scenario.check_structure import Structure
from labapp.scenario.check_timeline import TimelineChecker, keys_of_events
from labapp.scenario.check_tools import Tools
from labapp.scenario.check_values import ValueChecker
from labapp.scenario.codes import code_tables, codes_with
from labapp.scenario.files import OPTIONAL, REQUIRED, Files, as_files, is_scenario_file
from labapp.scenario.messages import said as sentence
from labapp.scenario.problems import Place, Problems
from labapp.scenario.shape import ScenarioFile, Words
from labapp.scenario.shape_records import Act, Given, RecordsFile, WalkthroughFile
from labapp.scenario.shape_timeline import Event, TimelineFile
from labapp.scenario.words import KnownWords, words_of
from labapp.scenario.yamlfile import YamlFile, read_text, read_yaml
from labapp.values import dataclass

M = TypeVar("M", bound=BaseModel)
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Scenario:
    """A scenario that was read and found right.

    `rubric` is the text of rubric.yaml, `brief` the introduction in Markdown by language, `acts` what the
    suite plays as the first student in `plays_as`. `texts` are all its files as they were read, by name.
    """

    files: Files
    said: ScenarioFile
    records: tuple[Given, ...]
    events: tuple[Event, ...]
    plays_as: str
    acts: tuple[Act, ...]
    rubric: str
    brief: Mapping[str, str]
    exam: Exam | None = None
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.said.key

    @property
    def title(self) -> Words:
        return self.said.title

    @property
    def student_position(self) -> str:
        """The key of the position of the only student of a sandbox (mode individual)."""
        return self.said.student_position or self.plays_as


def read_scenario(
    source: Path | Files, words: KnownWords | None = None, *, trusted: bool = False
) -> Scenario:
    """Read and check a scenario: a folder, or files that are kept.

    `words` are the kinds, fields and verbs it may use; by default those of this program. `trusted`: it was checked
    when it was kept, perhaps by an earlier version; only its shape is read. Raises BadScenario with every mistake,
    each with file and line.
    """
    reading = _Reading(as_files(source), words or words_of(catalog_of(modules)))
    return reading.trusted() if trusted else reading.checked()


class _Reading:
    """One reading of one scenario."""

    def __init__(self, files: Files, words: KnownWords) -> None:
        self.files = files
        self.words = words
        self.problems = Problems()
        self.texts: dict[str, str] = {}

    def checked(self) -> Scenario:
        """The scenario with everything it names held against what there is."""
        read = self._parts()
        text, rubric = check_rubric(self.files, self.words, self.problems)
        if read.said is not None:
            self._structure(*read.said)
            tools = self._references(read.said[0], read)
            if rubric is not None:
                check_codes(rubric, tools)
        if read.exam:
            ExamChecker(*read.exam, self.problems).check()
        if read.exam or not self._has("exam.yaml"):
            self._papers(rubric, read)
        self._names()
        return self._whole(read, text)

    def _papers(self, rubric: Rubric | None, read: "_Parts") -> None:
        """What rubric and walkthrough say of the examination."""
        exam = read.exam[0] if read.exam else None
        if rubric is not None:
            check_papers(rubric, exam, self.problems)
        if read.walk is not None:
            check_sittings(read.walk[0].acts, read.walk[1], exam, self.problems)

    def trusted(self) -> Scenario:
        """The scenario as its shape is."""
        return self._whole(self._parts(), self._text("rubric.yaml") or "")

    def _parts(self) -> "_Parts":
        return _Parts(
            self._file("scenario.yaml", ScenarioFile),
            self._file("records.yaml", RecordsFile),
            self._file("timeline.yaml", TimelineFile) if self._has("timeline.yaml") else None,
            self._file("walkthrough.yaml", WalkthroughFile),
            self._file("exam.yaml", Exam) if self._has("exam.yaml") else None,
            {language: self._brief(f"brief.{language}.md") for language in LANGUAGES},
        )

    def _whole(self, read: "_Parts", rubric: str) -> Scenario:
        """Everything together. Raises BadScenario if anything was noted."""
        self.problems.stop_if_any()
        for name in self.files.names():
            if is_scenario_file(name) and name not in self.texts:
                self._text(name)
        self.problems.stop_if_any()
        assert read.said is not None
        assert read.records is not None
        assert read.walk is not None
        return Scenario(
            self.files,
            read.said[0],
            read.records[0].records,
            read.timeline[0].events if read.timeline else (),
            read.walk[0].position,
            read.walk[0].acts,
            rubric,
            read.briefs,
            read.exam[0] if read.exam else None,
            self.texts,
        )

    def _has(self, name: str) -> bool:
        return name in self.files.names()

    def _text(self, name: str) -> str | None:
        text = read_text(self.files, name, self.problems)
        if text is not None:
            self.texts[name] = text
        return text

    def _names(self) -> None:
        """A file that nobody reads is a mistake: `timeline.yml` for `timeline.yaml`."""
        possible = ", ".join((*REQUIRED, *OPTIONAL))
        for name in self.files.names():
            if name.lower().endswith((".yaml", ".yml")) and not is_scenario_file(name):
                self.problems.add(
                    Place(name, 1),
                    f"no scenario has such a file; possible: {possible}",
                    f"场景中没有这样的文件；可用：{possible}",
                )

    def _file(self, name: str, model: type[M]) -> tuple[M, YamlFile] | None:
        file = read_yaml(self.files, name, self.problems)
        if file is None:
            return None
        try:
            return model.model_validate(file.data), file
        except ValidationError as invalid:
            for error in invalid.errors():
                text = sentence(error)
                self.problems.add(file.place(error["loc"]), text.en, text.zh)
            return None

    def _brief(self, name: str) -> str:
        text = self._text(name)
        if text is not None and not text.strip():
            self.problems.add(Place(name, 1), "this brief is empty", "简介内容为空")
        return text or ""

    def _structure(self, said: ScenarioFile, file: YamlFile) -> None:
        if self.files.name and said.key != self.files.name:
            name = self.files.name
            place = file.place(("key",))
            self.problems.add(
                place,
                f"the folder is called {name!r}, the key {said.key!r}",
                f"文件夹名为 {name!r}，而键为 {said.key!r}",
            )
        Structure(said, file, self.problems).check()

    def _references(self, said: ScenarioFile, read: "_Parts") -> Tools:
        tables: dict[str, list[str]] = {}
        for value in codes_with(change for change in said.codes if change.table in code_tables()):
            tables.setdefault(value.table, []).append(value.key)
        tools = Tools(said, self.words, ValueChecker(tables, self.problems), self.problems)
        given = read.records[0].records if read.records else ()
        keys = known_keys(said, given)
        if read.records:
            RecordChecker(tools, read.records[1], "records", keys).check(given)
        events = read.timeline[0].events if read.timeline else ()
        if read.timeline:
            known = keys | keys_of_events(events)
            TimelineChecker(tools, read.timeline[1], "events", known).check_events(events)
        if read.walk and read.records:
            acts = ActChecker(tools, read.walk[1], keys | keys_of_events(events))
            acts.check(read.walk[0].position, read.walk[0].acts)
        return tools


@dataclass(frozen=True)
class _Parts:
    """What was read of each file, with the file that says where it stands; None for what could not be read."""

    said: tuple[ScenarioFile, YamlFile] | None
    records: tuple[RecordsFile, YamlFile] | None
    timeline: tuple[TimelineFile, YamlFile] | None
    walk: tuple[WalkthroughFile, YamlFile] | None
    exam: tuple[Exam, YamlFile] | None
    briefs: Mapping[str, str]
