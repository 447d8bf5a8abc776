"""Examinations: papers drawn for each student from a bank of questions, marked by the program (B12)."""

from labapp.modules.exams.cards import HOME_CARDS
from labapp.modules.exams.pages import BLUEPRINT
from labapp.modules.exams.sitting import SWEEPS

__all__ = ["BLUEPRINT", "HOME_CARDS", "SWEEPS"]
