"""Writes handwritten digits as the files of MNIST, where `torchvision.datasets.MNIST` looks for them."""

import gzip
import importlib.util
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

TRAIN_SIZE = 1500
TEST_SIZE = 297

_UNSIGNED_BYTE = 0x08  # the element type in an IDX file's magic number

# Ten digits of a 4 x 6 font, one row of pixels per word.
_FONT = """
0110 1001 1001 1001 1001 0110
0010 0110 0010 0010 0010 0111
0110 1001 0001 0010 0100 1111
1110 0001 0110 0001 0001 1110
0010 0110 1010 1111 0010 0010
1111 1000 1110 0001 0001 1110
0110 1000 1110 1001 1001 0110
1111 0001 0010 0010 0100 0100
0110 1001 0110 1001 1001 0110
0110 1001 0111 0001 0001 0110
"""


def write_mnist(root: Path) -> None:
    """Writes the four files of MNIST below ``root/MNIST/raw``, each plain and gzipped, as after a download.

    The digits are scikit-learn's 1,797 real ones, enlarged from 8 x 8; drawn ones where scikit-learn is missing.
    """
    small, labels = _real_digits() if importlib.util.find_spec("sklearn") else _drawn_digits()
    images = np.stack([_enlarge(image) for image in small])
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, part in [("train", slice(TRAIN_SIZE)), ("t10k", slice(TRAIN_SIZE, None))]:
        _write_idx(raw / f"{name}-images-idx3-ubyte", images[part])
        _write_idx(raw / f"{name}-labels-idx1-ubyte", labels[part])


def _write_idx(path: Path, values: NDArray[np.uint8]) -> None:
    """Writes ``values`` to ``path`` and, compressed, to ``path`` with ``.gz``.

    The format: two zero bytes, the element type, the number of dimensions, each size as four bytes, big end
    first, and the elements.
    """
    header = struct.pack(f">HBB{values.ndim}I", 0, _UNSIGNED_BYTE, values.ndim, *values.shape)
    content = header + values.tobytes()
    path.write_bytes(content)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(content))


def _real_digits() -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Returns images (1797, 8, 8) in 0 to 1 and labels (1797,)."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images / 16, digits.target.astype(np.uint8)


def _drawn_digits() -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Returns images (1797, 8, 8) in 0 to 1 and labels (1797,): the font, each pixel shaded at random."""
    font = np.array([[[int(pixel) for pixel in row] for row in line.split()] for line in _FONT.split("\n")[1:-1]])
    labels = np.arange(TRAIN_SIZE + TEST_SIZE, dtype=np.uint8) % 10
    shades = np.random.default_rng(0).uniform(0.7, 1, (len(labels), 6, 4))
    return np.pad(font[labels] * shades, [(0, 0), (1, 1), (2, 2)]), labels


def _enlarge(image: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Returns ``image`` (8, 8) as (28, 28) bytes: stretched linearly to 20 x 20 in a black border, as MNIST's are."""
    positions = np.linspace(0, 7, 20)
    stretch = np.maximum(0, 1 - np.abs(positions[:, None] - np.arange(8)))
    picture = np.pad(stretch @ image @ stretch.T, 4)
    return np.asarray(np.rint(picture * 255), dtype=np.uint8)
