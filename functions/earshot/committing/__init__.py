"""Rows that wait in Pub/Sub in, rows in their tables out: a few statements for all that came meanwhile.

commit_rows    one round: pull, commit table by table, acknowledge
rounds         when a round begins: at once where little happens, and seldom enough that its price stays bounded
"""

from earshot.committing.commit_rows import commit_rows
from earshot.committing.rounds import Rounds

__all__ = ["Rounds", "commit_rows"]
