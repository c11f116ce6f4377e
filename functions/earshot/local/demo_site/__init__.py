"""A small site of computed recordings, served on loopback: what the demo crawls, and what end-to-end tests count on.

    sounds.py, speech.py   samples from arithmetic: tones, noise, chords, speech-like phrases and ways to spoil them
    files.py               samples into containers
    recordings.py          what the site offers, and what is to be expected of each
    pages.py               the pages that link to it
    server.py              HTTP

Nothing is stored: everything is computed at the start, the same every time (but for the serial number that
libsndfile draws for an Ogg stream).
"""
