"""Much at once: a large file is read, checked, written and taken back in parts that let others write between."""

import pytest

from labapp import jobs
from labapp.modules.leads.models import Lead
from labapp.records.imports import pace, running, undoing
from tests.bringing import LEADS, all_of, check, rows_of, run_of, send, whole

ROWS = 6_000
pytestmark = pytest.mark.slow


def test_six_thousand_rows_go_in_and_out_in_short_parts(cast, browse, monkeypatch):
    """A part without time left ends after one batch; how long that may be is said in `test_import_pace`."""
    written, taken_back = [], []

    def counted(act, rows_of_batch):
        def run(task, rows):
            rows_of_batch.append(len(rows))
            return act(task, rows)

        return run

    def in_parts(part, parts):
        def run(*args):
            parts.append(args)
            return part(*args)

        return run

    parts: list[object] = []
    monkeypatch.setattr(pace, "HOLD", 0.0)
    monkeypatch.setattr(running, "_write_rows", counted(running._write_rows, written))
    monkeypatch.setattr(undoing, "_take_back", counted(undoing._take_back, taken_back))
    monkeypatch.setattr(running, "_write_part", in_parts(running._write_part, parts))
    monkeypatch.setattr(undoing, "_undo_part", in_parts(undoing._undo_part, parts))
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
    assert sum(written) == ROWS * 7 // 10  # what is skipped is not written
    assert max([*written, *taken_back]) <= pace.MOST
    assert len(written) + len(taken_back) <= len(parts)  # one batch a part, and one that finds nothing left
    assert len(parts) >= 2 * ROWS // pace.MOST
    assert whole(cast.ben)
