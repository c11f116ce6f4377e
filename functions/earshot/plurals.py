"""Numbers with their noun, in the singular or the plural: every count that a person reads is written by this."""


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 row`, `2 rows`; a plural that is not the noun with an s is given."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
