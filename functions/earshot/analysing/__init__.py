"""The notification of an object in; one row of `audio_metadata` out, or one of `refusals` with the reason.

handle_object_event  what follows from an object that was stored or deleted, and from a stored refusal
measure_object       an object downloaded and measured
refusal_rows         the rows of what gives no measures
"""

from earshot.analysing.handle_object_event import OURS, analyse
from earshot.analysing.measure_object import identity, measure_object
from earshot.analysing.refusal_rows import refusal_row, undecodable_row

__all__ = ["OURS", "analyse", "identity", "measure_object", "refusal_row", "undecodable_row"]
