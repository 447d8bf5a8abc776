"""A scenario is one folder of data: reading it, checking it, opening a sandbox from it."""
