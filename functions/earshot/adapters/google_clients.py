"""Google's clients, built for the cloud or for the emulators that the environment names.

Storage and Pub/Sub switch by their own variables; BigQuery's client honours BIGQUERY_EMULATOR_HOST but still
looks for credentials, so it is given anonymous ones there. Each import is inside its function, so that a function
loads only the client it uses.
"""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from google.cloud.bigquery import Client as BigQueryClient
    from google.cloud.pubsub_v1 import PublisherClient, SubscriberClient
    from google.cloud.storage import Client as StorageClient


def storage(project: str, connections: int = 32) -> "StorageClient":
    """Cloud Storage, or what STORAGE_EMULATOR_HOST (scheme included) names."""
    from google.cloud.storage import Client
    from requests.adapters import HTTPAdapter

    client = Client(project=project)
    pool = HTTPAdapter(pool_connections=connections, pool_maxsize=connections)
    client._http.mount("https://", pool)  # the default pool of 10 warns and reconnects under 16 threads
    client._http.mount("http://", pool)
    # Its headers are the client's own: without this, requests looks for a .netrc at each request.
    client._http.auth = lambda request: request
    # Names of projects and locations for traces, which are not written here. It asks for the bucket again, in a thread
    # of its own, whenever an object is not found: three times a recording.
    client._bucket_metadata_cache = None
    return client


def publisher() -> "PublisherClient":
    """Pub/Sub with ordering keys on, or what PUBSUB_EMULATOR_HOST (host:port) names."""
    from google.cloud.pubsub_v1 import PublisherClient
    from google.cloud.pubsub_v1.types import PublisherOptions

    return PublisherClient(publisher_options=PublisherOptions(enable_message_ordering=True))


def subscriber() -> "SubscriberClient":
    """Pub/Sub's subscriber client, or what PUBSUB_EMULATOR_HOST names; for dead letters."""
    from google.cloud.pubsub_v1 import SubscriberClient

    return SubscriberClient()


def bigquery(project: str) -> "BigQueryClient":
    """BigQuery, or what BIGQUERY_EMULATOR_HOST (scheme included) names."""
    from google.auth.credentials import AnonymousCredentials
    from google.cloud.bigquery import Client

    if os.environ.get("BIGQUERY_EMULATOR_HOST"):
        return Client(project=project, credentials=AnonymousCredentials())  # type: ignore[no-untyped-call]
    return Client(project=project)


def identity_token(account: str, audience: str) -> str:
    """An identity token of another service account; needs roles/iam.serviceAccountOpenIdTokenCreator on it.

    Args:
        audience: address of the service; of a tagged revision too, its service's.
    """
    import google.auth
    from google.auth.impersonated_credentials import Credentials, IDTokenCredentials
    from google.auth.transport.requests import Request

    scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    source, _ = google.auth.default(scopes=scopes)
    acting = Credentials(source_credentials=source, target_principal=account, target_scopes=scopes)  # type: ignore[no-untyped-call]
    token = IDTokenCredentials(acting, target_audience=audience, include_email=True)  # type: ignore[no-untyped-call]
    token.refresh(Request())
    return str(token.token)
