"""What `deploy/` says is true: the programs it is for read its files, and the application runs as they have it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.many import DEPLOY, PROGRAMS, ROOT, Client, House, run_nginx, write_nginx
from tools.machine import has_nginx

UNITS = ("labapp@.service", "labapp-worker.service")
NOBODY = "65534"


def found(program: str) -> str:
    """The path of a program, or a skip that names it."""
    path = shutil.which(program, path=os.environ.get("PATH", "") + os.pathsep + "/usr/sbin")
    if path is None:
        pytest.skip(f"there is no {program} on this machine")
    return path


def test_nginx_reads_the_site_as_it_is_with_tls(tmp_path: Path) -> None:
    if not has_nginx():
        pytest.skip("nginx is not installed")
    subject = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=crm.example.edu"]
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [found("openssl"), "req", *subject, "-keyout", key, "-out", certificate],
        check=True,
        capture_output=True,
    )
    write_nginx(tmp_path, 1, [8001, 8002])
    site = (DEPLOY / "nginx" / "labapp.conf").read_text("utf-8")
    for old, new in (
        ("/etc/ssl/labapp/fullchain.pem", certificate),
        ("/etc/ssl/labapp/privkey.pem", key),
        ("/var/cache/nginx/labapp", tmp_path / "cache"),
    ):
        assert old in site
        site = site.replace(old, str(new))
    (tmp_path / "site.conf").write_text(site, "utf-8")
    run_nginx(tmp_path, "-t")


@pytest.mark.parametrize("name", UNITS)
def test_systemd_takes_the_units_and_finds_them_closed(tmp_path: Path, name: str) -> None:
    program = found("systemd-analyze")
    unit = tmp_path / name.replace("@.", "@8001.")
    text = (DEPLOY / "systemd" / name).read_text("utf-8")
    assert "\nUser=labapp\n" in text
    unit.write_text(
        text.replace("/opt/labapp/.venv/bin", str(PROGRAMS)).replace("/opt/labapp", str(ROOT)), "utf-8"
    )
    done = subprocess.run([program, "verify", "--man=no", unit], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    security = subprocess.run([program, "security", "--offline=true", unit], capture_output=True, text=True)
    score = re.search(r"exposure level for \S+: ([\d.]+)", security.stdout)
    if score is None:
        pytest.skip("this systemd-analyze gives no marks to a file")
    assert float(score[1]) <= 2.5


def test_the_container_is_built_without_secrets_and_runs_as_nobody() -> None:
    lines = (DEPLOY / "Containerfile").read_text("utf-8").splitlines()
    said = [line.split(maxsplit=1) for line in lines if line and not line.startswith((" ", "#"))]
    words = [(word, rest) for word, rest in said if word.isupper()]
    assert not [rest for word, rest in words if word == "ARG"]
    assert "secret" not in "\n".join(rest for _word, rest in words).lower()
    for image in (rest.split()[0] for word, rest in words if word == "FROM"):
        assert "/" not in image  # where images come from is the machine's to say
    users = [rest for word, rest in words if word == "USER"]
    assert users
    assert users[-1].split(":")[0] not in {"0", "root"}
    for rest in (rest for word, rest in words if word == "COPY" and "--from" not in rest):
        for path in rest.split()[:-1]:
            assert (ROOT / path).exists(), path


def test_what_the_container_installs_is_locked() -> None:
    locked = (ROOT / "requirements" / "serve.lock").read_text("utf-8")
    versions = dict(re.findall(r"^([\w.-]+)==([\w.]+)", locked, re.MULTILINE))
    everything = (ROOT / "requirements" / "dev.lock").read_text("utf-8")
    assert {"gunicorn", "psycopg", "psycopg-binary", "flask"} <= versions.keys()
    assert versions.items() <= dict(re.findall(r"^([\w.-]+)==([\w.]+)", everything, re.MULTILINE)).items()
    run = (ROOT / "requirements" / "run.lock").read_text("utf-8")
    assert dict(re.findall(r"^([\w.-]+)==([\w.]+)", run, re.MULTILINE)).items() <= versions.items()


def closed_in(data: Path) -> list[str]:
    """The words before a command that runs it as nobody, on a file system whose program it cannot write.

    The interpreter may lie in a folder that is root's alone: it is shown elsewhere in a file system of its own.
    """
    script = f"""
set -e
base={sys.base_prefix} keep={data.parent / "interpreter"}
top=/$(echo "$base" | cut -d/ -f2)
if [ "$(stat -c %a "$top" | tail -c 2)" = 0 ]; then
    mkdir -p "$keep"
    mount --bind "$base" "$keep"
    mount -t tmpfs -o mode=755 tmpfs "$top"
    mkdir -p "$base"
    mount --bind "$keep" "$base"
fi
mount --bind {ROOT} {ROOT}
mount -o remount,ro,bind {ROOT}
exec setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups --no-new-privs --bounding-set=-all "$@"
"""
    return ["unshare", "--mount", "sh", "-c", script, "sh"]


def may_close(data: Path) -> bool:
    words = [*closed_in(data), sys.executable, "-c", "import labapp"]
    return not subprocess.run(words, capture_output=True, cwd=ROOT).returncode


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that others may enter."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root can close a file system, on Linux")
    with tempfile.TemporaryDirectory(prefix="labapp-closed-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_the_application_runs_as_nobody_on_a_tree_it_cannot_write(place: Path) -> None:
    data = place / "data"
    data.mkdir()
    os.chown(data, int(NOBODY), int(NOBODY))
    if not may_close(data):
        pytest.skip("this machine lets nobody close a file system, or hides its Python from others")
    made = House(place, "", environment(data))
    try:
        words = [*closed_in(data), str(PROGRAMS / "labapp"), "init"]
        done = subprocess.run(words, env=made.environment, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stderr
        assert (data / "labapp.sqlite").stat().st_uid == int(NOBODY)
        port = made.start_application(0, *closed_in(data))
        made.ready()
        page = Client(port).get("/login")
        assert page.status == 200
        bundle = re.search(r"/static/assets/core\.\w+\.css", page.text)
        assert bundle is not None
        assert Client(port).get(bundle.group()).status == 200
        assert (data / "secret.key").stat().st_mode & 0o077 == 0
    finally:
        made.stop()


def environment(data: Path) -> dict[str, str]:
    kept: dict[str, Any] = {
        name: value for name, value in os.environ.items() if not name.startswith("LABAPP_")
    }
    return {**kept, "LABAPP_DATA": str(data), "LABAPP_PROCESSES": "1", "PYTHONDONTWRITEBYTECODE": "1"}
