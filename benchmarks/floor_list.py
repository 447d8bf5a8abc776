"""The floor `list`: fifty rows of eight plain columns by one query, by key, for nobody in particular."""

from flask import Flask, request
from sqlalchemy import MetaData, Table, create_engine, select

PAGE = """<!doctype html><title>Leads</title><table>
<tr>{% for name in names %}<th>{{ name }}</th>{% endfor %}</tr>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table><a href="?after={{ rows[-1].id }}">Next</a>"""
NAMES = ("id", "name", "company", "status", "source", "rating", "mobile", "created_at")


def list_app(database: str) -> Flask:
    """An application with this one page at `/`."""
    app = Flask(__name__)
    engine = create_engine(database)
    lead = Table("lead", MetaData(), autoload_with=engine)
    template = app.jinja_env.from_string(PAGE)
    columns = [lead.c[name] for name in NAMES]

    @app.get("/")
    def page() -> str:
        after = request.args.get("after", type=int, default=2**31 - 1)
        query = select(*columns).where(lead.c.sandbox_id == 1, lead.c.id < after)
        with engine.connect() as connection:
            rows = connection.execute(query.order_by(lead.c.id.desc()).limit(50)).all()
        return template.render(names=NAMES, rows=rows)

    return app
