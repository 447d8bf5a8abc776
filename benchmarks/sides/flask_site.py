"""Flask-Admin over the leads: `python -m benchmarks.sides.flask_site FOLDER` serves it."""

import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from flask_admin import Admin, AdminIndexView
from flask_admin.contrib.sqla import ModelView
from flask_admin.form import SecureForm
from flask_babel import Babel
from flask_login import LoginManager, UserMixin, current_user, login_user
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import ForeignKey, Index, Numeric, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms.validators import Email, Optional

from benchmarks.serve import serve
from benchmarks.sides import CHOICES, COLUMNS, FILTERED, LOGIN, PASSWORD, PRAGMAS, ROWS, SEARCHED
from benchmarks.sides.copy import copy_leads


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Person(db.Model):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __str__(self) -> str:
        return self.name


class Lead(db.Model):
    __tablename__ = "lead"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    company: Mapped[str]
    title: Mapped[str | None]
    phone: Mapped[str | None]
    mobile: Mapped[str | None]
    email: Mapped[str | None]
    website: Mapped[str | None]
    source: Mapped[str | None]
    status: Mapped[str]
    rating: Mapped[str | None]
    industry: Mapped[str | None]
    employees: Mapped[int | None]
    annual_revenue: Mapped[Decimal | None] = mapped_column(Numeric(15, 2))
    province: Mapped[str | None]
    city: Mapped[str | None]
    address: Mapped[str | None]
    description: Mapped[str | None]
    owner_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=datetime.now)
    owner: Mapped[Person] = relationship()

    __table_args__ = tuple(
        Index(f"ix_lead_{name}", name, "id") for name in ("owner_id", "name", "company", "created_at")
    )


class User(UserMixin):
    """The one user there is."""

    id = LOGIN
    password = generate_password_hash(PASSWORD)


class Leads(ModelView):
    form_base_class = SecureForm
    page_size = ROWS
    column_list = COLUMNS
    column_default_sort = ("id", True)
    column_sortable_list = ("name", "company", "created_at")
    column_searchable_list = SEARCHED
    column_filters = FILTERED
    form_choices = {name: [(value, value) for value in values] for name, values in CHOICES.items()}
    form_args = {"email": {"validators": [Optional(), Email()]}}
    form_excluded_columns = ("created_at",)
    can_view_details = True

    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated)


class Home(AdminIndexView):
    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated)


def site(folder: Path) -> Flask:
    """The application over a database of its own in this folder, made and filled anew."""
    path = folder / "flask-admin.sqlite"
    for old in folder.glob("flask-admin.sqlite*"):
        old.unlink()
    app = Flask(__name__)
    app.config |= {"SECRET_KEY": "of a benchmark", "SQLALCHEMY_DATABASE_URI": f"sqlite:///{path}"}
    db.init_app(app)
    Babel(app, default_locale="zh_Hans_CN")
    LoginManager(app).user_loader(lambda _name: User())
    app.add_url_rule("/login", view_func=sign_in, methods=["POST"])
    Admin(app, name="CRM", index_view=Home()).add_view(Leads(Lead, db, endpoint="lead"))
    with app.app_context():
        event.listen(db.engine, "connect", set_up)
        db.create_all()
        db.session.remove()
        db.engine.dispose()
    copy_leads(folder / "labapp.sqlite", path, "person", "lead")
    return app


def sign_in() -> ResponseReturnValue:
    user = User()
    if check_password_hash(user.password, request.form["password"]):
        login_user(user)
    return redirect("/admin/lead/")


def set_up(connection: Any, _record: Any) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


if __name__ == "__main__":
    serve(site(Path(sys.argv[1])))
