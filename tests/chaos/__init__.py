"""The whole house under faults: the same work twice, once in peace and once in chaos, must end in the same tables.

plan      which fault strikes where, from a seed
corpus    what is worked on: recordings, and files that poison
sources   the web that it is fetched from, which fails on purpose
proxies   between Pub/Sub, the rooms, Cloud Storage and BigQuery: faults, and kills between two side effects
stack      servers, rooms and proxies of one run, and when it has come to rest
compare   the tables of two runs, column for column
"""
