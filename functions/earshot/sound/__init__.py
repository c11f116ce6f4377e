"""The sound floor: bytes of a recording in, facts about its sound out. Knows no cloud.

    sniff        the first bytes -> which container, or what it is instead (pure Python, no numpy)
    measures     a file -> every measure of the row, in one bounded pass
    worker       the same in a process that may hang or die without harm
    scoring      a file and its reference -> PESQ, or why there is none

Importing this package imports none of them, so that a room which only sniffs stays small.
"""

ANALYSER_VERSION = 2
"""Rises whenever the definition of any measure changes, so that rows of different definitions can be told apart."""
