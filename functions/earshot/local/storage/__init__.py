"""Cloud Storage on this machine: gcp-storage-emulator, and what an event-driven pipeline needs beyond it.

The routes, the object resources and the upload protocols are the emulator's (its internals are used, hence the
exact pin). Added here:

    durable_store.py  durable folder, strictly growing generations, a notification of every change
    folder.py         the files: written whole or not at all, readable with any tool
    preconditions.py  ifGenerationMatch and its kin are enforced, and the generation asked for is the one served
    emulator_fixes.py rewrite with the destination's metadata, lists in pages, generations in headers, cancelled uploads
    notifications.py  bucket notifications to a Pub/Sub topic
    server.py         requests side by side; one change at a time

Not there: object versions, IAM, lifecycle rules, preconditions inside batch requests.
Signed URLs are accepted and not verified. Upload sessions do not survive a restart.
"""
