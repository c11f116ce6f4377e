"""The types that one function publishes or stores for the next.

    AudioFound      a link on a page                   scraper    -> topic audio-found   -> downloader
    AudioObject     stored bytes with metadata         downloader -> bucket, topic       -> analyser
    Refusal         why there are no bytes, or no row  downloader -> bucket, topic       -> analyser
    AudioAnalysis   one row of `audio_metadata`        analyser   -> topic rows          -> committer
    QueuedRow       a row of any table                 topic rows -> committer           -> BigQuery

Readers are tolerant (unknown fields are ignored), writers exact; changes only add optional fields.
"""

from earshot.audio.alternatives import MAX_ALTERNATIVES, URL_BYTES, Alternative, alternatives_json
from earshot.audio.analysis import AudioAnalysis, Scalar, finite
from earshot.audio.annotation import WEAK, Annotation
from earshot.audio.audio_found import METADATA_BYTES, AudioFound, FrozenModel, ObjectMetadata, Origin
from earshot.audio.bounded import MOST_ATTEMPTS
from earshot.audio.dead_letter import DeadLetter
from earshot.audio.identifiers import SHARDS, audio_id, now, shard
from earshot.audio.pubsub_envelope import published_at, pubsub_message
from earshot.audio.queued_row import QueuedRow
from earshot.audio.stored_audio import Arrival, AudioObject, Refusal
from earshot.clean_text import METADATA_VALUE_BYTES, clean

__all__ = [
    "MAX_ALTERNATIVES",
    "METADATA_BYTES",
    "METADATA_VALUE_BYTES",
    "MOST_ATTEMPTS",
    "SHARDS",
    "URL_BYTES",
    "WEAK",
    "Alternative",
    "Annotation",
    "Arrival",
    "AudioAnalysis",
    "AudioFound",
    "AudioObject",
    "DeadLetter",
    "FrozenModel",
    "ObjectMetadata",
    "Origin",
    "QueuedRow",
    "Refusal",
    "Scalar",
    "alternatives_json",
    "audio_id",
    "clean",
    "finite",
    "now",
    "published_at",
    "pubsub_message",
    "shard",
]
