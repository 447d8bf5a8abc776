"""Accounts, courses, sandboxes, positions and memberships: tables and questions. Work changes them."""
