"""Pub/Sub stand-in: enough of the service for Google's own client library, from packages alone.

This is not Google's emulator. It is a stand-in that speaks the same gRPC interface, so the unmodified
google-cloud-pubsub client reaches it through PUBSUB_EMULATOR_HOST. The integration tests that describe it
are run against Google's emulator too, wherever that is installed.

    filters.py   which messages a subscription wants
    backlog.py   messages of one subscription: waiting, leased, due again, or dead letters
    push.py      deliveries by HTTP, several at a time
    broker.py    topics and subscriptions
    grpc_methods.py  what each gRPC method does to them
    grpc_server.py   the gRPC server

It has topics, subscriptions, publish, pull, streaming pull, acknowledge, modify deadline, push with wrapped
body (attributes, ordering key, delivery attempt), retry policies, dead letters, ordering keys and filters. It
has no persistence (a restart forgets topics and messages), no seek, snapshots or schemas, no OIDC token on a
push, and exactly-once means no more than that an acknowledgement succeeds.
"""
