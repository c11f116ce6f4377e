"""Operations on a running deployment: inspect and retry failures, measure again, compare versions, withdraw.

    backfill           measure recordings selected by SQL again
    retry              try refusals again that may succeed now
    dead_letters       list, explain and redeliver messages that Pub/Sub gave up
    compare_versions   what a new version of the analyser measures differently
    forget             withdraw recordings for good
    frame_features     compute frame features of recordings selected by SQL

Each module states what it needs as Protocols; the command line passes the adapters.
"""
