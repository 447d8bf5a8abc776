"""Changing a scenario of one's own in the browser: by a form for what changes often, and every file as text (L1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional, ValidationError
from wtforms.widgets import DateTimeLocalInput

from instructor.common import answer_again, back_to, bp, staff_page
from instructor.scenario_view import volume_label
from instructor.scenarios import HERE, by, crumbs, lines
from labapp.access.errors import Invalid, NotFound, Stale
from labapp.grading.nodes import compose
from labapp.grading.times import lab_time
from labapp.late import Late
from labapp.people.words import language
from labapp.records.forms import IntegerField, LabForm, LongField, Needed, Pick, Typed
from labapp.scenario.files import OPTIONAL, REQUIRED, is_scenario_file
from labapp.scenario.kept import kept_texts
from labapp.scenario.models import ScenarioCopy
from labapp.scenario.problems import BadScenario

if TYPE_CHECKING:
    from labapp.scenario import copies, shape, yamlfile
else:
    copies, shape, yamlfile = (Late(f"labapp.scenario.{name}") for name in ("copies", "shape", "yamlfile"))

MOST_VOLUME = 500
MOST_TEXT = 500_000
Where = tuple[str, ...]
SAYS: dict[str, Where] = {
    "title_en": ("scenario.yaml", "title", "en"),
    "title_zh": ("scenario.yaml", "title", "zh"),
    "summary_en": ("scenario.yaml", "summary", "en"),
    "summary_zh": ("scenario.yaml", "summary", "zh"),
    "language": ("scenario.yaml", "language"),
    "starts_at": ("scenario.yaml", "starts_at"),
    "clock": ("scenario.yaml", "clock"),
    "days": ("scenario.yaml", "history", "days"),
    "due": ("rubric.yaml", "due"),
}
BRIEFS = {"brief_en": "brief.en.md", "brief_zh": "brief.zh.md"}
Volume = dict[str, str]


class Amount(IntegerField):
    """How many of a kind each seat gets."""

    def __init__(self, label: Any, **more: Any) -> None:
        super().__init__(label, [Needed()], shape="number", **more)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and not 0 <= self.data <= MOST_VOLUME:
            raise ValidationError(_("A whole number from 0 to %(most)s.", most=MOST_VOLUME))


class SettingsForm(LabForm):
    """What instructors change most; the volumes are added by `form_class`."""

    version = HiddenField()
    title_zh = Typed(_l("Title (Chinese)"), [Needed(), Length(max=200)])
    title_en = Typed(_l("Title (English)"), [Needed(), Length(max=200)])
    summary_zh = LongField(_l("Summary (Chinese)"), [Needed()], shape="prose")
    summary_en = LongField(_l("Summary (English)"), [Needed()], shape="prose")
    language = Pick(
        _l("Language of the invented data"),
        [Needed()],
        choices=[SelectChoice("zh", _l("Chinese")), SelectChoice("en", _l("English"))],
    )
    clock = Pick(
        _l("Sandbox clock"),
        [Needed()],
        choices=[SelectChoice("real", _l("Real time")), SelectChoice("stepped", _l("Stepped"))],
    )
    starts_at = Typed(_l("Begins at (lab time)"), [Needed()], shape="moment", widget=DateTimeLocalInput())
    days = IntegerField(_l("Days of history"), [Needed()], shape="number")
    due = Typed(
        _l("Tasks are due"),
        [Optional()],
        description=_l("Like +10d 18:00, counted from the beginning, or 2026-09-18T18:00:00. Empty: never."),
    )
    brief_zh = LongField(_l("Brief (Chinese)"), [Needed()], shape="prose", render_kw={"rows": 12})
    brief_en = LongField(_l("Brief (English)"), [Needed()], shape="prose", render_kw={"rows": 12})

    def validate_days(self, field: Any) -> None:
        if field.data is not None and not 1 <= field.data <= 366:
            raise ValidationError(_("A whole number from 1 to 366."))

    def validate_due(self, field: Any) -> None:
        try:
            if field.data:
                lab_time(field.data)
        except (ValueError, OverflowError):
            raise ValidationError(_("Write it like +10d 18:00 or 2026-09-18T18:00:00.")) from None

    def volumes(self) -> list[Any]:
        """The fields of the volumes."""
        return [self[f"volume_{name}"] for name in shape.Volumes.model_fields]


def form_class() -> type[SettingsForm]:
    """The form with a field for each volume, in the reader's language."""
    fields = {f"volume_{name}": Amount(volume_label(name)) for name in shape.Volumes.model_fields}
    return type("SettingsFormHere", (SettingsForm,), fields)


def standing(texts: Mapping[str, str]) -> dict[str, Any]:
    """What the form shows of these files."""
    said = copies.said_in(texts)
    found: dict[str, Any] = {
        "title_en": said.title.en,
        "title_zh": said.title.zh,
        "summary_en": said.summary.en,
        "summary_zh": said.summary.zh,
        "language": said.language,
        "clock": said.clock,
        "starts_at": said.starts_at,
        "days": said.history.days,
        "due": due_in(texts["rubric.yaml"]),
    }
    found |= {f"volume_{name}": getattr(said.volumes, name) for name in shape.Volumes.model_fields}
    return found | {name: texts[file].rstrip() for name, file in BRIEFS.items()}


def due_in(rubric: str) -> str:
    """The due time as the rubric writes it; '' for none."""
    root, _wrong = compose(rubric)
    data = yamlfile.YamlFile("rubric.yaml", root).data if root is not None else {}
    return str(data.get("due") or "")


def settled(texts: Mapping[str, str], form: SettingsForm) -> dict[str, str]:
    """The files with what was typed; what did not move stays byte for byte as it was."""
    before = standing(texts)
    moved = {
        name: form[name].data
        for name in before
        if (form[name].data or None) != (before[name] or None) and name in form
    }
    said: dict[Where, Any] = {SAYS[name]: _plain(moved[name]) for name in SAYS if name in moved}
    for name in shape.Volumes.model_fields:
        if f"volume_{name}" in moved:
            said["scenario.yaml", "volumes", name] = moved[f"volume_{name}"] or 0
    after = copies.with_settings(texts, said)
    for name, file in BRIEFS.items():
        if name in moved:
            after[file] = lf(moved[name])
    return after


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if hasattr(value, "isoformat") else value or None


def lf(typed: str) -> str:
    """The text as it is kept: line ends of one sort, one at the end. Browsers send CRLF."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    return f"{text}\n" if text else ""


def own(key: str) -> tuple[ScenarioCopy, Mapping[str, str]]:
    """A copy that the account may change, and its files. Raises NotFound, Refused."""
    copy = copies.editable(g.account, key)
    return copy, kept_texts(copy.sha256).texts


@bp.get("/scenarios/<scenario_key>/edit")
@staff_page("scenarios")
def scenario_settings(scenario_key: str) -> ResponseReturnValue:
    """What is changed most, as a form."""
    copy, texts = own(scenario_key)
    return settings_page(copy, form_class()(None, data={**standing(texts), "version": copy.version}))


def settings_page(copy: ScenarioCopy, form: SettingsForm, **more: Any) -> str:
    g.form_sandbox = None
    return render_template(
        "instructor/scenario_edit.html",
        copy=copy,
        form=form,
        files=file_names(kept_texts(copy.sha256).texts),
        crumbs=crumbs(copy.key, f"{HERE}/{copy.key}", (_("Edit"), None)),
        **more,
    )


@bp.post("/scenarios/<scenario_key>/edit")
@staff_page("scenarios")
def scenario_settle(scenario_key: str) -> ResponseReturnValue:
    """Save the form: all of it, or nothing and every mistake named."""
    copy, texts = own(scenario_key)
    form = form_class()(request.form)
    sentence = _("Nothing was saved. Please correct what is marked.")
    if not form.validate():
        return answer_again(Invalid(sentence), settings_page(copy, form))
    try:
        after = settled(texts, form)
        moved = {name: text for name, text in after.items() if texts.get(name) != text}
        copies.save(by(), scenario_key, version_of(form.version.data), moved)
    except BadScenario as bad:
        return answer_again(Invalid(sentence), settings_page(copy, form, problems=lines(bad)))
    except Stale as stale:
        form.version.data = str(copy.version)
        return answer_again(stale, settings_page(copy, form, stale=standing(texts)))
    return back_to(f"{HERE}/{scenario_key}/edit", _("The scenario is saved."))


def version_of(typed: Any) -> int:
    return int(typed) if str(typed).isdecimal() and len(str(typed)) < 10 else 0


# -- every file as text ----------------------------------------------------------------------------


def file_names(texts: Mapping[str, str]) -> list[tuple[str, bool]]:
    """(file, whether it is there) of what may be edited."""
    names = (*REQUIRED[:3], *OPTIONAL, *REQUIRED[3:])
    more = sorted(set(texts) - set(names))
    return [(name, name in texts) for name in (*names, *more)]


def file_or_404(texts: Mapping[str, str], name: str) -> str:
    """The text of a file, '' for one that may be added. Raises NotFound."""
    if name not in texts and not (is_scenario_file(name) and name in OPTIONAL):
        raise NotFound(_("A scenario has no such file."))
    return texts.get(name, "")


@bp.get("/scenarios/<scenario_key>/files/<file_name>")
@staff_page("scenarios")
def scenario_file(scenario_key: str, file_name: str) -> ResponseReturnValue:
    """One file as text."""
    copy, texts = own(scenario_key)
    return file_page(copy, file_name, file_or_404(texts, file_name))


def file_page(copy: ScenarioCopy, name: str, text: str, **more: Any) -> str:
    g.form_sandbox = None
    texts = kept_texts(copy.sha256).texts
    return render_template(
        "instructor/scenario_file.html",
        copy=copy,
        name=name,
        text=text,
        files=file_names(texts),
        required=name in REQUIRED,
        crumbs=crumbs(copy.key, f"{HERE}/{copy.key}", (name, None)),
        **more,
    )


@bp.post("/scenarios/<scenario_key>/files/<file_name>")
@staff_page("scenarios")
def scenario_write(scenario_key: str, file_name: str) -> ResponseReturnValue:
    """Save one file; the scenario is checked as a whole first, and what was typed stays where it has mistakes."""
    copy, texts = own(scenario_key)
    file_or_404(texts, file_name)
    text = lf(request.form.get("text", ""))
    if len(text) > MOST_TEXT:
        too_long = _("At most %(most)s characters.", most=f"{MOST_TEXT:,}")
        return answer_again(Invalid(too_long), file_page(copy, file_name, text, sentence=too_long))
    try:
        copies.save(by(), scenario_key, version_of(request.form.get("version")), {file_name: text})
    except BadScenario as bad:
        sentence = _("Nothing was saved. Correct these mistakes; your text is kept below.")
        page = file_page(copy, file_name, text, sentence=sentence, problems=marks(bad, file_name))
        return answer_again(Invalid(sentence), page)
    except Stale as stale:
        newest = texts.get(file_name, "")
        return answer_again(stale, file_page(copy, file_name, text, sentence=str(stale), newest=newest))
    return back_to(f"{HERE}/{scenario_key}/files/{file_name}", _("%(file)s is saved.", file=file_name))


def marks(bad: BadScenario, name: str) -> list[tuple[str, int, str, bool]]:
    """The mistakes as (file, line, sentence, whether it is this file), those of this file first."""
    word = language()
    found = [(p.file, p.line, str(getattr(p.text, word)), p.file == name) for p in bad.problems]
    return sorted(found, key=lambda mark: not mark[3])
