"""`python -m earshot.cli` is `earshot`."""

from earshot.cli import app

if __name__ == "__main__":
    app()
