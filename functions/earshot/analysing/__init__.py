"""News of an object in; one row of `audio_metadata` out, or one of `refusals` that says why not.

news       what an arrival, a deletion or a refusal on the shelf leads to
looking    an object taken down and measured
refused    the rows of what gives no measures
"""

from earshot.analysing.handle_object_event import OURS, analyse
from earshot.analysing.measure_object import identity, look
from earshot.analysing.refusal_rows import refusal_row, undecodable_row

__all__ = ["OURS", "analyse", "identity", "look", "refusal_row", "undecodable_row"]
