"""Batches made ahead in a thread: numpy and torch both release the interpreter while they compute."""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def prefetched(items: Iterator[Item], ahead: int = 8) -> Generator[Item, None, None]:
    """The same items in the same order; up to `ahead` of them are made before they are wanted.

    `items` is drawn from in one thread alone, so a seed gives the same batches. The thread ends when the generator
    returned is closed. An error while an item is made is raised where it is wanted.
    """
    made: queue.Queue[Item | BaseException | None] = queue.Queue(ahead)
    ended = threading.Event()

    def put(item: Item | BaseException | None) -> None:
        while not ended.is_set():
            try:
                return made.put(item, timeout=0.1)
            except queue.Full:
                continue

    def make() -> None:
        try:
            for item in items:
                put(item)
                if ended.is_set():
                    return
            put(None)
        except BaseException as error:  # noqa: BLE001 - raised again by the reader
            put(error)

    threading.Thread(target=make, daemon=True, name="batches").start()
    try:
        while (item := made.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        ended.set()
