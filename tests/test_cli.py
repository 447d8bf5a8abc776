"""The command line: exit 0 done, 1 failed with a sentence on standard error, 2 wrong usage."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text, update

from labapp.app import create_app
from labapp.cli import COMMANDS, labapp
from labapp.db import db
from labapp.db.migrate import create_all
from labapp.people.addresses import account_to_reset
from labapp.people.models import SIMULATED, Account, Membership
from labapp.records.work import writing
from tests import world

Call = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty LABAPP_DATA, in a terminal that speaks English."""
    for name in ("LABAPP_DATABASE_URL", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LABAPP_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def call(folder: Path) -> Call:
    """call("log", "export", …): what the command says, and its exit code."""

    def run(*arguments: object) -> Result:
        return CliRunner().invoke(labapp, [str(argument) for argument in arguments], prog_name="labapp")

    return run


@pytest.fixture
def site(folder: Path) -> Iterator[Flask]:
    """An installation with the cast in it, in the folder that the commands use."""
    app = create_app(extensions=())
    with app.app_context():
        create_all()
        world.build()
        db.session.remove()
    yield app
    with app.app_context():
        db.engine.dispose()


def every_command() -> Iterator[list[str]]:
    for name in COMMANDS:
        yield [name]
        command = labapp.get_command(None, name)  # type: ignore[arg-type]
        for part in getattr(command, "late", None) or getattr(command, "commands", {}):
            yield [name, part]


@pytest.mark.parametrize("command", list(every_command()), ids=" ".join)
def test_every_command_explains_itself_without_a_database(
    call: Call, folder: Path, command: list[str]
) -> None:
    answer = call(*command, "--help")
    assert answer.exit_code == 0, answer.output
    assert answer.stdout.startswith(f"Usage: labapp {' '.join(command)}")
    assert not folder.exists()


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["log", "export"], ["run", "--fresh"], ["user", "add", "x"]]
)
def test_wrong_usage_is_two(call: Call, arguments: list[str]) -> None:
    answer = call(*arguments)
    assert answer.exit_code == 2
    assert answer.stdout == ""


# -- the database ------------------------------------------------------------------------------------------


def test_init_makes_the_database_once(call: Call, folder: Path) -> None:
    assert "is ready" in call("init").stdout
    assert (folder / "labapp.sqlite").exists()
    assert "up to date already" in call("init").stdout


def test_other_commands_make_it_where_it_is_absent(call: Call, folder: Path) -> None:
    assert call("sandbox", "list").exit_code == 0
    assert (folder / "labapp.sqlite").exists()


@pytest.mark.parametrize(("revision", "told"), [("0000", "labapp init"), ("9999", "newer version")])
def test_database_of_another_version_is_refused(call: Call, site: Flask, revision: str, told: str) -> None:
    with site.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": revision})
        if revision > "1":  # and it has taken something away
            connection.execute(text("UPDATE schema_floor SET revision = :number"), {"number": revision})
    answer = call("sandbox", "list")
    assert answer.exit_code == 1
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


def test_terminal_in_chinese_is_answered_in_chinese(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert re.search(r"[\u4e00-\u9fff]", call("init").stdout)


# -- what touches no database ------------------------------------------------------------------------------


def test_kinds_prints_kinds_with_verbs_and_fields(call: Call, folder: Path) -> None:
    lines = call("kinds").stdout.splitlines()
    at = lines.index("lead")
    assert {"create", "convert", "qualify"} <= set(lines[at + 1].split())
    assert {"owner", "status"} <= set(lines[at + 2].split())
    assert not (folder / "labapp.sqlite").exists()


def test_log_file_is_verified_without_a_database(call: Call, folder: Path, tmp_path: Path) -> None:
    good = tmp_path / "log.jsonl"
    good.write_text('{"log": 1, "starts_at": "2026-09-07T09:00:00", "members": []}\n', "utf-8")
    assert call("log", "verify", good).exit_code == 0
    good.write_text("nonsense\n", "utf-8")
    assert call("log", "verify", good).exit_code == 1
    assert not (folder / "labapp.sqlite").exists()


# -- log and sandboxes -------------------------------------------------------------------------------------


def test_exported_log_is_whole_and_so_is_the_sandbox(call: Call, site: Flask, tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    assert "steps" in call("log", "export", "autumn-a", file).stdout
    assert call("log", "verify", file).exit_code == 0
    answer = call("log", "verify", "autumn-a")
    assert answer.exit_code == 0, answer.stderr
    assert answer.stdout.startswith("autumn-a: ")


def test_verify_names_what_does_not_agree(call: Call, site: Flask) -> None:
    with site.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE membership SET role = 'instructor' WHERE key = 's002'"))
    answer = call("log", "verify", "autumn-a")
    assert answer.exit_code == 1
    assert "role is 'instructor' in its table and 'student' in the log" in answer.stderr


def test_log_goes_into_a_folder_too(call: Call, site: Flask, tmp_path: Path) -> None:
    call("log", "export", "autumn-a", tmp_path)
    assert (tmp_path / "autumn-a.jsonl").exists()


def test_unknown_name_is_a_sentence(call: Call, site: Flask, tmp_path: Path) -> None:
    answer = call("log", "export", "nowhere", tmp_path / "x")
    assert (answer.exit_code, answer.stderr.strip()) == (
        1,
        "There is no course and no sandbox called nowhere.",
    )


def test_list_shows_members_and_steps(call: Call, site: Flask) -> None:
    head, row = call("sandbox", "list").stdout.splitlines()
    assert head.split()[:2] == ["NAME", "COURSE"]
    assert row.split()[:5] == ["autumn-a", "autumn-a", "class", "open", "7"]


def test_list_counts_people_and_not_who_is_simulated(call: Call, site: Flask) -> None:
    with site.app_context(), writing():
        db.session.execute(update(Membership).where(Membership.key == "s003").values(state=SIMULATED))
    assert call("sandbox", "list").stdout.splitlines()[1].split()[4] == "6"


def test_scenarios_are_listed(call: Call) -> None:
    assert "sales-basics  First week in sales" in call("scenario", "list").stdout


def test_unknown_scenario_names_those_there_are(call: Call) -> None:
    answer = call("scenario", "open", "nothing", "--name", "a", "--seed", 1)
    assert answer.exit_code == 1
    assert "sales-basics" in answer.stderr


def test_scenario_opens_on_sqlite(call: Call, tmp_path: Path) -> None:
    from_scenario_to_backup(call, tmp_path)


def test_scenario_opens_on_postgresql(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres_database: Callable[[str], str]
) -> None:
    monkeypatch.setenv("LABAPP_DATABASE_URL", postgres_database("labapp_cli"))
    from_scenario_to_backup(call, tmp_path)


def from_scenario_to_backup(call: Call, tmp_path: Path) -> None:
    """Open, prove, write out, back up, restore, prove again."""
    opening = ("sales-basics", "--name", "autumn-b", "--seed", 7, "--students", 2, "--language", "zh")
    for arguments in (
        ("scenario", "open", *opening),
        ("log", "verify", "autumn-b"),
        ("log", "export", "autumn-b", tmp_path / "log.jsonl"),
        ("log", "verify", tmp_path / "log.jsonl"),
        ("backup", tmp_path / "b.zip"),
        ("restore", tmp_path / "b.zip"),
        ("log", "verify", "autumn-b"),
        ("tick",),
    ):
        answer = call(*arguments)
        assert answer.exit_code == 0, f"{arguments}: {answer.output}"
    again = call("scenario", "open", *opening)
    assert again.exit_code == 1
    assert "already" in again.stderr


# -- people ------------------------------------------------------------------------------------------------


def test_added_instructor_sets_a_password_at_the_printed_address(call: Call, site: Flask) -> None:
    answer = call(
        "user", "add", "20260001", "--name", "Ming", "--email", "ming@school.test", "--role", "instructor"
    )
    token = answer.stdout.split("/reset/")[1].strip()
    with site.app_context():
        account = account_to_reset(token)
        assert account is not None
        assert (account.number, account.email, account.instructor) == ("20260001", "ming@school.test", True)
        assert not account.administrator


def test_login_that_is_taken_is_refused(call: Call, site: Flask) -> None:
    answer = call("user", "add", "ben@school.test", "--name", "Other")
    assert answer.exit_code == 1
    assert "already" in answer.stderr


def test_email_that_is_none_is_wrong_usage(call: Call, site: Flask) -> None:
    assert call("user", "add", "ben@", "--name", "Ben").exit_code == 2


def test_password_prints_a_one_time_address(call: Call, site: Flask) -> None:
    assert "/reset/" in call("user", "password", "ben@school.test").stdout
    assert call("user", "password", "nobody@school.test").exit_code == 1


def test_somebody_is_taken_in_by_position_name(call: Call, site: Flask) -> None:
    with site.app_context(), writing():
        db.session.add(Account(name="Fay", email="fay@school.test"))
    answer = call("user", "approve", "autumn-a", "fay@school.test", "--position", "class_b/sales_b/staff_b")
    assert answer.stdout.strip() == "Fay is s005."
    with site.app_context():
        seat = db.session.query(Membership).filter_by(key="s005").one()
        assert (seat.role, seat.state) == ("student", "active")
    assert call("log", "verify", "autumn-a").exit_code == 0
    again = call("user", "approve", "autumn-a", "fay@school.test", "--position", "staff_b")
    assert again.exit_code == 1
    assert "already" in again.stderr


def test_position_that_is_not_there_is_a_sentence(call: Call, site: Flask) -> None:
    answer = call("user", "approve", "autumn-a", "ben@school.test", "--position", "nowhere")
    assert (answer.exit_code, answer.stderr.strip()) == (1, "There is no position called nowhere.")


# -- the server --------------------------------------------------------------------------------------------


def started(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from labapp.cli import main; main()", "run", *arguments]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )


def said_until(server: subprocess.Popen[str], last: str) -> list[str]:
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line.rstrip())
        if last in line:
            return lines
    raise AssertionError(f"it ended: {lines} {server.stderr and server.stderr.read()}")


def test_first_start_prints_where_the_administrator_is_made_and_takes_the_next_port(folder: Path) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = taken.getsockname()[1]
    server = started("--port", str(port))
    try:
        lines = said_until(server, "Ctrl-C")
        address = next(line.strip() for line in lines if "/setup/" in line)
        with urllib.request.urlopen(address, timeout=20) as page:
            assert page.status == 200
        assert f":{port}/" not in "\n".join(lines)
        server.send_signal(signal.SIGTERM)
        _out, errors = server.communicate(timeout=20)
    finally:
        server.kill()
        taken.close()
    assert server.returncode == 0
    assert f"Port {port} is in use" in errors


def test_addresses_that_students_can_type_are_no_loopback() -> None:
    from labapp.cli.run import addresses

    first, *others = addresses("0.0.0.0", 5000)  # noqa: S104 (nothing is bound)
    assert first == "http://127.0.0.1:5000"
    assert not any("127." in address for address in others)
    assert list(addresses("::1", 80)) == ["http://[::1]:80"]


def test_demo_never_uses_the_real_database(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from labapp.cli.run import demo_settings

    monkeypatch.setenv("LABAPP_DATABASE_URL", "sqlite:////somewhere/real.sqlite")
    found = demo_settings(for_all=False)
    assert found["SQLALCHEMY_DATABASE_URI"] == f"sqlite:///{folder / 'demo' / 'labapp.sqlite'}"
    assert found["DATA"] == folder / "demo"


def test_other_servers_refuse_an_old_database_with_a_sentence(site: Flask) -> None:
    from labapp.cli import wsgi

    assert wsgi.site().name == "labapp"
    with site.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SystemExit, match="labapp init"):
        wsgi.site()
