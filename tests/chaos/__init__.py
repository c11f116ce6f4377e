"""The whole stack under faults: the same work twice, once without and once with faults, must end in the same tables.

plan      which fault strikes where, from a seed
corpus    what is worked on: recordings, and files that poison
sources   the web that it is fetched from, which fails on purpose
proxies   between Pub/Sub, the functions, Cloud Storage and BigQuery: faults, and kills between two side effects
stack_under_faults  servers, functions and proxies of one run, and when it is at rest
compare   the tables of two runs, column for column
"""
