"""Settings of the listener, the page; apart from those of the functions that events drive."""

from typing import Annotated

from pydantic import Field

from earshot.settings import BACKEND, MIB, FunctionSettings
from earshot.tagging.vocabulary import Task


class Listener(FunctionSettings):
    """The listener's."""

    bucket: Annotated[str, Field(min_length=3)]
    """Bucket of the audio."""
    dataset: str = "earshot"
    """Dataset of the tables."""
    iap_audience: str = ""
    """Audience of the tokens that Identity-Aware Proxy signs; a request without one is refused. Empty: local."""
    allowed_hosts: str = ""
    """Host names under which the page is reached, separated by commas; a request to another is refused. Empty: any,
    which only a service behind Identity-Aware Proxy may be."""
    local_annotator: str = "local"
    """Who judges where no proxy says so: on one's own machine."""
    content_backend: Annotated[str, Field(pattern=BACKEND)] = "registry"
    """What answers `content` for uploads and the microphone, as the tagger's setting."""
    instruments_backend: Annotated[str, Field(pattern=BACKEND)] = "registry"
    """What answers `instruments` there."""
    models_folder: str = "/tmp/earshot-models"  # noqa: S108 - the only place that Cloud Run lets a function write to
    """Where models of the registry are kept on the instance."""
    max_audio_bytes: Annotated[int, Field(gt=0, le=1024 * MIB)] = 100 * MIB
    """Most bytes of one upload."""
    max_duration_s: Annotated[float, Field(gt=0, le=86_400)] = 14_400.0
    """Longest decoded duration of one upload."""
    keep_uploads: bool = False
    """Offer to put an upload into the bucket; the account then needs to create objects under audio/."""
    upload_minutes: Annotated[float, Field(gt=0, le=1440)] = 30.0
    """How long an upload stays before it is deleted."""
    socket_s: Annotated[float, Field(gt=0, le=900)] = 900.0
    """How long one WebSocket may stay open: a proxy authorises its beginning only. The page then connects again."""
    changes_per_minute: Annotated[int, Field(gt=0)] = 120
    """Most corrections and uploads of one person or address in a minute."""
    streams: Annotated[int, Field(gt=0, le=64)] = 8
    """Most uploads and microphones that one instance hears at a time."""

    @property
    def backends(self) -> dict[Task, str]:
        """What answers each task."""
        return {"content": self.content_backend, "instruments": self.instruments_backend}
