"""One thread of torch a process: on few cores more of them spin for 3 to 6 times as long as they compute (measured)."""

import torch

THREADS = 1


def use_one_thread() -> None:
    """Also makes sums come in one order, so that a seed gives the same weights."""
    torch.set_num_threads(THREADS)
