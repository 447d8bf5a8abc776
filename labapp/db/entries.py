"""The number of a search entry on SQLite says which record it is about (decision 38)."""

# The kinds that are searched, for good: a kind's place is part of the numbers of its entries. A new one comes last.
KINDS = (
    "activity announcement article campaign category competitor contact customer document forecast lead note "
    "opportunity product rival survey ticket attachment"
).split()
PLACES = {kind: place for place, kind in enumerate(KINDS)}
ROOM = 64  # kinds there can be


def entry_id(kind: str, record_id: int) -> int:
    """The number of a record's entry. PostgreSQL numbers its entries itself. Raises KeyError for an unknown kind."""
    return record_id * ROOM + PLACES[kind]


def said(row: str) -> str:
    """The same in SQL, for a row of `search_entry` that has this name; NULL for an unknown kind."""
    places = " ".join(f"WHEN '{kind}' THEN {place}" for kind, place in PLACES.items())
    return f"({row}.record_id * {ROOM} + CASE {row}.kind {places} END)"
