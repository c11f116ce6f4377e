"""The forms of a recording on its way, each handed on by one room to the next.

    AudioFound      a link on a page                   scraper    -> topic audio-found   -> downloader
    AudioObject     bytes on the shelf, with labels    downloader -> bucket, topic       -> analyser
    Refusal         why there are no bytes, or no row  downloader -> bucket, topic       -> analyser
    AudioAnalysis   one row of `audio_metadata`        analyser   -> BigQuery

Readers are tolerant (unknown fields are ignored), writers exact; changes only add optional fields.
"""

from earshot.audio.analysis import AudioAnalysis, Scalar, finite
from earshot.audio.found import LABELS_BYTES, URL_BYTES, AudioFound, Labels, Noun, Origin
from earshot.audio.identity import SHARDS, audio_id, now, shard
from earshot.audio.letter import DeadLetter
from earshot.audio.message import pubsub_message
from earshot.audio.shelved import Arrival, AudioObject, Refusal
from earshot.audio.text import LABEL_BYTES, clean

__all__ = [
    "LABELS_BYTES",
    "LABEL_BYTES",
    "SHARDS",
    "URL_BYTES",
    "Arrival",
    "AudioAnalysis",
    "AudioFound",
    "AudioObject",
    "DeadLetter",
    "Labels",
    "Noun",
    "Origin",
    "Refusal",
    "Scalar",
    "audio_id",
    "clean",
    "finite",
    "now",
    "pubsub_message",
    "shard",
]
