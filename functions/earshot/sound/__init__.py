"""Signal processing: the bytes of a recording in, measured values out. No cloud service is used.

    sniff_container      the first bytes -> which container, or what it is instead (pure Python, no numpy)
    measures             a file -> every measure of the row, in one bounded pass
    measure_in_process   the same in an isolated process, which may hang or crash without harm
    pesq_score           a file and its reference -> PESQ, or why there is none

Importing this package imports none of them, so that a function which only sniffs stays small.
"""

ANALYSER_VERSION = 4
"""Rises whenever the definition of any measure changes, so that rows of different definitions are distinguishable."""
