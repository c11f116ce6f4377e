"""Tags out of a file, as columns: claims of whoever wrote the file, kept apart from what was measured."""

from collections.abc import Mapping

from earshot.clean_text import clean
from earshot.sound.decoder_output import Facts

COLUMNS = {  # column -> names that containers use for it, lower case, the first found counts
    "tag_title": ("title", "name", "inam"),
    "tag_artist": ("artist", "author", "iart", "album_artist"),
    "tag_album": ("album", "iprd"),
    "tag_date": ("date", "year", "icrd", "creation_time"),
    "tag_genre": ("genre", "ignr"),
    "tag_copyright": ("copyright", "icop"),
    "tag_license": ("license", "licence", "wcop"),
    "tag_encoder": ("encoder", "software", "encoded_by", "isft"),
}


def facts(tags: Mapping[str, str]) -> Facts:
    """The columns of `COLUMNS`: one line each, at most 1024 bytes, None where the file has no such tag."""
    if not tags:
        return dict.fromkeys(COLUMNS)
    lower = {name.lower(): value for name, value in tags.items()}
    return {
        column: next((text for name in names if name in lower and (text := clean(lower[name]))), None)
        for column, names in COLUMNS.items()
    }
