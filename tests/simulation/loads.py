"""Parameters of a simulated run: what arrives, who works on it, how long a step takes."""

from dataclasses import dataclass
from math import exp, log
from random import Random


@dataclass(frozen=True)
class Load:
    """One run. Times are log-normal; `_median_s` is their median, `SIGMA` their spread."""

    rows_per_s: float
    """Files that arrive in a second, at random moments; each gives a row and a row of history."""
    duration_s: float = 3600.0
    table_rows: int = 1_000_000
    """In `audio_metadata` when the run begins; `analyses` has as many."""
    known_share: float = 0.002
    """Rows whose key is in the table already, and which are newer: re-measured or replaced files."""
    instances: int = 35
    """Of the analyser."""
    vcpus: int = 2
    """Of an instance, each measuring one file."""
    requests: int = 80
    """Deliveries that an instance works on at a time."""
    measure_median_s: float = 1.06
    """vCPU seconds of a file of 60 s: 0.3 to 2 were measured, 1.16 on average with this spread."""
    statement_median_s: float = 2.5
    load_median_s: float = 2.0
    gather_s: float = 1.0
    usd_per_hour: float = 2.0
    row_bytes: int = 1500
    message_bytes: int = 2500
    seed: int = 1


SIGMA = 0.4


def lognormal(dice: Random, median: float) -> float:
    """A duration in seconds."""
    return exp(dice.gauss(log(median), SIGMA))
