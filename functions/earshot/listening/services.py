"""What the page needs of the outside, as protocols; its entry point builds them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from earshot.audio import Annotation, AudioObject, ObjectMetadata
from earshot.audio.corpus_filters import Filters
from earshot.tagging.choose_model import Choice

Row = dict[str, Any]


class Corpus(Protocol):
    """The recordings as a list with facets."""

    def page(self, filters: Filters) -> Any: ...
    def selected(self, filters: Filters, limit: int = ...) -> list[Row]: ...
    def rules(self) -> list[Row]: ...


class Recordings(Protocol):
    """What is known of single recordings."""

    def find(self, audio_id: str) -> Row | None: ...
    def heard(self, row: Mapping[str, Any]) -> dict[str, Row]: ...
    def measures(self, gcp_url: str) -> Row: ...
    def judged(self, gcp_url: str) -> list[Row]: ...
    def copies(self, gcp_url: str) -> list[Row]: ...
    def similar(self, gcp_url: str) -> tuple[list[Row], str]: ...
    def refusals(self) -> list[Row]: ...
    def funnel(self) -> list[Row]: ...
    def models(self) -> list[Row]: ...
    def totals(self) -> Row: ...
    def next(self) -> list[Row]: ...
    def definitions(self) -> dict[str, str]: ...


class Described(Protocol):
    """An object without its bytes."""

    @property
    def name(self) -> str: ...
    @property
    def generation(self) -> int: ...
    @property
    def bytes(self) -> int: ...
    @property
    def content_type(self) -> str: ...


class Objects(Protocol):
    """Ranges of objects of the bucket."""

    def describe(self, name: str) -> Described | None: ...
    def read(self, name: str, generation: int | None, first: int, last: int) -> bytes | None: ...
    def stream(self, kept: Any, first: int, last: int) -> Iterator[bytes]: ...


class Writer(Protocol):
    """Takes bytes."""

    def write(self, data: bytes, /) -> object: ...


class Incoming(Protocol):
    """An upload into the bucket that has no name yet."""

    def writer(self, content_type: str) -> AbstractContextManager[Writer]: ...
    def put(
        self, name: str, metadata: ObjectMetadata, content_type: str, *, replaces: int = 0
    ) -> AudioObject | None: ...


class AudioStore(Protocol):
    """The bucket, for an upload that a person keeps."""

    def incoming(self, audio_id: str) -> AbstractContextManager[Incoming]: ...


class Annotations(Protocol):
    """The append-only table of judgements."""

    def append(self, annotations: Iterable[Annotation]) -> int: ...


class Models(Protocol):
    """The models of the present."""

    def choices(self) -> list[Choice]: ...


class Settings(Protocol):
    """What the page takes from the settings."""

    @property
    def bucket(self) -> str: ...
    @property
    def project(self) -> str: ...
    @property
    def iap_audience(self) -> str: ...
    @property
    def allowed_hosts(self) -> str: ...
    @property
    def max_audio_bytes(self) -> int: ...
    @property
    def max_duration_s(self) -> float: ...
    @property
    def keep_uploads(self) -> bool: ...
    @property
    def upload_minutes(self) -> float: ...
    @property
    def socket_s(self) -> float: ...
    @property
    def changes_per_minute(self) -> int: ...
    @property
    def streams(self) -> int: ...


@dataclass(frozen=True)
class Services:
    """All of them."""

    corpus: Corpus
    recordings: Recordings
    objects: Objects
    store: AudioStore
    annotations: Annotations
    identity: Callable[[Mapping[str, str]], str]
    models: Models
    settings: Settings
