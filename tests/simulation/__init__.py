"""The write path under load, simulated with BigQuery's documented limits and billing rules.

limits      limits and prices, each with its source
loads       what arrives, and how long things take: the parameters
landing     the design: rows by Pub/Sub to one committer
grouped     the design before it: each analyser instance merges its own rows
report      figures of a run, and what they cost
"""
