"""What Alembic runs around the revisions: on the connection it is handed, inside that one's transaction."""

from typing import Any

from alembic import context

from labapp.db import db
from labapp.db.dialects import complete
from labapp.db.triggers import is_made_here, renew


def is_ours(name: str | None, type_: str, parents: Any) -> bool:
    """Compare only what the models say; the search index is made beside them."""
    return not is_made_here(name)


def after_revision(ctx: Any, **_: Any) -> None:
    """A rebuilt table has lost its triggers."""
    renew(ctx.connection)


def run() -> None:
    connection = context.config.attributes["connection"]
    complete(db.metadata)
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
        include_name=is_ours,
        on_version_apply=after_revision,  # type: ignore[arg-type]  # called by keywords, which the stub does not know
    )
    with context.begin_transaction():
        context.run_migrations()


run()
