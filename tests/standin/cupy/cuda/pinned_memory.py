"""Which memory of the host is page-locked."""

import numpy as np

_ranges = []


def allocate(size):
    memory = np.zeros(max(size, 1), np.uint8)
    start = memory.__array_interface__["data"][0]
    _ranges.append((start, start + len(memory), memory))
    return memory[:size]


def is_memory_pinned(data):
    return any(start <= data < stop for start, stop, _ in _ranges)
