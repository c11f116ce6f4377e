"""`earshot mix`: mixes labelled clips into a set for multi-label training."""

from pathlib import Path
from typing import Annotated

import typer

from earshot.cli.progress_bar import progress_bar
from earshot.cli.target import explained, safe, say
from earshot.errors import BadRequest
from earshot.plurals import counted


@explained
def mix(
    manifest: Annotated[Path, typer.Argument(help="Manifest of labelled clips.", exists=True, dir_okay=False)],
    to: Annotated[Path, typer.Option(help="Folder for the mixes and their manifest.", metavar="FOLDER")],
    clips: Annotated[int, typer.Option(min=1, max=1_000_000, help="Mixes to write.")] = 1000,
    mode: Annotated[
        str, typer.Option(help="complementary: clips of different frequency ranges; random: any; none: single clips.")
    ] = "complementary",
    seconds: Annotated[float, typer.Option(min=0.5, max=60, help="Length of a mix.")] = 3.0,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 1,
    spectrograms: Annotated[bool, typer.Option("--spectrograms", help="Draw a picture of each mix.")] = False,
) -> None:
    """Mix labelled clips into a set whose recordings have several labels.

    Clips are sorted by the frequency range of their power median (below 200 Hz, to 600 Hz, above). A mix has one to
    three of them at equal RMS and gains of 0 to -8 dB, of one split, and the labels of all of them.
    """
    from earshot.training.mix_clips import MixRequest
    from earshot.training.mix_clips import mix as write
    from earshot.training.training_data_manifest import read_manifest

    try:
        rows = read_manifest(manifest)
    except (ValueError, UnicodeDecodeError) as error:
        raise BadRequest(str(error)) from error
    request = MixRequest(clips, mode, seconds, seed, spectrograms)
    with progress_bar() as progress:
        bar = progress.add_task("mixing", total=clips)
        made = write(rows, manifest.parent, to, request, lambda done, _of: progress.update(bar, completed=done))
    say.print(f"{counted(clips, 'mix', 'mixes')}: {safe(str(made))}")
