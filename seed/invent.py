"""Records of every kind of sales work, invented from the seed alone.

Every method takes a key (a member and a running number, as a rule); the same key gives the same values,
whatever was asked before. Values have the field names of the record types; choices are code keys; money is a
`Decimal`, times are lab times without zone. Links to other records are left to the caller.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

from labapp.values import dataclass
from seed.companies import Company, any_company, buyers_of, industry_alone
from seed.dirt import Soiling, soiled
from seed.draw import Draw, Weights, draw
from seed.marks import odd_yuan, reference
from seed.people import Person, any_person
from seed.phrases import blanks_of, sentence
from seed.places import mobile, places_by_key
from seed.sales import LOST_REASONS, TYPES, Offer, amount, any_stage, close_date, floor_price, price
from seed.tables import Language, texts, wares
from seed.times import coming, past

Values = dict[str, object]

SOURCES = Weights(
    (
        *(("web", 26), ("referral", 18), ("exhibition", 18), ("phone", 14)),
        *(("advertisement", 10), ("partner", 8), ("campaign", 4), ("other", 2)),
    )
)
LEAD_STATUSES = Weights((("new", 44), ("contacted", 30), ("qualified", 18), ("unqualified", 8)))
RATINGS = Weights((("hot", 25), ("warm", 45), ("cold", 30)))
CUSTOMER_TYPES = Weights((("buyer", 55), ("prospect", 32), ("agent", 7), ("partner", 6)))
LEVELS = Weights((("normal", 62), ("key", 28), ("strategic", 10)))
CHANNELS = Weights((("mobile", 45), ("phone", 20), ("email", 22), ("visit", 13)))
ROLES = {1: "decision_maker", 2: "influencer", 3: "user"}
ACTIVITIES = Weights(
    (
        *(("call", 34), ("visit", 18), ("mail", 14), ("follow_up", 12)),
        *(("task", 10), ("meeting", 7), ("presale", 5)),
    )
)
PRIORITIES = Weights((("normal", 62), ("high", 24), ("low", 14)))
DISCOUNTS = Weights(((0, 60), (3, 20), (5, 20)))
EVENTS = frozenset(("visit", "meeting", "presale"))
HALF_DONE = 55
RECENT = 256


@dataclass(frozen=True)
class Wanted:
    """Where a company is to be, and in which industry; None: anywhere, any that buys."""

    place: str | None = None
    industry: str | None = None


ANY = Wanted()


@lru_cache(maxsize=RECENT)
def _company_of(
    seed: int, language: Language, key: tuple[int | str, ...], place: str | None, buyers: Weights[str] | None
) -> Company:
    """The company of that key, remembered for a while: a record and the texts about it ask for the same."""
    return any_company(
        draw(seed, "company", *key), language, places_by_key()[place] if place else None, buyers
    )


class Inventor:
    """Invents for one company, in one language, around one day.

    `trade` says which products it sells (`seed.tables.ware_trades`); `products` are names and list prices
    to use instead of those, when the company has a price list of its own.
    """

    def __init__(
        self,
        seed: int,
        language: Language,
        starts_at: datetime,
        trade: str = "office",
        products: tuple[tuple[str, Decimal], ...] = (),
    ) -> None:
        self.seed = seed
        self.language: Language = language
        self.starts_at = starts_at
        self._wares = wares(trade)
        self._buyers = buyers_of(trade)
        if not self._wares:
            raise ValueError(f"no products are known for the trade {trade!r}")
        self._offers = tuple(Offer(*product) for product in products) or self._usual_offers()

    def chance(self, *key: int | str) -> Draw:
        """The stream of chance of that key."""
        return draw(self.seed, *key)

    def company(self, *key: int | str) -> Values:
        """A company: its full legal name, where it is and how large."""
        return self._company_values(self._company(*key))

    def person(self, *key: int | str) -> Values:
        """A person: `name gender title department mobile birthday`."""
        return self._person_values(self._person(*key))

    def mobile(self, *key: int | str) -> str:
        """A mobile number of its own."""
        return mobile(self.chance("mobile", *key))

    def product_name(self, *key: int | str) -> str:
        """The name of something the company sells."""
        return self._product(self.chance("product name", *key))

    def reference(self, member: str, key: int | str) -> str:
        """A number such as `KD-4830172` that no other member of the class is dealt."""
        return reference(self.seed, member, key)

    def made_at(self, fewest: int, most: int, *key: int | str) -> datetime:
        """A moment in office hours so many days before the start."""
        return past(self.chance("made", *key), self.starts_at, fewest, most)

    def lead(
        self,
        member: str,
        number: int | str,
        status: str | None = None,
        place: str | None = None,
        industry: str | None = None,
    ) -> Values:
        """A lead with its company and person; status and rating as common as they are."""
        chance = self.chance("lead", member, number)
        company = self._company("lead", member, number, wanted=Wanted(place, industry))
        person = self._person("lead", member, number)
        status = status or chance.weighted(LEAD_STATUSES)
        rating = "cold" if status == "unqualified" else chance.weighted(RATINGS)
        values = {**self._person_values(person), **self._company_values(company)}
        for unwanted in ("gender", "department", "birthday", "nature", "fax", "postcode"):
            del values[unwanted]
        blanks = blanks_of(values, self._product(chance), self.language)
        met = None if status == "new" else past(chance, self.starts_at, 1, 12)
        again = status in ("contacted", "qualified")
        return values | {
            "name": person.name.say(self.language),
            "company": company.name,
            "email": f"{person.name.mailbox}@{company.domain}",
            "source": chance.weighted(SOURCES),
            "status": status,
            "rating": rating,
            "description": sentence(chance, f"lead {rating}", self.language, blanks),
            "last_contacted_at": met,
            "next_follow_up_at": coming(chance, self.starts_at, 1, 9) if again else None,
        }

    def customer(
        self, member: str, number: int | str, place: str | None = None, industry: str | None = None
    ) -> Values:
        """A customer; a few have not been heard of for more than a month. `place` is one of `places_by_key`."""
        chance = self.chance("customer", member, number)
        company = self._company("customer", member, number, wanted=Wanted(place, industry))
        who = self._person("contact", member, number)
        values = self._company_values(company)
        blanks = blanks_of(
            {"title": "", "name": who.name.say(self.language)}, self._product(chance), self.language
        )
        neglected = chance.happens(20)
        tags = [chance.one(texts("tag")).say(self.language)] if chance.happens(60) else []
        return values | {
            "email": f"{chance.one(('info', 'sales', 'office', 'service'))}@{company.domain}",
            "customer_type": chance.weighted(CUSTOMER_TYPES),
            "level": chance.weighted(LEVELS),
            "source": chance.weighted(SOURCES),
            "tags": tags,
            "description": sentence(chance, "customer", self.language, blanks),
            "last_contacted_at": past(chance, self.starts_at, *((36, 80) if neglected else (1, 20))),
            "next_follow_up_at": None if neglected else coming(chance, self.starts_at, 1, 20),
        }

    def contact(self, customer: Values, member: str, number: int | str) -> Values:
        """Somebody who works at that customer: its phone with an extension, its mail domain, its address."""
        chance = self.chance("contact", member, number)
        person = self._person("contact", member, number)
        known = {"phone", "website", "address"} <= customer.keys()
        company = customer if known else self.company("contact", member, number) | customer
        switchboard = "-".join(str(company["phone"]).split("-")[:2])
        domain = str(company["website"] or "mail.example").removeprefix("https://www.")
        blanks = blanks_of(customer, self._product(chance), self.language)
        return self._person_values(person) | {
            "phone": f"{switchboard}-{chance.between(8001, 8699)}",
            "email": f"{person.name.mailbox}@{domain}",
            "role": ROLES[person.job.rank],
            "preferred_channel": chance.weighted(CHANNELS),
            "address": company["address"],
            "description": sentence(chance, "contact", self.language, blanks),
        }

    def opportunity(self, customer: Values, member: str, number: int | str, closed: bool = False) -> Values:
        """A deal with that customer; amount, stage, probability and close date go together."""
        chance = self.chance("opportunity", member, number)
        offer, stage = chance.one(self._offers), any_stage(chance, closed)
        blanks = blanks_of(customer, offer.name, self.language)
        what = sentence(chance, "opportunity", self.language, blanks)
        colon = "：" if self.language == "zh" else ": "
        step = "" if closed else sentence(chance, f"next {stage.key}", self.language, blanks)
        return {
            "name": f"{customer['name']}{colon}{what}",
            "opportunity_type": chance.weighted(TYPES),
            "stage": stage.key,
            "probability": stage.probability,
            "amount": amount(chance, offer, odd_yuan(self.seed, member, number)),
            "close_date": close_date(chance, stage, self.starts_at.date()),
            "source": chance.weighted(SOURCES),
            "lost_reason": chance.weighted(LOST_REASONS) if stage.key == "lost" else None,
            "next_step": step or None,
            "description": sentence(chance, "story", self.language, blanks),
        }

    def activity(self, about: Values, member: str, number: int | str) -> Values:
        """Something done in the past two weeks, with its result, or planned for the coming days."""
        chance = self.chance("activity", member, number)
        kind = chance.weighted(ACTIVITIES)
        blanks = blanks_of(about, self._product(chance), self.language)
        done = chance.happens(HALF_DONE) and about.get("status") != "new"
        at = past(chance, self.starts_at, 1, 13) if done else coming(chance, self.starts_at, 1, 8)
        event = kind in EVENTS
        return {
            "subject": sentence(chance, kind, self.language, blanks),
            "activity_type": kind,
            "status": "done" if done else "open",
            "priority": chance.weighted(PRIORITIES),
            "starts_at": at if event else None,
            "ends_at": at + timedelta(minutes=30 * chance.between(1, 4)) if event else None,
            "due_at": None if event else at,
            "reminder_at": None if done else at - timedelta(minutes=30),
            "result": sentence(chance, f"result {kind}", self.language, blanks) if done else None,
        }

    def note(self, about: Values, member: str, number: int | str) -> Values:
        """What somebody wrote down: `body`."""
        chance = self.chance("note", member, number)
        blanks = blanks_of(about, self._product(chance), self.language)
        return {"body": sentence(chance, "note", self.language, blanks)}

    def product(self, *key: int | str) -> Values:
        """A product of the trade; the code has the key in it, so that keys give codes of their own."""
        chance = self.chance("product", *key)
        ware = chance.one(self._wares)
        listed = price(chance, ware)
        return {
            "code": "-".join((ware.code, *(str(part).upper() for part in key))),
            "name": ware.name.say(self.language),
            "unit": ware.unit.say(self.language),
            "list_price": listed,
            "floor_price": floor_price(chance, listed),
            "active": True,
            "description": None,
        }

    def line(self, product: Values, *key: int | str) -> Values:
        """A product line: `quantity unit_price discount`, the discount in whole per cent."""
        chance = self.chance("line", *key)
        listed = Decimal(str(product["list_price"]))
        return {
            "quantity": chance.between(1, 20),
            "unit_price": listed,
            "discount": chance.weighted(DISCOUNTS),
        }

    def _usual_offers(self) -> tuple[Offer, ...]:
        goods = [ware for ware in self._wares if "服务" not in ware.name.zh]
        middle = [Decimal(ware.lowest + ware.highest) / 2 for ware in goods]
        return tuple(
            Offer(ware.name.say(self.language), cost) for ware, cost in zip(goods, middle, strict=True)
        )

    def _product(self, chance: Draw) -> str:
        return chance.one(self._offers).name

    def soiled(self, dirt: str, kind: str, values: Values, *key: int | str) -> Values:
        """Those values with dirt of that kind on them; see `seed.dirt`."""
        return soiled(dirt, Soiling(kind, values, self.language, self.chance("dirt", dirt, *key)))

    def digits(self, *key: int | str) -> str:
        """Seven digits that no other member of the class is dealt."""
        member, *rest = key
        return reference(self.seed, str(member), "digits " + " ".join(map(str, rest)))[-7:]

    def varied(self, number: int, percent: int, *key: int | str) -> int:
        """A number up to so many per cent smaller or greater than this one, in whole hundreds."""
        reach = number * percent // 10_000
        return number + 100 * self.chance("varied", *key).between(-reach, reach)

    def _company(self, *key: int | str, wanted: Wanted = ANY) -> Company:
        buyers = (industry_alone(wanted.industry) if wanted.industry else None) or self._buyers
        return _company_of(self.seed, self.language, key, wanted.place, buyers)

    def _person(self, *key: int | str) -> Person:
        return any_person(self.chance("person", *key), self.starts_at.date())

    def _company_values(self, company: Company) -> Values:
        where = company.address
        return {
            "name": company.name,
            "industry": company.trade.industry,
            "nature": company.nature,
            "phone": company.phone,
            "fax": company.fax,
            "website": f"https://www.{company.domain}",
            "employees": company.employees,
            "annual_revenue": company.annual_revenue,
            "province": where.province,
            "city": where.city,
            "address": where.street,
            "postcode": where.postcode,
        }

    def _person_values(self, person: Person) -> Values:
        return {
            "name": person.name.say(self.language),
            "gender": person.gender,
            "title": person.job.title.say(self.language),
            "department": person.job.department.say(self.language),
            "mobile": person.mobile,
            "birthday": person.birthday,
        }
