"""Standard input that ends at Ctrl-C as it does at its end."""

import io
import os
import select
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from earshot.sound.decode_stream import Source


class Interruptible:
    """Bytes of a file descriptor, until it ends or another one becomes readable."""

    def __init__(self, descriptor: int, end: int) -> None:
        self._descriptor, self._end = descriptor, end

    def read1(self, size: int = -1, /) -> bytes:
        """Wait for at least one byte; an empty string at the end."""
        ready, _, _ = select.select([self._descriptor, self._end], [], [])
        return b"" if self._end in ready else os.read(self._descriptor, size if size > 0 else io.DEFAULT_BUFFER_SIZE)


@contextmanager
def until_interrupted(stream: BinaryIO) -> Iterator[Source]:
    """What comes in until the stream ends or Ctrl-C is pressed, which raises nothing the first time.

    An exception while a decoder asks for bytes, from C, may be lost. Where the process ignores Ctrl-C, or the stream
    is no file, everything stays as it is.
    """
    before = signal.getsignal(signal.SIGINT)
    try:
        descriptor = stream.fileno()
    except OSError:
        descriptor = -1
    if descriptor < 0 or before == signal.SIG_IGN:
        yield cast(Source, stream)  # a BufferedReader, which has read1
        return
    end, pressed = os.pipe()

    def finish(*_: object) -> None:
        os.write(pressed, b"\n")
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, finish)
    try:
        yield Interruptible(descriptor, end)
    finally:
        signal.signal(signal.SIGINT, before)
        os.close(end)
        os.close(pressed)
