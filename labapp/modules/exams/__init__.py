"""Examinations: papers drawn for each student from a bank of questions, marked by the program (B12)."""
