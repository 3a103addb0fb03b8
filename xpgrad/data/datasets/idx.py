"""Reading IDX, the file format of MNIST."""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from xpgrad.errors import FileFormatError

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP_MAGIC = b"\x1f\x8b"


def read_idx(path: str | Path) -> np.ndarray[Any, Any]:
    """The array in an IDX file, plain or gzipped, in native byte order.

    The format: two zero bytes; the element type and the number of dimensions, a byte each; the length along each
    dimension, four bytes, big end first; the elements.

    Raises:
        FileFormatError: The file is something else, or shorter or longer than it says.
        FileNotFoundError: There is none.

    Source: LeCun, Cortes and Burges 1998, *The MNIST database of handwritten digits*, "File formats".
    """
    content = Path(path).read_bytes()
    if content.startswith(_GZIP_MAGIC):
        try:
            content = gzip.decompress(content)
        except (EOFError, OSError, zlib.error) as error:
            raise FileFormatError(f"{path}: the gzip file is damaged ({error}); delete it and get it again") from error
    dtype = _DTYPES.get(content[2]) if len(content) >= 4 and content[:2] == b"\0\0" else None
    if dtype is None:
        raise FileFormatError(
            f"{path}: not an IDX file: it begins with {content[:4].hex(' ') or 'nothing'}, but two zero bytes, an "
            "element type and a number of dimensions are expected"
        )
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise FileFormatError(
            f"{path}: the IDX file ends within its header: it has {len(content)} bytes, but {content[3]} dimensions "
            f"take {start}; delete it and get it again"
        )
    shape = tuple(np.frombuffer(content, ">u4", content[3], offset=4).tolist())
    expected = start + math.prod(shape) * np.dtype(dtype).itemsize
    if len(content) != expected:
        raise FileFormatError(
            f"{path}: the IDX file has {len(content)} bytes, but its header says {shape}, which takes {expected}; "
            "delete it and get it again"
        )
    array = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return array.astype(array.dtype.newbyteorder("="))
