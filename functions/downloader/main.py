"""Downloader: a link is found, its bytes are stored in the bucket."""

from datetime import timedelta

import functions_framework
from cloudevents.http import CloudEvent

from earshot import downloading, runtime, settings
from earshot.adapters import google_clients
from earshot.adapters.bucket import Bucket
from earshot.adapters.polite_web import PoliteWeb
from earshot.adapters.shared_request_quota import freesound_quota

SETTINGS = settings.Downloader()
runtime.start(SETTINGS)
STORE = Bucket(google_clients.storage(SETTINGS.project).bucket(SETTINGS.bucket))
QUOTAS = {SETTINGS.freesound_url: freesound_quota(SETTINGS)}
WEB = PoliteWeb.from_settings(SETTINGS, holds=True, keys=SETTINGS.keys, quotas=QUOTAS)
PATIENCE = downloading.Patience(
    failing_attempts=SETTINGS.source_attempts,
    busy_attempts=SETTINGS.busy_attempts,
    busy_for=timedelta(hours=SETTINGS.busy_for_h),
)


@functions_framework.cloud_event
def downloader(event: CloudEvent) -> None:
    """Process one AudioFound message."""
    downloading.download(
        event.data,
        web=WEB,
        store=STORE,
        max_bytes=SETTINGS.max_audio_bytes,
        timeout_s=SETTINGS.download_timeout_s,
        recheck_after=timedelta(hours=SETTINGS.recheck_after_h),
        respect=SETTINGS.respect,
        attempt=runtime.delivery_attempt(),
        patience=PATIENCE,
    )
