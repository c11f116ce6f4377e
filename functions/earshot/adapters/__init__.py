"""What lies outside the process: BigQuery, Cloud Storage, Pub/Sub, the web, SQL databases, a model hub, a microphone.

Each module implements a protocol that a layer above declares (see docs/architecture.md); the SQL statements and table
schemas are files beside the modules, views in `views/`.
"""
