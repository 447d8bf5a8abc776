"""The leads as an application of Django."""
