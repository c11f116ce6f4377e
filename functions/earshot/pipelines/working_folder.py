"""Files by which a command and its pipeline exchange recordings and outcomes: lines of JSON, in a folder or bucket."""

import json
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from earshot.adapters import google_clients
from earshot.adapters.export_destination import GS, Folder, Prefix

Place = Folder | Prefix


def place(url: str, project: str) -> Place:
    """The folder, or gs://bucket/prefix, of that name; made anew in each process, since clients cannot be sent."""
    return Prefix(google_clients.storage(project), url) if url.startswith(GS) else Folder(Path(url))


class WorkingFolder:
    """Lines of JSON under names; written as a whole or not at all."""

    def __init__(self, url: str, project: str) -> None:
        """Nothing is read yet."""
        self.url = url.rstrip("/")
        self.place = place(url, project)

    def path(self, name: str) -> str:
        """Address of a file, as Beam reads it."""
        return f"{self.url}/{name}"

    def write(self, name: str, lines: Iterable[Any]) -> None:
        """Write values, one a line."""
        beside = None if self.url.startswith(GS) else Path(self.url)
        if beside:
            beside.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=beside, prefix=".part-") as made:
            path = Path(made, "lines")
            with path.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps(line, ensure_ascii=True) + "\n" for line in lines)
            self.place.put(path, name)

    def read(self, name: str) -> list[Any] | None:
        """Values of a file; None if there is none."""
        text = self.place.read(name)
        return None if text is None else [json.loads(line) for line in text.splitlines()]

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        self.place.delete(name)
