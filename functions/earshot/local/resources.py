"""What Terraform makes in the cloud, made on local servers: same names, same schema and SQL files, same numbers.

Works on any servers that speak the services' interfaces, Google's Pub/Sub emulator and a second BigQuery engine
included. Everything is made only where it is missing, columns of tables too, so that kept state stays.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from google.api_core.exceptions import AlreadyExists, Conflict, NotFound
from google.cloud import bigquery, pubsub_v1
from google.protobuf.duration_pb2 import Duration

from earshot.adapters import google_clients
from earshot.adapters.add_columns import OtherType, add_columns
from earshot.adapters.default_policies_and_prices import insert_missing_defaults
from earshot.adapters.row_queue import LEASE_S
from earshot.adapters.schema import KEYS, columns, view_query, views
from earshot.adapters.staging import DATASET_SUFFIX
from earshot.audio import SHARDS

log = logging.getLogger("earshot.local.resources")

ACK_DEADLINE_S = 600  # terraform: ack_deadline_s
MAX_ATTEMPTS = 50  # terraform: max_delivery_attempts
BACKOFF_S = (1, 10)  # terraform has 30 and 600; too long a wait on a laptop
EVENTS = ("OBJECT_FINALIZE", "OBJECT_DELETE")  # of which the bucket notifies
WATCHED = ("audio/", "refused/")  # prefixes of the objects of which the bucket notifies


@dataclass(frozen=True)
class Delivery:
    """A topic and the function that it is pushed to; the subscription has the function's name."""

    topic: str
    function: str
    ordered: bool
    is_trigger: bool = False
    """The push starts work on a pull subscription, which has the topic's name: it is repeated until that is done, and
    never becomes a dead letter itself."""


DELIVERIES = (
    Delivery("audio-found", "downloader", ordered=True),
    Delivery("audio-stored", "analyser", ordered=False),
    Delivery("audio-stored", "tagger", ordered=False),
    Delivery("rows", "committer", ordered=False, is_trigger=True),
)


def make_topics(project: str, *, row_lease_s: int = LEASE_S) -> None:
    """Topics, and dead-letter topics with a subscription each, so that no dead letter is lost."""
    publisher, subscriber = google_clients.publisher(), pubsub_v1.SubscriberClient()
    with subscriber:
        for delivery in DELIVERIES:
            dead = f"{delivery.topic}-dead"
            for name in (delivery.topic, dead):
                _unless_there(publisher.create_topic, name=topic_path(project, name))
            _unless_there(
                subscriber.create_subscription,
                request={
                    "name": subscription_path(project, dead),
                    "topic": topic_path(project, dead),
                    "ack_deadline_seconds": 60,
                },
            )
            if delivery.is_trigger:
                request = {
                    "name": subscription_path(project, delivery.topic),
                    "topic": topic_path(project, delivery.topic),
                    "ack_deadline_seconds": row_lease_s,
                    "enable_message_ordering": True,
                }
                _unless_there(subscriber.create_subscription, request=request)
    publisher.stop()


def make_pushes(project: str, endpoints: dict[str, str]) -> None:
    """Push subscriptions to the functions; `endpoints` has each function's address.

    The topic is in the path, because functions-framework takes the event's source from there.
    """
    with pubsub_v1.SubscriberClient() as subscriber:
        for delivery in DELIVERIES:
            topic = topic_path(project, delivery.topic)
            push = {"push_endpoint": f"{endpoints[delivery.function].rstrip('/')}/{topic}"}
            name = subscription_path(project, delivery.function)
            request: dict[str, Any] = {
                "name": name,
                "topic": topic,
                "push_config": push,
                "ack_deadline_seconds": ACK_DEADLINE_S,
                "enable_message_ordering": delivery.ordered,
                "retry_policy": {
                    "minimum_backoff": Duration(seconds=BACKOFF_S[0]),
                    "maximum_backoff": Duration(seconds=BACKOFF_S[1]),
                },
            }
            if not delivery.is_trigger:
                dead_topic = topic_path(project, f"{delivery.topic}-dead")
                request["dead_letter_policy"] = {
                    "dead_letter_topic": dead_topic,
                    "max_delivery_attempts": MAX_ATTEMPTS,
                }
            _unless_there(subscriber.create_subscription, request=request)
            subscriber.modify_push_config(request={"subscription": name, "push_config": push})


def make_bucket(project: str, name: str) -> None:
    """The bucket of recordings."""
    client = google_clients.storage(project)
    if not client.bucket(name).exists():
        client.create_bucket(name)


def make_tables(project: str, dataset: str) -> None:
    """Dataset, tables from the schema files, views from the SQL files, and the rules and prices to begin with."""
    client = google_clients.bigquery(project)
    client.create_dataset(dataset, exists_ok=True)
    staging = f"{project}.{dataset}{DATASET_SUFFIX}"
    client.delete_dataset(staging, delete_contents=True, not_found_ok=True)  # of processes that have ended
    client.create_dataset(staging)
    _add_columns(client, f"{project}.{dataset}")
    for name in KEYS:
        _make_table(client, f"{project}.{dataset}", name)
    insert_missing_defaults(client, f"{project}.{dataset}")
    for name in views():
        view = bigquery.Table(f"{project}.{dataset}.{name}")
        view.view_query = view_query(name, f"{project}.{dataset}")
        client.delete_table(view, not_found_ok=True)  # holds no data, and may have changed since
        client.create_table(view)


def topic_path(project: str, name: str) -> str:
    """Full name of a topic."""
    return f"projects/{project}/topics/{name}"


def subscription_path(project: str, name: str) -> str:
    """Full name of a subscription."""
    return f"projects/{project}/subscriptions/{name}"


def _make_table(client: bigquery.Client, dataset_id: str, name: str) -> None:
    wanted, table_id = columns(name), f"{dataset_id}.{name}"
    schema = [bigquery.SchemaField(c.name, c.type, c.mode, description=c.description) for c in wanted]
    table = bigquery.Table(table_id, schema=schema)
    if "shard" in {column.name for column in wanted}:
        shards = bigquery.PartitionRange(start=0, end=SHARDS, interval=1)
        table.range_partitioning = bigquery.RangePartitioning(range_=shards, field="shard")
    table.clustering_fields = list(KEYS[name])
    try:
        client.create_table(table)
    except Conflict:  # kept from before, with all of its columns
        return


def _add_columns(client: bigquery.Client, dataset_id: str) -> None:
    """Give kept tables the columns that this version has more; rows and columns of users stay.

    Raises:
        OtherType: a column is there with another type.
    """
    for name in KEYS:
        try:
            there = {field.name for field in client.get_table(f"{dataset_id}.{name}").schema}
        except NotFound:
            continue
        for column in columns(name):
            if column.name not in there:  # the embedded engine changes a table by a statement alone, not by its schema
                kind = f"ARRAY<{column.parameter_type}>" if column.mode == "REPEATED" else column.parameter_type
                statement = f"ALTER TABLE `{dataset_id}.{name}` ADD COLUMN IF NOT EXISTS {column.name} {kind}"
                client.query(statement).result()
                log.info("%s has the new column %s", name, column.name)
    try:
        add_columns(client, dataset_id)
    except OtherType as error:
        raise OtherType(f"{error}; remove the folder of the local stack, and crawl again") from error


def _unless_there(create: Callable[..., object], **arguments: object) -> None:
    try:
        create(**arguments)
    except AlreadyExists:
        return
