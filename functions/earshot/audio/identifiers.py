"""Identity of a recording, partition of its row, present moment."""

import zlib
from datetime import UTC, datetime
from hashlib import sha256

SHARDS = 1000  # range partitions of each table; BigQuery allows 10,000


def now() -> datetime:
    """The present moment, UTC."""
    return datetime.now(UTC)


def audio_id(canonical_url: str) -> str:
    """32 hex digits of SHA-256 over the canonical URL: the same link is the same recording, everywhere."""
    return sha256(canonical_url.encode()).hexdigest()[:32]


def shard(gcp_url: str) -> int:
    """Partition of a row: CRC-32 of `gcp_url` modulo 1000, so a MERGE reads 1/1000 of the table."""
    return zlib.crc32(gcp_url.encode()) % SHARDS
