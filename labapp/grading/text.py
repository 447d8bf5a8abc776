"""A sentence in both languages of the house."""

from labapp.values import dataclass


@dataclass(frozen=True)
class Text:
    """What a person reads, in English and in Chinese."""

    en: str
    zh: str

    def json(self) -> dict[str, str]:
        """The form rubric and result use."""
        return {"en": self.en, "zh": self.zh}
