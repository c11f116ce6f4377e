"""Limits and prices of the services, as documented in November 2026. Prices are list prices of a first-tier region."""

TIB = 2**40

# BigQuery. cloud.google.com/bigquery/quotas and /docs/data-manipulation-language, "DML statement concurrency"
MUTATING_AT_ONCE = 2  # UPDATE, DELETE and MERGE statements that run at a time on one table
MUTATING_QUEUED = 20  # that wait; the next one is refused
DML_PER_10_S = 25  # statements a table

# cloud.google.com/bigquery/pricing, "On-demand compute", and "DML statements on partitioned tables"
USD_PER_TIB = 6.25
LEAST_BYTES = 10 * 2**20  # billed for each table that a statement reads
# A MERGE with INSERT clauses alone is billed for the columns that it reads; one with UPDATE clauses also for the whole
# size of the partitions in which it updates.
PARTITIONS = 1000

# cloud.google.com/run/pricing, request-based billing
USD_PER_VCPU_S = 0.000024
USD_PER_GIB_S = 0.0000025
USD_PER_MILLION_REQUESTS = 0.40

# cloud.google.com/pubsub/pricing: a message is paid for when it is published and at each subscription
USD_PER_TIB_OF_MESSAGES = 40.0
