"""A number of requests that all instances share: a small object that lists when each was made.

Before a request its time is written into the object, on the condition that nobody else has written since it was read
(generation precondition), so that no two instances ever spend the same request.
"""

import json
import random
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Protocol

from google.api_core.exceptions import GoogleAPICallError, NotFound, PreconditionFailed
from requests.exceptions import RequestException

from earshot.adapters import google_clients
from earshot.errors import ComeAgain, SourceAsksToWait

if TYPE_CHECKING:
    from google.cloud.storage import Bucket

MINUTE_S, DAY_S = 60, 86_400
ATTEMPTS = 20  # against others who write at the same time; GCS takes about one write a second of one object


class Settings(Protocol):
    """What a function's settings say about Freesound."""

    @property
    def project(self) -> str: ...
    @property
    def bucket(self) -> str: ...
    @property
    def freesound_per_minute(self) -> int: ...
    @property
    def freesound_per_day(self) -> int: ...


class Store(Protocol):
    """One text with a generation: 0 while there is none."""

    def read(self) -> tuple[bytes, int]: ...
    def write(self, text: bytes, generation: int) -> bool:
        """Whether it was still of that generation, and is now replaced."""
        ...


class StoredObject:
    """A `Store` that all instances see."""

    def __init__(self, bucket: "Callable[[], Bucket]", name: str, *, timeout_s: float = 30.0) -> None:
        self._bucket, self._name, self._timeout_s = cache(bucket), name, timeout_s

    def read(self) -> tuple[bytes, int]:
        """Text and generation of one moment; ComeAgain if the bucket does not answer."""
        blob = self._bucket().blob(self._name)
        try:
            text = blob.download_as_bytes(timeout=self._timeout_s)
        except NotFound:
            return b"[]", 0
        except (GoogleAPICallError, RequestException) as error:
            raise ComeAgain(f"reading {self._name}: {error}") from error
        return text, int(blob.generation)

    def write(self, text: bytes, generation: int) -> bool:
        """Replace exactly that generation; ComeAgain if the bucket does not answer."""
        blob = self._bucket().blob(self._name)
        try:
            blob.upload_from_string(text, "application/json", if_generation_match=generation, timeout=self._timeout_s)
        except PreconditionFailed:
            return False
        except (GoogleAPICallError, RequestException) as error:
            raise ComeAgain(f"writing {self._name}: {error}") from error
        return True


class OwnMemory:
    """A `Store` of this process alone, for want of a bucket."""

    def __init__(self) -> None:
        self._text, self._generation = b"[]", 0
        self._lock = threading.Lock()

    def read(self) -> tuple[bytes, int]:
        """Text and generation of one moment."""
        with self._lock:
            return self._text, self._generation

    def write(self, text: bytes, generation: int) -> bool:
        """Replace exactly that generation."""
        with self._lock:
            if generation != self._generation:
                return False
            self._text, self._generation = text, generation + 1
            return True


class RequestQuota:
    """So many requests within any minute, so many within any day."""

    def __init__(
        self,
        store: Store,
        *,
        per_minute: int,
        per_day: int,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.store, self.per_minute, self.per_day = store, per_minute, per_day
        self.clock, self.sleep = clock, sleep

    def take(self) -> None:
        """Spend one request.

        Raises:
            SourceAsksToWait: the quota is spent, until the seconds that it carries have passed.
            ComeAgain: too many spend at once, or the bucket does not answer.
        """
        for _ in range(ATTEMPTS):
            text, generation = self.store.read()
            moment = self.clock()
            spent = [at for at in json.loads(text) if moment - DAY_S < at <= moment + MINUTE_S]
            for allowed, window_s in ((self.per_day, DAY_S), (self.per_minute, MINUTE_S)):
                if len(spent) >= allowed and (wait_s := spent[-allowed] + window_s - moment) > 0:
                    raise SourceAsksToWait(f"{allowed} requests in {window_s} s are spent", retry_after_s=wait_s)
            if self.store.write(json.dumps([*spent, round(moment, 3)]).encode(), generation):
                return
            self.sleep(random.uniform(0.05, 1.0))  # noqa: S311 - jitter
        raise ComeAgain("the quota is written by too many at once")


def freesound_quota(settings: Settings) -> RequestQuota:
    """The quota of Freesound's API for our key, counted in the bucket of the settings; without one, in this process."""
    store: Store = OwnMemory()
    if settings.bucket:
        store = StoredObject(
            lambda: google_clients.storage(settings.project).bucket(settings.bucket), "budgets/freesound.json"
        )
    return RequestQuota(store, per_minute=settings.freesound_per_minute, per_day=settings.freesound_per_day)
