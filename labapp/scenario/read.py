"""Reading a scenario folder: everything that is wrong with it at once, or a scenario that can be opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from labapp import modules
from labapp.records.catalog import catalog_of
from labapp.scenario.check_records import ActChecker, RecordChecker, Tools, known_keys
from labapp.scenario.check_rubric import check_rubric
from labapp.scenario.check_structure import Structure
from labapp.scenario.check_values import ValueChecker
from labapp.scenario.codes import code_tables, codes_with
from labapp.scenario.messages import said as sentence
from labapp.scenario.problems import Place, Problems
from labapp.scenario.shape import ScenarioFile, Words
from labapp.scenario.shape_records import Act, Event, Given, RecordsFile, TimelineFile, WalkthroughFile
from labapp.scenario.words import KnownWords, words_of
from labapp.scenario.yamlfile import YamlFile, read_text, read_yaml

M = TypeVar("M", bound=BaseModel)
LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Scenario:
    """A scenario that was read and found right.

    `rubric` is the text of rubric.yaml, `brief` the introduction in Markdown by language, `acts` what the
    suite plays as the first student in `plays_as`.
    """

    folder: Path
    said: ScenarioFile
    records: tuple[Given, ...]
    events: tuple[Event, ...]
    plays_as: str
    acts: tuple[Act, ...]
    rubric: str
    brief: Mapping[str, str]

    @property
    def key(self) -> str:
        return self.said.key

    @property
    def title(self) -> Words:
        return self.said.title


def read_scenario(folder: Path, words: KnownWords | None = None) -> Scenario:
    """Read and check a scenario folder.

    `words` are the kinds, fields and verbs it may use; by default those of this program. Raises BadScenario
    with every mistake, each with file and line.
    """
    return _Reading(folder, words or words_of(catalog_of(modules))).scenario()


class _Reading:
    """One reading of one folder."""

    def __init__(self, folder: Path, words: KnownWords) -> None:
        self.folder = folder
        self.words = words
        self.problems = Problems()

    def scenario(self) -> Scenario:
        said = self._file("scenario.yaml", ScenarioFile)
        records = self._file("records.yaml", RecordsFile)
        timeline = (
            self._file("timeline.yaml", TimelineFile) if (self.folder / "timeline.yaml").exists() else None
        )
        walk = self._file("walkthrough.yaml", WalkthroughFile)
        briefs = {language: self._brief(f"brief.{language}.md") for language in LANGUAGES}
        rubric = check_rubric(self.folder, self.words, self.problems)
        if said is not None:
            self._structure(*said)
            self._references(said[0], records, timeline, walk)
        self.problems.stop_if_any()
        assert said is not None
        assert records is not None
        assert walk is not None
        events = timeline[0].events if timeline else ()
        position, acts = walk[0].position, walk[0].acts
        return Scenario(self.folder, said[0], records[0].records, events, position, acts, rubric, briefs)

    def _file(self, name: str, model: type[M]) -> tuple[M, YamlFile] | None:
        file = read_yaml(self.folder, name, self.problems)
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
        text = read_text(self.folder, name, self.problems)
        if text is not None and not text.strip():
            self.problems.add(Place(name, 1), "this brief is empty", "简介内容为空")
        return text or ""

    def _structure(self, said: ScenarioFile, file: YamlFile) -> None:
        if said.key != self.folder.resolve().name:
            name = self.folder.resolve().name
            place = file.place(("key",))
            self.problems.add(
                place,
                f"the folder is called {name!r}, the key {said.key!r}",
                f"文件夹名为 {name!r}，而键为 {said.key!r}",
            )
        Structure(said, file, self.problems).check()

    def _references(
        self,
        said: ScenarioFile,
        records: tuple[RecordsFile, YamlFile] | None,
        timeline: tuple[TimelineFile, YamlFile] | None,
        walk: tuple[WalkthroughFile, YamlFile] | None,
    ) -> None:
        tables: dict[str, list[str]] = {}
        for value in codes_with(change for change in said.codes if change.table in code_tables()):
            tables.setdefault(value.table, []).append(value.key)
        tools = Tools(said, self.words, ValueChecker(tables, self.problems), self.problems)
        given = records[0].records if records else ()
        keys = known_keys(said, given)
        if records:
            RecordChecker(tools, records[1], "records", keys).check(given)
        if timeline:
            events = timeline[0].events
            RecordChecker(tools, timeline[1], "events", keys | known_keys(said, events)).check(events)
        if walk and records:
            ActChecker(tools, walk[1], keys).check(walk[0].position, walk[0].acts)
