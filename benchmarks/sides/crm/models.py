"""The leads and their owners."""

from typing import Any

from django.db import models

from benchmarks.sides import CHOICES


def text(**more: Any) -> Any:
    return models.CharField(max_length=200, blank=True, **more)


def choice(name: str, **more: Any) -> Any:
    return models.CharField(max_length=40, choices=[(value, value) for value in CHOICES[name]], **more)


class Person(models.Model):
    name = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.name)


class Lead(models.Model):
    name = models.CharField(max_length=200)
    company = models.CharField(max_length=200)
    title = text()
    phone = text()
    mobile = text()
    email = models.EmailField(blank=True)
    website = models.URLField(blank=True)
    source = choice("source", blank=True)
    status = choice("status", default="new")
    rating = choice("rating", blank=True)
    industry = text()
    employees = models.IntegerField(null=True, blank=True)
    annual_revenue = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    province = text()
    city = text()
    address = text()
    description = models.TextField(blank=True)
    owner = models.ForeignKey(Person, models.PROTECT, db_index=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=[name, "id"], name=f"ix_lead_{name}")
            for name in ("owner", "name", "company", "created_at")
        ]

    def __str__(self) -> str:
        return str(self.name)
