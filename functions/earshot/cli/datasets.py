"""`earshot datasets`: public sets of recordings, fetched and made into manifests."""

from pathlib import Path
from typing import Annotated

import typer

from earshot.adapters.download_dataset_archives import (
    Archive,
    download,
    kaggle_archive,
    kaggle_key,
    web_archives,
    zenodo_archives,
)
from earshot.cli.display import show
from earshot.cli.options import Form
from earshot.cli.progress_bar import progress_bar
from earshot.cli.target import DataDir, explained, safe, say
from earshot.errors import BadRequest
from earshot.local.endpoints import home_folder
from earshot.training.public_datasets import BY_NAME, DATASETS, PublicDataset

app = typer.Typer(no_args_is_help=True, help="Public sets of recordings: list, download, prepare.")
Name = Annotated[str, typer.Argument(metavar="NAME", help=", ".join(BY_NAME))]
Folder = Annotated[
    Path | None, typer.Option("--folder", help="Folder of the set.", show_default=".earshot/datasets/NAME")
]
GB = 1_000_000_000


@app.command("list")
@explained
def list_datasets(form: Form = None) -> None:
    """The sets that are known: what each holds, its licence, and where it is published."""
    show(
        [{"name": each.name, "holds": each.title, "licence": each.licence, "page": each.page} for each in DATASETS],
        form,
    )


@app.command("download")
@explained
def download_dataset(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: Folder = None,
    data_dir: DataDir = None,
) -> None:
    """Fetch and unpack a set, after its address, size, licence and citation were shown.

    Run it again after an interruption: what is there is kept. A checksum that differs, and an archive that has moved
    or changed, is an error that says so.
    """
    from earshot.training.unpack_archive import unpack

    dataset = known(name)
    place = folder or home_folder(data_dir) / "datasets" / name
    auth = kaggle_key() if dataset.source == "kaggle" else None
    archives = archives_of(dataset)
    say.print(safe(dataset.title))
    for each in archives:
        size = f"{each.size / GB:.2f} GB" if each.size else "size unknown"
        say.print(safe(f"  {each.url} ({size}{', ' + each.checksum if each.checksum else ''})"))
    say.print(safe(f"  licence: {dataset.licence}\n  cite: {dataset.citation}\n  into {place}"))
    if not yes:
        typer.confirm("Download?", abort=True, err=True)
    for each in archives:
        with progress_bar() as progress:
            bar = progress.add_task(each.name, total=each.size or None)
            path = download(
                each,
                place / "archives" / each.name,
                lambda done, of, bar=bar: progress.update(bar, completed=done, total=of or None),  # type: ignore[misc]
                auth,
            )
        written = unpack(path, place, int(dataset.unpacked_gb * GB))
        say.print(safe(f"{each.name}: {written} bytes unpacked"))
    say.print(f"Now: [bold]earshot datasets prepare {name}")


@app.command("prepare")
@explained
def prepare_dataset(name: Name, folder: Folder = None, data_dir: DataDir = None) -> None:
    """Make the manifest of a set that is unpacked: path, labels, start, end, group, split, licence of each stretch."""
    from earshot.training.dataset_reader_helpers import UnknownLayout
    from earshot.training.import_public_datasets import prepare

    dataset = known(name)
    place = folder or home_folder(data_dir) / "datasets" / name
    if not place.is_dir():
        raise BadRequest(f"{place} is no folder; earshot datasets download {name} makes it")
    try:
        made = prepare(name, place)
    except UnknownLayout as error:
        raise BadRequest(f"{error}. If the set has changed, its page is {dataset.page}") from error
    typer.echo(made)


def known(name: str) -> PublicDataset:
    """The set of that name.

    Raises:
        BadRequest: there is none.
    """
    if name not in BY_NAME:
        raise BadRequest(f"{name} is none of {', '.join(BY_NAME)}")
    return BY_NAME[name]


def archives_of(dataset: PublicDataset) -> list[Archive]:
    """The archives of a set, as its publisher describes them now."""
    if dataset.source == "zenodo":
        return zenodo_archives(dataset.record, dataset.files, dataset.page)
    if dataset.source == "kaggle":
        return kaggle_archive(dataset.record, dataset.page)
    return web_archives(dataset.files, dataset.page)
