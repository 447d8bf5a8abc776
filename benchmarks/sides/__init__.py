"""What a teacher would otherwise bend to the purpose, over the same leads: Django admin and Flask-Admin.

Both are set as somebody who knows them would set them, and no further: eight columns, fifty rows a page, the owners
read along, search in the same five columns, filters by the same three, the same indexes, the same pragmas, a signed-in
user, forms with a token. Neither hides anything from anybody, and neither logs what the application logs (Django admin
writes one line for a create). They need requirements/bench.lock.
"""

COLUMNS = ("name", "company", "status", "source", "rating", "mobile", "owner", "created_at")
SEARCHED = ("name", "company", "phone", "mobile", "email")
FILTERED = ("status", "source", "rating")
TEXTS = (
    *("name", "company", "title", "phone", "mobile", "email", "website", "source", "status", "rating"),
    *("industry", "province", "city", "address"),
)
CHOICES = {
    "status": ("new", "contacted", "qualified", "unqualified", "converted"),
    "source": ("web", "referral", "exhibition"),
    "rating": ("hot", "warm", "cold"),
}
ROWS = 50
LOGIN, PASSWORD = "teacher", "a long bench"
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")
