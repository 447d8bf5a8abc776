"""The key that opens every row of every sandbox for reading. import-linter says who may hold it."""

EVERYONE = object()
