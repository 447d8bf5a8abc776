"""The roster of a course: class lists, what becomes of their rows, and who is taken in by them (product.md P2)."""
