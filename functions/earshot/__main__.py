"""Entry point of the command `earshot`, also for `python -m earshot`.

It imports nothing but the standard library, so that Ctrl-C while the command line is being imported ends without a
traceback.
"""

import sys

INTERRUPTED = 130  # exit status after Ctrl-C, as shells report it: 128 + SIGINT


def main() -> None:
    """Run the command line."""
    try:
        from earshot.cli import app

        app()
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
