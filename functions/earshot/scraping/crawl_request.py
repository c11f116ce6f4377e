"""Request and report of a crawl, both JSON."""

import secrets
from collections.abc import Iterator
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from earshot.audio import clean
from earshot.errors import BadRequest, EarshotError, GiveUp
from earshot.scraping.freesound import Search
from earshot.scraping.passed_over import PassedOver
from earshot.urls import without_credentials

TRACEPARENT = r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"  # W3C Trace Context, version 00
SOURCES = ("pages", "feeds", "sitemaps", "playlists", "archive", "freesound", "lists")
MOST_REFUSED = 1000  # named in a report; the rest is counted
SHOWN_BYTES = 500  # of an address, of a reason
INTERRUPT = "interrupt"
NOT_REPORTED = frozenset(("placeholder",))  # no address

Addresses = Annotated[list[str], Field(max_length=10_000)]


def new_traceparent() -> str:
    """A trace that starts here, sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


class CrawlRequest(BaseModel):
    """Where to look, and how far. People write it, so an unknown field is an error, unlike in messages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pages: Addresses = []
    feeds: Addresses = []
    sitemaps: Addresses = []
    """Also the address of a robots.txt, for the sitemaps it names."""
    playlists: Addresses = []
    archive: Addresses = []
    """Identifiers of items of the Internet Archive."""
    freesound: Annotated[list[Search], Field(max_length=100)] = []
    lists: Addresses = []
    """Files with a URL a line, such as gs://bucket/urls.txt; .gz is unfolded."""
    depth: Annotated[int, Field(ge=0, le=10)] = 0
    """How many links away from the first addresses to go; 0 reads these alone, with what belongs to them: further
    pages of a feed, pages of a sitemap, playlists in a playlist."""
    same_site: bool = True
    """Read further pages only on the hosts of the first ones ("www." aside); audio may lie anywhere."""
    include: Addresses = []
    """Shell patterns; a link to audio must match one of them, if there are any."""
    exclude: Addresses = []
    """Shell patterns; what matches is neither read nor published."""
    limit: Annotated[int, Field(ge=1, le=10_000_000)] = 500
    """Largest number of recordings published."""
    traceparent: Annotated[str, Field(pattern=TRACEPARENT, default_factory=new_traceparent)]

    @model_validator(mode="after")
    def _looks_somewhere(self) -> Self:
        if not any(getattr(self, source) for source in SOURCES):
            raise ValueError(f"name at least one of {', '.join(SOURCES)}")
        return self

    @classmethod
    def read(cls, body: bytes | str) -> Self:
        """From the JSON body of a request.

        Raises:
            BadRequest: naming each field that is wrong, and what it wants.
        """
        try:
            return cls.model_validate_json(body)
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, fault['loc'])) or 'body'}: {fault['msg']}" for fault in error.errors())
            raise BadRequest("; ".join(faults)) from error

    def documents(self, archive_url: str) -> Iterator[str]:
        """URLs of all documents to read, whichever field names them: their bytes decide what they are."""
        yield from [*self.pages, *self.feeds, *self.sitemaps, *self.playlists]
        for item in self.archive:
            yield f"{archive_url}metadata/{item}"


class Refused(BaseModel):
    """A document or link that was not read or published, and why."""

    url: str
    reason: str
    detail: str


class CrawlReport(BaseModel):
    """Result of a crawl."""

    traceparent: str
    pages_read: int = 0
    """Documents that answered, of any type."""
    links_found: int = 0
    """Links to audio in them, repeated ones included."""
    published: int = 0
    """Recordings published; distinct, except those that were found again after a hundred thousand others."""
    recordings: list[str] = Field(default_factory=list)
    """Their `audio_id`s, the first 10,000: by them a caller follows what becomes of each."""
    refusals: int = 0
    refused: list[Refused] = Field(default_factory=list)
    """The first thousand of the refusals."""
    stopped_by: str | None = None
    """What ended the crawl before its sources did: limit, max_pages, crawl_timeout_s, or interrupt (a signal)."""

    @property
    def counts(self) -> dict[str, int | str | None]:
        """How far it is, without the lists."""
        return self.model_dump(include={"pages_read", "links_found", "published", "refusals", "stopped_by"})

    def pass_over(self, link: PassedOver) -> None:
        """Note that a link to audio is not published: a stream, or no URL that can be fetched."""
        if link.reason not in NOT_REPORTED:
            self.refusals += 1
            if len(self.refused) < MOST_REFUSED:
                self.refused.append(Refused(url=link.url, reason=link.reason, detail=link.detail))

    def refuse(self, url: str, error: EarshotError) -> None:
        """Note that something could not be read."""
        self.refusals += 1
        if len(self.refused) < MOST_REFUSED:
            reason = error.reason if isinstance(error, GiveUp) else "come_again"
            self.refused.append(Refused(url=_shown(url), reason=reason, detail=_shown(str(error))))


def _shown(text: str) -> str:
    return clean(without_credentials(text), SHOWN_BYTES)
