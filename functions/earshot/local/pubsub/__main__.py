"""Run the Pub/Sub stand-in: `python -m earshot.local.pubsub --port 8085`."""

import argparse
import logging

from earshot.local.pubsub.grpc_server import Server

log = logging.getLogger("earshot.local.pubsub")


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="Pub/Sub stand-in of earshot; not Google's emulator.")
    parser.add_argument("--port", type=int, default=8085, help="0 takes a free one")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    server = Server(arguments.port)
    log.info("Pub/Sub stand-in (not Google's emulator): PUBSUB_EMULATOR_HOST=%s", server.host)
    server.wait()


if __name__ == "__main__":
    main()
