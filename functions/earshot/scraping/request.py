"""What a crawl is asked, and what it answers: both JSON."""

import secrets
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from earshot.errors import BadRequest

TRACEPARENT = r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"  # W3C Trace Context, version 00


def new_traceparent() -> str:
    """A trace that starts here, sampled."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-01"


class CrawlRequest(BaseModel):
    """Where to look, and how far. Unlike the rooms' messages it comes from a person: an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pages: Annotated[list[str], Field(min_length=1, max_length=10_000)]
    depth: Annotated[int, Field(ge=0, le=10)] = 0
    """How many links away from the first pages to go; 0 reads these alone."""
    limit: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    """Most links to audio published."""
    same_site: bool = True
    """Read further pages only on the hosts of the first ones ("www." aside); audio may lie anywhere."""
    traceparent: Annotated[str, Field(pattern=TRACEPARENT, default_factory=new_traceparent)]

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


class Refused(BaseModel):
    """A page that could not be read, or a link that may not be followed, and why."""

    url: str
    reason: str
    detail: str


class CrawlReport(BaseModel):
    """What a crawl did."""

    traceparent: str
    pages_read: int = 0
    links_found: int = 0
    """Links to audio on these pages, repeats included."""
    published: int = 0
    """Distinct recordings handed on."""
    recordings: list[str] = Field(default_factory=list)
    """Their `audio_id`s, the first 10,000: by them a caller follows what becomes of each."""
    refused: list[Refused] = Field(default_factory=list)
    limit_reached: bool = False
    """There was more, but `limit` or the largest number of pages was reached."""
