"""Much at once: a large file is read, checked, written and taken back in parts that let others write between."""

from time import thread_time

import pytest

from labapp import jobs
from labapp.modules.leads.models import Lead
from labapp.records.imports import running, undoing
from tests.bringing import LEADS, all_of, check, rows_of, run_of, send, whole

ROWS = 6_000
LONGEST = 0.3  # seconds of processor time that a part may hold the write lock
pytestmark = pytest.mark.slow


def test_six_thousand_rows_go_in_and_out_in_short_parts(cast, browse, monkeypatch):
    held = []

    def timed(part):
        def run(*args):
            began = thread_time()
            more = part(*args)
            held.append(thread_time() - began)
            return more

        return run

    monkeypatch.setattr(running, "_write_part", timed(running._write_part))
    monkeypatch.setattr(undoing, "_undo_part", timed(undoing._undo_part))
    lines = (f"P{n},Firm {n} Ltd,139{n % (ROWS * 7 // 10):08d},p{n}@firm.test,Ningbo\n" for n in range(ROWS))
    browser = browse(cast.ben)
    run_id = send(browser, "leads", LEADS + "".join(lines))
    check(browser, "leads", run_id)
    jobs.work_off()
    assert run_of(run_id).counts == {"create": ROWS * 7 // 10, "skip": ROWS * 3 // 10, "remarks": 0}
    browser.post(f"/leads/import/{run_id}/run")
    jobs.work_off()
    assert len(all_of(Lead)) == ROWS * 7 // 10
    browser.post(f"/leads/import/{run_id}/undo")
    jobs.work_off()
    assert all_of(Lead) == []
    assert {row.fate for row in rows_of(run_id).values()} == {"back", "skip"}
    assert max(held) < LONGEST
    assert len(held) > 20
    assert whole(cast.ben)
