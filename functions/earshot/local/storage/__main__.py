"""Run Cloud Storage on this machine: `python -m earshot.local.storage --port 9023 --folder DIR [--topic …]`."""

import argparse
import logging
from pathlib import Path

from earshot.local.storage.notifications import EVENTS, Notifications
from earshot.local.storage.server import Server

log = logging.getLogger("earshot.local.storage")


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="Cloud Storage on loopback, in a folder.")
    parser.add_argument("--port", type=int, default=9023, help="0 takes a free one")
    parser.add_argument("--folder", type=Path, required=True, help="where buckets and objects are kept")
    parser.add_argument(
        "--topic", help="projects/…/topics/… to which changes are published; needs PUBSUB_EMULATOR_HOST"
    )
    parser.add_argument("--prefix", action="append", help="notify only of objects under it; may be repeated")
    parser.add_argument("--event", action="append", choices=EVENTS, help="notify only of these; may be repeated")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    log.setLevel(logging.INFO)
    for noisy in ("gcp_storage_emulator", "api.object"):  # calls each look for what is not there an error
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    notifications = None
    if arguments.topic:
        notifications = Notifications(arguments.topic, arguments.prefix or [""], arguments.event or EVENTS)
    server = Server(arguments.folder, arguments.port, notifications)
    log.info("STORAGE_EMULATOR_HOST=%s, kept in %s", server.host, arguments.folder)
    server.wait()


if __name__ == "__main__":
    main()
