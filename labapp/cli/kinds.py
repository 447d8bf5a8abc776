"""`labapp kinds`: what a rubric can speak of. Touches no database."""

import json
from typing import Any

import click


@click.command
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def kinds(form: str) -> None:
    """Print every kind with its verbs and fields, as rubrics name them."""
    found = known_kinds()
    if form == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for kind, words in found.items():
        click.echo(kind)
        click.echo(f"  verbs   {' '.join(words['verbs'])}")
        click.echo(f"  fields  {' '.join(words['fields'])}".rstrip())


def known_kinds() -> dict[str, dict[str, Any]]:
    """{kind: {"verbs": [...], "fields": {name: shape}}}, in the order of the alphabet."""
    from labapp import modules
    from labapp.records.catalog import catalog_of, vocabulary

    found = vocabulary(catalog_of(modules))
    return {
        kind: {"verbs": sorted(words["verbs"]), "fields": dict(words["fields"])}
        for kind, words in sorted(found.items())
    }
