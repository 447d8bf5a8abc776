"""How Django admin shows the leads."""

from django.contrib import admin

from benchmarks.sides import COLUMNS, FILTERED, ROWS, SEARCHED
from benchmarks.sides.crm.models import Lead


@admin.register(Lead)
class LeadAdmin(admin.ModelAdmin):
    list_display = COLUMNS
    list_per_page = ROWS
    list_select_related = ("owner",)
    list_filter = FILTERED
    search_fields = SEARCHED
    ordering = ("-id",)
