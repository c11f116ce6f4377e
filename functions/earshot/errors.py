"""Errors raised on purpose, sorted by what the caller should do about them.

    EarshotError
    ├── GiveUp               never better on another try: acknowledged, and recorded as a refusal with `reason`
    │   ├── BadEvent         the delivery cannot be read
    │   ├── BadUrl           not an http(s) URL, or one with credentials in it
    │   ├── ForbiddenAddress the URL leads into a private or reserved network, or to a port of another service
    │   ├── HostUnknown      the name does not exist (NXDOMAIN)
    │   ├── TlsUntrusted     the host's certificate does not hold
    │   ├── RobotsForbid     robots.txt disallows the URL for us
    │   ├── OptedOut         the owner has opted out by another signal (noai, TDM reservation, AIPREF, podcast:block)
    │   ├── Withdrawn        a person had it removed (`earshot forget`); never asked again
    │   ├── SourceGone       404 or 410
    │   ├── SourceRefuses    any other 4xx that a later try does not mend
    │   ├── SourceUnavailable the source failed at each of several deliveries
    │   ├── SourceBusy       the source was busy at each of many deliveries, or for days
    │   ├── TooManyOfHost    more links of one host than can be fetched before they expire in the topic
    │   ├── TooManyRedirects a redirect loop, or a chain over the limit
    │   ├── TooLarge         more bytes than the limit
    │   ├── Empty            no bytes, or no samples
    │   ├── NotAudio         the bytes are something else (HTML, JSON, a playlist, an archive)
    │   ├── TooLong          decodes to more than the limit of duration
    │   ├── Undecodable      audio by its first bytes, yet no decoder makes samples of it within its limits
    │   └── Unreadable       a page, feed, sitemap or playlist that our parsers fail on
    ├── BadRequest           a person's or the scheduler's request is wrong: answered 400 with the field's name
    ├── NotAllowed           who asks is not known, or may not do this: answered 403
    └── ComeAgain            may be better later: not acknowledged, delivered again, dead-lettered in the end
        ├── SourceFails      the source failed and did not ask to wait: becomes SourceUnavailable after some deliveries
        └── SourceAsksToWait the source is busy: becomes SourceBusy after many deliveries, or after days

Anything that is not a GiveUp is delivered again, so a fault of ours never costs a recording.
"""

from typing import ClassVar


class EarshotError(Exception):
    """Root of all errors raised on purpose."""


class GiveUp(EarshotError):
    """Never better on another try; `reason` is the code that the row of `refusals` keeps, `evidence` what was seen."""

    reason: ClassVar[str] = "gave_up"
    retryable: ClassVar[bool] = False
    """Whether the source can change this: asked again after the re-check window, it may answer."""

    def __init__(self, message: str, **evidence: str | int | float | None) -> None:
        super().__init__(message)
        self.evidence = evidence


class BadEvent(GiveUp):
    """The delivery is not of a form that this function reads."""

    reason = "bad_event"


class BadUrl(GiveUp):
    """The URL is not http or https, has no host, or carries credentials."""

    reason = "bad_url"


class ForbiddenAddress(GiveUp):
    """The host's address is private, loopback, link-local or otherwise reserved, or the port is blocked.

    Blocked are the ports that browsers refuse: SMTP, SIP, X11 and the like.
    """

    reason = "forbidden_address"


class HostUnknown(GiveUp):
    """The host's name does not exist. A resolver that fails to answer is a `ComeAgain` instead."""

    reason = "host_unknown"
    retryable = True


class TlsUntrusted(GiveUp):
    """The host's certificate is expired, self-signed, or made for another name."""

    reason = "tls_untrusted"
    retryable = True


class RobotsForbid(GiveUp):
    """The host's robots.txt disallows the URL, and the policy is to respect that."""

    reason = "robots_forbid"
    retryable = True


class OptedOut(GiveUp):
    """The owner says by another signal than robots.txt that the recording is not to be used so."""

    reason = "opted_out"
    retryable = True


class Withdrawn(GiveUp):
    """The recording, or all of its host, was withdrawn; `is_new` says that there is no record of this one yet."""

    reason = "withdrawn"

    def __init__(self, message: str, *, is_new: bool) -> None:
        super().__init__(message)
        self.is_new = is_new


class SourceGone(GiveUp):
    """The source answers 404 or 410."""

    reason = "source_gone"
    retryable = True


class SourceRefuses(GiveUp):
    """The source answers another 4xx that a later try does not mend (401, 403, 451, …)."""

    reason = "source_refuses"
    retryable = True


class SourceUnavailable(GiveUp):
    """The source has failed at so many deliveries that the other links of its host shall not wait any longer."""

    reason = "source_unavailable"
    retryable = True


class SourceBusy(GiveUp):
    """The source has been busy (429, 503, Retry-After) for so many deliveries or so long that the link is given up.

    Otherwise it would expire unread in the topic.
    """

    reason = "source_busy"
    retryable = True


class TooManyOfHost(GiveUp):
    """A crawl found more links of one host than can be fetched one after another before they expire in the topic."""

    reason = "too_many_of_host"
    retryable = True


class TooManyRedirects(GiveUp):
    """The redirects do not end, or are more than the limit."""

    reason = "too_many_redirects"
    retryable = True


class TooLarge(GiveUp):
    """More bytes than the limit, declared or counted."""

    reason = "too_large"


class Empty(GiveUp):
    """No bytes at all, or a container without a single sample."""

    reason = "empty"


class NotAudio(GiveUp):
    """The bytes are something else, whatever the name or the declared type says."""

    reason = "not_audio"


class TooLong(GiveUp):
    """Lasts longer than the limit: a decompression bomb, or no recording one would want whole."""

    reason = "too_long"


class Undecodable(GiveUp):
    """Audio by its first bytes, but no decoder makes samples of it within the limits."""

    reason = "undecodable"


class Unreadable(GiveUp):
    """A parser failed on a document in a way that nobody foresaw: the fault is ours, and of this document alone."""

    reason = "unreadable"
    retryable = True


class BadRequest(EarshotError):
    """The request of a caller is wrong; the message names the field and what it wants."""


class NotAllowed(EarshotError):
    """Who asks is not known, or may not do this: answered 403."""


class ComeAgain(EarshotError):
    """May be better later (429, 5xx, a timeout, a DML conflict): the delivery is not acknowledged.

    `retry_after_s` is how long the other side asked us to wait, if it did.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class SourceFails(ComeAgain):
    """The source answers 5xx, or not at all, or breaks off."""


class SourceAsksToWait(ComeAgain):
    """The source is busy (408, 425, 429, 503, any answer with Retry-After), or our quota of requests there is spent."""
