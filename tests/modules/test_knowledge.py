"""Articles: drafts and published ones, safe Markdown, one answer a reader, search by two characters.

School (Ines) ── Class A ── Sales: Ada ── Staff: Ben, Cy
              └─ Class B ── Sales B ── Staff B: Dee
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.access.everyone import EVERYONE
from labapp.db import db
from labapp.lifecycle.verify import verify
from labapp.modules.knowledge.markdown import rendered
from labapp.modules.knowledge.models import Article
from labapp.people.models import Sandbox
from tests.forms import form_on
from tests.lives import last_step, steps_since


@pytest.fixture
def article(cast, make):
    """A published article of Ines'."""
    body = "# 安装电梯\n\n先**断电**，再检查门锁。"
    return make("article", cast.ines, title="电梯门锁故障", body=body, status="published").id


def row(article_id):
    db.session.remove()
    return db.session.get(Article, article_id, execution_options={"seen_by": EVERYONE})


def vote(browser, article_id, answer):
    return browser.post(f"/knowledge/{article_id}/vote", {"helpful": answer})


def test_a_draft_is_closed_until_it_is_published(cast, browse, make):
    draft = make("article", cast.ines, title="Draft of the terms").id
    ines, ben = browse(cast.ines), browse(cast.ben)
    assert ben.get(f"/knowledge/{draft}").status_code == 404
    assert "Draft of the terms" not in ben.get("/knowledge/").text
    assert "This is a draft." in ines.get(f"/knowledge/{draft}").text
    assert ines.post(f"/knowledge/{draft}/publish", {}).status_code == 302
    assert "Draft of the terms" in ben.get("/knowledge/").text
    assert ben.get(f"/knowledge/{draft}").status_code == 200
    assert ines.post(f"/knowledge/{draft}/withdraw", {}).status_code == 302
    assert ben.get(f"/knowledge/{draft}").status_code == 404


def test_readers_do_not_change_it(cast, browse, article):
    ben = browse(cast.ben)
    for verb in ("edit", "withdraw", "delete", "transfer"):
        assert ben.post(f"/knowledge/{article}/{verb}", {"title": "Mine"}).status_code == 403
    assert row(article).title == "电梯门锁故障"


def test_an_author_of_the_service_keeps_articles_but_not_those_of_others(cast, browse, article, make):
    mine = make("article", cast.ben, title="Bens", status="published").id
    browser = browse(cast.ada)  # a manager writes articles, and stands above Ben
    assert "body" in form_on(browser, f"/knowledge/{mine}/edit", "body")
    assert browser.get(f"/knowledge/{article}/edit").status_code == 403


def test_the_page_shows_the_text_as_markup(cast, browse, article):
    page = browse(cast.ben).get(f"/knowledge/{article}").text
    assert "<h3>安装电梯</h3>" in page
    assert "先<strong>断电</strong>" in page


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](https://elsewhere.test/pixel.png)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="#" onclick="alert(1)">x</a>',
        '<p style="position:fixed">x</p>',
    ],
)
def test_nothing_of_the_text_becomes_active(text):
    markup = rendered(text)
    for bad in ("<script", "<img", "<p style", 'href="javascript:', 'href="data:', '<a href="#"'):
        assert bad not in markup


@given(st.text(alphabet="<>abh1/=\"' #*_`[]()!|-\n:jsr", max_size=200))
def test_no_tag_beyond_the_harmless_ones_comes_out(text):
    import nh3

    from labapp.modules.knowledge.markdown import ATTRIBUTES, TAGS

    markup = str(rendered(text))
    assert nh3.clean(markup, tags=TAGS, attributes=ATTRIBUTES) == markup


def test_one_answer_a_reader_that_can_be_changed(cast, browse, article):
    ben, cy = browse(cast.ben), browse(cast.cy)
    before, version = last_step(cast.ben), row(article).version
    assert vote(ben, article, "yes").status_code == 302
    assert vote(cy, article, "yes").status_code == 302
    assert (row(article).helpful, row(article).unhelpful) == (2, 0)
    assert "Your answer: Yes." in ben.get(f"/knowledge/{article}").text
    assert vote(ben, article, "no").status_code == 302
    assert vote(ben, article, "no").status_code == 302
    assert (row(article).helpful, row(article).unhelpful) == (1, 1)
    assert [(s.member, s.kind, s.verb) for s in steps_since(cast.ben, before)] == [
        (key, "article", "vote") for key in ("s002", "s003", "s002", "s002")
    ]
    assert row(article).version == version  # nobody who is editing is disturbed
    assert verify(db.session.get(Sandbox, cast.ben.sandbox_id)) is None


def test_who_does_not_work_here_does_not_answer(cast, browse, article, make):
    for person in (cast.olga, cast.tess):
        assert vote(browse(person), article, "yes").status_code == 403
        assert "article-vote" not in browse(person).get(f"/knowledge/{article}").text
    draft = make("article", cast.ines).id
    assert vote(browse(cast.ben), draft, "yes").status_code == 404
    assert vote(browse(cast.ben), article, "perhaps").status_code == 422
    assert row(article).helpful == 0


def test_a_copy_begins_without_answers_and_as_a_draft(cast, browse, article):
    vote(browse(cast.ben), article, "yes")
    ines = browse(cast.ines)
    fields = form_on(ines, f"/knowledge/{article}/clone", "body")
    assert ines.post(f"/knowledge/{article}/clone", {**fields, "status": "draft"}).status_code == 302
    query = db.select(Article).order_by(Article.id.desc())
    copy = db.session.scalars(query, execution_options={"seen_by": EVERYONE}).first()
    assert (copy.id != article, copy.helpful, copy.votes, copy.status) == (True, 0, [], "draft")


def test_two_characters_find_it_in_title_and_deep_in_the_text(cast, browse, make, article):
    long = make("article", cast.ines, title="Lift", body="x " * 900 + "限速器", status="published").id
    ben = browse(cast.ben)
    assert [r["id"] for r in ben.get("/knowledge/?q=门锁&format=json").json["rows"]] == [article]
    assert [r["id"] for r in ben.get("/knowledge/?q=限速&format=json").json["rows"]] == [long]
    assert f'/knowledge/{article}"' in ben.get("/search?q=门锁").text
