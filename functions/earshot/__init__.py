"""earshot: there is audio somewhere on the web; here is one trustworthy row per recording."""

VERSION = "0.2.0"
"""Of the package, the command line, and the User-Agent of the crawler."""
