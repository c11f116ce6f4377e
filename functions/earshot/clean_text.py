"""Text from the web, made harmless before it reaches metadata, logs, SQL parameters or HTML."""

import unicodedata

METADATA_VALUE_BYTES = 1024  # of one value; GCS allows 8 KiB for all custom metadata of an object
READ_PER_BYTE = 4  # characters of a text that are looked at for each byte wanted: most survive
FIRST_COMBINING = "\u0300"  # below it nothing combines
MOST_COMBINING = 30  # in a row, as in the stream-safe format of UAX #15, 13: sorting a run takes its length squared


def clean(text: str, limit_bytes: int = METADATA_VALUE_BYTES) -> str:
    """Text from the web, made harmless: NFC, no control or format characters, one line, at most `limit_bytes`.

    The time is linear in the text, whatever it is made of.
    """
    kept = " ".join(text.split())[: READ_PER_BYTE * limit_bytes]
    if len(kept) <= limit_bytes and kept.isascii() and kept.isprintable():  # as most are
        return kept
    if not (kept.isascii() and kept.isprintable()):
        kept = _normalised(kept)
    return kept.encode()[:limit_bytes].decode(errors="ignore").rstrip()


def _normalised(text: str) -> str:
    if not text.isprintable():
        text = "".join(
            " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
            for character in text
            if unicodedata.category(character) not in ("Cf", "Cs", "Co", "Cn")
        )
    if text and max(text) >= FIRST_COMBINING:
        text = _stream_safe(text)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _stream_safe(text: str) -> str:
    if not any(map(unicodedata.combining, text)):
        return text
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= MOST_COMBINING:
            kept.append(character)
    return "".join(kept)
