import math

import numpy as np

from cupy.cuda import pinned_memory


def empty_pinned(shape, dtype=float, order="C"):
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    memory = pinned_memory.allocate(math.prod(shape) * np.dtype(dtype).itemsize)
    return np.ndarray(shape, dtype=dtype, buffer=memory, order=order)
