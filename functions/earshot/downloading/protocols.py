"""What the downloader needs of the web and of the bucket, as protocols."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from earshot.audio import AudioObject, ObjectMetadata, Refusal
from earshot.consent import Signal


class Response(Protocol):
    """The response of a source: `blocks` streams the body and raises if it is too large, too slow or cut short."""

    @property
    def url(self) -> str: ...
    @property
    def hops(self) -> Sequence[str]: ...
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def signals(self) -> Sequence[Signal]: ...
    def blocks(self) -> Iterator[bytes]: ...


class Web(Protocol):
    """Fetches politely and safely; a 404 is a SourceGone, a 503 a SourceAsksToWait."""

    def fetch(
        self, url: str, *, max_bytes: int, timeout_s: float, headers: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Response]: ...


class Writer(Protocol):
    """Takes the bytes of a recording, block by block."""

    def write(self, block: bytes, /) -> int: ...


class Incoming(Protocol):
    """Bytes before they get their final name."""

    def writer(self, content_type: str) -> AbstractContextManager[Writer]: ...
    def put(
        self, name: str, metadata: ObjectMetadata, content_type: str, *, replaces: int = 0
    ) -> AudioObject | None: ...


class AudioStore(Protocol):
    """Where recordings and refusals are stored; a refusal that cannot be read raises ValueError."""

    def find(self, audio_id: str) -> AudioObject | None: ...
    def refusal(self, audio_id: str) -> Refusal | None: ...
    def refuse(self, refusal: Refusal) -> None: ...
    def update_metadata(self, kept: AudioObject, metadata: ObjectMetadata, *, notify: bool) -> None: ...
    def remove(self, audio_id: str) -> None: ...
    def withdrawn_hosts(self) -> Collection[str]: ...
    def incoming(self, audio_id: str) -> AbstractContextManager[Incoming]: ...
