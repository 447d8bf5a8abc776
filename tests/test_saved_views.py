"""A list's question under a name: one's own, at an address of its own.

School (Olga observes) ── Class A ── Sales: Ada ── Staff: Ben, Cy
"""

from sqlalchemy import select

from labapp.db import db
from labapp.records.saved import MOST, SavedView
from tests.listening import heard


def keep(browser, name, query="?rating=hot"):
    return browser.post(f"/leads/views{query}", {"name": name})


def views():
    db.session.remove()
    return [
        (view.name, view.address) for view in db.session.scalars(select(SavedView).order_by(SavedView.id))
    ]


def test_a_view_is_kept_and_shown_on_the_list(cast, browse):
    keep(browse(cast.ben), "Hot ones")
    assert views() == [("Hot ones", "/leads/?rating=hot")]
    assert "Hot ones" in browse(cast.ben).get("/leads/").get_data(as_text=True)


def test_the_same_name_replaces_it(cast, browse):
    keep(browse(cast.ben), "Hot ones")
    keep(browse(cast.ben), "Hot ones", "?rating=warm")
    assert views() == [("Hot ones", "/leads/?rating=warm")]


def test_it_is_seen_and_removed_by_its_keeper_alone(cast, browse):
    keep(browse(cast.ben), "Hot ones")
    assert "Hot ones" not in browse(cast.cy).get("/leads/").get_data(as_text=True)
    browse(cast.cy).post("/leads/views/1/delete")
    assert len(views()) == 1
    browse(cast.ben).post("/leads/views/1/delete")
    assert views() == []


def test_a_view_needs_a_name_and_observers_keep_none(cast, browse):
    assert keep(browse(cast.ben), "  ").status_code == 422
    assert keep(browse(cast.olga), "Mine").status_code == 422
    assert views() == []


def test_a_name_is_shown_escaped(cast, browse):
    keep(browse(cast.ben), "<script>x</script>")
    assert "<script>x" not in browse(cast.ben).get("/leads/").get_data(as_text=True)


def test_there_are_at_most_thirty_of_a_list(cast, browse):
    browser = browse(cast.ben)
    for number in range(MOST + 1):
        keep(browser, f"View {number}")
    assert len(views()) == MOST


def test_who_has_none_is_asked_for_none(cast, browse):
    """And who has one only where it is shown: the question comes with who asks."""
    asked = {}
    for browser, who in ((browse(cast.ben), "some"), (browse(cast.cy), "none")):
        if who == "some":
            keep(browser, "Hot ones")
        browser.get("/leads/")
        with heard() as said:
            browser.get("/leads/")
        asked[who] = sum(
            "FROM saved_view" in statement and "FROM account" not in statement for statement in said
        )
    assert asked == {"some": 1, "none": 0}
