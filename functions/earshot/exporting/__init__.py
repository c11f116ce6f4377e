"""From rows to training data: the recordings of a query, packed for training tools, with attribution files.

    plan_database          which recordings, in which split and shard; kept on disk, so an export can continue
    pack_in_this_process   shard by shard: audio is downloaded, recoded, written, moved to the destination
    attribution_files      credits, licences, dataset card, Croissant, manifest: written last, so they mark completion

Import its modules directly: the command line parses a request without loading pyarrow.
"""
