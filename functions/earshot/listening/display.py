"""Numbers and names as people read them, for the templates."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

MOST_NAME = 48
MINUS = "\u2212"  # as wide as a plus sign, so that figures stand in line
UNITS = {
    "_dbfs": "dBFS",
    "_dbtp": "dBTP",
    "_lufs": "LUFS",
    "_lu": "LU",
    "_db": "dB",
    "_hz": "Hz",
    "_bps": "bit/s",
    "_ms": "ms",
}


def clock(milliseconds: float | None) -> str:
    """`0:07`, `12:44`, `1:02:03`: whole seconds, rounded down."""
    if milliseconds is None:
        return "—"
    seconds = int(milliseconds // 1000)
    hours, minutes = seconds // 3600, seconds // 60 % 60
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def edge(milliseconds: float) -> str:
    """`0:07.25`: where a segment begins or ends, to a hundredth of a second, rounded down."""
    return f"{clock(milliseconds)}.{int(milliseconds) % 1000 // 10:02}"


def short(name: str) -> str:
    """A long name cut in its middle."""
    if len(name) <= MOST_NAME:
        return name
    kept = MOST_NAME // 2 - 1
    return f"{name[:kept]}…{name[-kept:]}"


def number(value: float | None, digits: int = 1) -> str:
    """A number with a real minus sign; a dash where there is none."""
    return "—" if value is None else f"{value:,.{digits}f}".replace("-", MINUS)


def amount(hours: float | None) -> str:
    """`1.5 min`, `12.3 h`: minutes below a tenth of an hour."""
    if hours is None:
        return "—"
    return f"{number(hours)} h" if hours >= 0.1 else f"{number(hours * 60)} min"


def percent(share: float | None) -> str:
    """A share as whole per cent."""
    return "—" if share is None else f"{share * 100:.0f} %"


def day(moment: Any) -> str:
    """`3 Nov 2025`."""
    if not isinstance(moment, datetime):
        return "—"
    return f"{moment.astimezone(UTC):%-d %b %Y}"


def words(reason: str) -> str:
    """`clipped_before,noisy,` -> `clipped before, noisy`."""
    return ", ".join(part.replace("_", " ") for part in reason.split(",") if part)


def measure(name: str, value: Any) -> tuple[str, str]:
    """A value of a column and its unit."""
    if value is None:
        return "—", ""
    if isinstance(value, bool):
        return ("yes" if value else "no"), ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC", ""
    unit = next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")
    unit = "dBFS" if name == "loudness" else unit
    if isinstance(value, float):
        return (f"{value:,.4g}" if abs(value) < 1 else f"{value:,.2f}").replace("-", MINUS), unit
    if isinstance(value, int):
        return f"{value:,}".replace("-", MINUS), unit
    return str(value), unit


def is_link(address: Any) -> bool:
    """Whether an address from the web may become a link: http and https only."""
    return isinstance(address, str) and bool(re.match(r"^https?://[^\s<>\"']+$", address))


def functions() -> Mapping[str, Any]:
    """What templates call."""
    return {
        "clock": clock,
        "edge": edge,
        "short": short,
        "number": number,
        "amount": amount,
        "percent": percent,
        "day": day,
        "words": words,
        "measure": measure,
        "is_link": is_link,
    }
