"""From rows to training data: the recordings of a query, packed for training tools, with attribution files.

    plan      which recordings, in which split and shard; kept on disk, so that an interrupted export can continue
    packing   shard by shard: audio is downloaded, recoded if requested, written and moved to the destination
    attribution files   credits, licences, dataset card, Croissant, manifest: written last, so they mark completion

Import its modules directly: the command line parses a request without loading pyarrow.
"""
