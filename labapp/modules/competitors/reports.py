"""Reports on competitors: how dangerous they are, and of what nature (004 §2.5)."""

from flask_babel import lazy_gettext as _l

from labapp.records.report_kinds import COUNT, grouped

CONDITIONS = ("from", "to", "threat", "nature", "industry")

threat = grouped(
    "threat",
    _l("Competitors by threat"),
    (COUNT,),
    groups=("threat", "nature", "industry", "owner"),
    conditions=CONDITIONS,
    explain=_l("How many competitors are how dangerous."),
)

nature = grouped(
    "nature",
    _l("Competitors by nature of company"),
    (COUNT,),
    groups=("nature", "threat", "industry", "owner"),
    conditions=CONDITIONS,
    explain=_l("State-owned, private, foreign: whom we meet in the market."),
)

REPORTS = (threat, nature)
