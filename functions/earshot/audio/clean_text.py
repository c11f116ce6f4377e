"""Text from the web, made harmless before it reaches metadata, logs, SQL parameters or HTML."""

import unicodedata

METADATA_VALUE_BYTES = 1024  # of one label; GCS allows 8 KiB for all custom metadata of an object


def clean(text: str, limit_bytes: int = METADATA_VALUE_BYTES) -> str:
    """Text from the web, made harmless: NFC, no control or format characters, one line, at most `limit_bytes`."""
    kept = "".join(
        " " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character
        for character in unicodedata.normalize("NFC", text)
        if unicodedata.category(character) not in ("Cf", "Cs", "Co", "Cn")
    )
    return " ".join(kept.split()).encode()[:limit_bytes].decode(errors="ignore")
