"""`python -m earshot.cli` is `earshot`."""

from earshot.__main__ import main

if __name__ == "__main__":
    main()
