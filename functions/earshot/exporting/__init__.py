"""From rows to training data: a query's recordings, packed for the tools that read them, with their papers.

    plan      which recordings, in which split and shard; kept on disk, so that a killed export goes on
    packing   shard by shard: fetched, recoded if wanted, written, put in its place
    papers    attribution, licences, card, Croissant, manifest: written last, so their presence says "complete"

Imported module by module: the command line reads a request without loading what packs it.
"""
