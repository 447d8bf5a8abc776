"""The operation log: every step of every member, chained and append-only (grading.md §1)."""
