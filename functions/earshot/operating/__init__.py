"""What a person does to a house that runs: look at what failed, try it again, measure anew, compare, forget.

    backfill   recordings selected by SQL, measured again
    retry      refusals that may succeed now, tried again
    dead       messages given up by Pub/Sub: listed, explained, delivered again
    versions   what a new definition of the measures changed
    forget     recordings withdrawn for good

Each states as Protocols what it needs; the command line hands in the adapters.
"""
