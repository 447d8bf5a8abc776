"""/healthz: whether the process serves and the database answers."""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from labapp.db import db
from labapp.web.identity import PUBLIC, open_to

bp = Blueprint("health", __name__)


@bp.get("/healthz", endpoint="healthz")
@open_to(PUBLIC)
def healthz() -> ResponseReturnValue:
    """200 {"status": "ok"}, or 503 where the database does not answer."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return jsonify(status="database"), 503
    return jsonify(status="ok")
