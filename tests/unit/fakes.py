"""Small fakes with state for the functions' tests: a web that is a dict, a bucket that is a dict."""

import base64
import io
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from earshot.audio import AudioFound, AudioObject, ObjectMetadata, Refusal, now

WAV = (
    b"RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"
    + bytes(4)
)


def message(found: AudioFound, **attributes: str) -> dict:
    """The data of the CloudEvent that brings a link."""
    data = base64.b64encode(found.model_dump_json().encode()).decode()
    return {"message": {"data": data, "attributes": attributes}}


@dataclass
class Response:
    """The response of a source."""

    body: bytes
    url: str
    status: int = 200
    headers: dict = field(default_factory=dict)
    signals: list = field(default_factory=list)
    hops: list = field(default_factory=list)

    def blocks(self):
        for start in range(0, len(self.body), 1000):
            yield self.body[start : start + 1000]


@dataclass
class Web:
    """URL to body, or to the error that fetching it raises; lists what was requested."""

    pages: dict
    asked: list = field(default_factory=list)
    signals: list = field(default_factory=list)
    etag: str = '"1"'
    more: dict = field(default_factory=dict)  # further headers
    via: dict = field(default_factory=dict)  # URL to the hops before it answers

    @contextmanager
    def fetch(self, url, *, max_bytes, timeout_s, headers=None):
        self.asked.append(url)
        if isinstance(self.pages[url], Exception):
            raise self.pages[url]
        unchanged = (headers or {}).get("If-None-Match") == self.etag
        headers = {"etag": self.etag, "content-type": "audio/wav", **self.more}
        hops = [url, *self.via.get(url, ())]
        answered = {"headers": headers, "signals": self.signals, "hops": hops}
        if unchanged:
            yield Response(b"", hops[-1], status=304, **answered)
            return
        yield Response(self.pages[url], hops[-1], **answered)


@dataclass
class AudioStore:
    """Name to bytes and object; generations count up over all names."""

    bodies: dict = field(default_factory=dict)
    objects: dict = field(default_factory=dict)
    refusals: dict = field(default_factory=dict)
    generation: int = 0
    hosts: set = field(default_factory=set)  # withdrawn as a whole
    rival: bytes | None = None  # what another delivery stores just before ours

    def drop(self, name, body, metadata=None, content_type="audio/wav"):
        self.generation += 1
        self.bodies[name] = body
        self.objects[name] = AudioObject(
            bucket="recordings",
            name=name,
            generation=self.generation,
            bytes=len(body),
            content_type=content_type,
            created_at=now(),
            metadata=metadata or ObjectMetadata(),
        )
        return self.objects[name]

    def find(self, audio_id):
        return next((kept for name, kept in self.objects.items() if name.startswith(f"audio/{audio_id}")), None)

    def describe(self, name):
        return self.objects.get(name)

    def names(self, prefix):
        return sorted(name for name in self.objects if name.startswith(prefix))

    def download(self, kept, path: Path):
        if self.objects.get(kept.name) != kept:
            return False
        path.write_bytes(self.bodies[kept.name])
        return True

    def refusal(self, audio_id):
        return self.refusals.get(audio_id)

    def refuse(self, refusal: Refusal):
        self.refusals[refusal.audio_id] = refusal
        self.drop(
            f"refused/{refusal.audio_id}.json", refusal.model_dump_json().encode(), content_type="application/json"
        )

    def update_metadata(self, kept, metadata, *, notify):
        if self.objects.get(kept.name) != kept:
            return
        self.generation += notify
        generation = self.generation if notify else kept.generation
        self.objects[kept.name] = replace(kept, metadata=metadata, generation=generation)

    def remove(self, audio_id):
        for name in [name for name in self.objects if name.startswith(f"audio/{audio_id}")]:
            del self.objects[name]

    def delete(self, name):
        self.objects.pop(name, None)

    def withdraw_host(self, host):
        self.hosts.add(host)

    def withdrawn_hosts(self):
        return self.hosts

    @contextmanager
    def incoming(self, audio_id):
        yield Incoming(self)

    def age(self, audio_id, by):
        """Make a refusal older than it is."""
        kept = self.refusals[audio_id]
        self.refusals[audio_id] = kept.model_copy(update={"last_seen": kept.last_seen - by})

    def replaced(self, name, generation):
        self.objects[name] = replace(self.objects[name], generation=generation)


@dataclass
class Incoming:
    """Bytes on their way to an `AudioStore`."""

    store: AudioStore
    body: bytes = b""

    @contextmanager
    def writer(self, content_type):
        file = io.BytesIO()
        yield file
        self.body = file.getvalue()

    def put(self, name, metadata, content_type, *, replaces=0):
        if self.store.rival is not None:
            self.store.drop(name, self.store.rival)
        if (self.store.objects[name].generation if name in self.store.objects else 0) != replaces:
            return None
        return self.store.drop(name, self.body, metadata, content_type)


@dataclass
class Table:
    """Keeps rows as the MERGE does; `faults` are raised first."""

    key: tuple = ("gcp_url",)
    rows: dict = field(default_factory=dict)
    faults: list = field(default_factory=list)

    def upsert(self, row):
        if self.faults:
            raise self.faults.pop(0)
        same = row["gcp_url"] if len(self.key) == 1 else tuple(row[name] for name in self.key)
        kept = self.rows.get(same)
        age = ("generation", "analyser_version")
        if kept is None or [row[key] for key in age] >= [kept[key] for key in age]:
            self.rows[same] = dict(row)


@dataclass
class Removals:
    """Marks the rows of another table."""

    table: Table

    def upsert(self, row):
        kept = self.table.rows.get(row["gcp_url"])
        if kept and kept["generation"] <= row["generation"] and not kept["removed_at"]:
            kept |= {name: row[name] for name in ("removed_at", "removed_because")}
