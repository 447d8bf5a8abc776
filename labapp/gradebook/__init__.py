"""Runs, the ledger of grades and its fold, and the student's coach. The grader itself is pure (labapp.grading)."""
