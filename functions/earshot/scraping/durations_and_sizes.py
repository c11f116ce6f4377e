"""Durations and sizes as people write them: text in, milliseconds or bytes out; None for what is neither."""

import re

ISO_8601 = re.compile(
    r"P(?:(?P<d>\d{1,3})D)?(?:T(?:(?P<h>\d{1,4})H)?(?:(?P<m>\d{1,6})M)?(?:(?P<s>\d{1,8}(?:[.,]\d{1,9})?)S)?)?"
)
CLOCK = re.compile(r"(?:(?:(?P<h>\d{1,3}):)?(?P<m>\d{1,3}):)?(?P<s>\d{1,8}(?:\.\d{1,9})?)")
SIZE = re.compile(r"(?P<number>\d{1,15}(?:[.,]\d{1,3})?)\s*(?P<unit>[kmg]i?b?|b|bytes)?", re.IGNORECASE)
RATE = re.compile(r"(?P<number>\d{1,12}(?:\.\d{1,3})?)\s{0,9}(?P<unit>k|kb|kbps|kbit/s|bps)?", re.IGNORECASE)
LONGEST_TEXT = 64  # characters of a number with its unit
MOST_BPS = 100_000_000  # 32 channels of 96 kHz and 32 bits
LONGEST_MS = 30 * 86_400_000  # beyond a month it is a mistake, or no recording


def duration_ms(text: object) -> int | None:
    """`PT1H2M3.5S` (ISO 8601), `1:02:03`, `62:03`, `3723.5` or a number of seconds, in milliseconds."""
    value = str(text)[: LONGEST_TEXT + 1].strip()
    match = ISO_8601.fullmatch(value) or CLOCK.fullmatch(value)
    if match is None:
        return None
    parts = {name: float((value or "0").replace(",", ".")) for name, value in match.groupdict().items()}
    seconds = parts.get("d", 0.0) * 86_400 + parts["h"] * 3600 + parts["m"] * 60 + parts["s"]
    return round(seconds * 1000) if 0 < seconds * 1000 <= LONGEST_MS else None


def size_bytes(text: object) -> int | None:
    """`5242880`, `5.2 MB` or `5 MiB` in bytes; kB and MB are powers of 1000."""
    match = SIZE.fullmatch(str(text)[: LONGEST_TEXT + 1].strip())
    if match is None:
        return None
    unit = (match["unit"] or "b").lower()
    factor = {"k": 1, "m": 2, "g": 3}.get(unit[0], 0)
    size = float(match["number"].replace(",", ".")) * (1024 if "i" in unit else 1000) ** factor
    return round(size) if 0 < size < 2**53 else None


def bit_rate_bps(text: object) -> int | None:
    """`128000` or `128 kbit/s` in bits per second."""
    match = RATE.fullmatch(str(text)[: LONGEST_TEXT + 1].strip())
    if match is None:
        return None
    rate = float(match["number"]) * (1000 if (match["unit"] or "").lower().startswith("k") else 1)
    return round(rate) if 0 < rate <= MOST_BPS else None


def milliseconds(text: object) -> int | None:
    """A whole number of milliseconds within a month; None for anything else."""
    value = str(text)[: LONGEST_TEXT + 1].strip()
    if not value.isascii() or not value.isdecimal() or len(value) > 18:
        return None
    return int(value) if 0 < int(value) <= LONGEST_MS else None
