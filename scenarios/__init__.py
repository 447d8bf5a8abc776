"""Scenarios: one folder of data each, no code."""
