"""What is asked of SciPy's functions: ``programs.txt`` has a line of Python for each, and this its arrays.

A name of one or two letters is an array of `ARRAYS`; a floating one is differentiated unless its name is in `CONSTANT`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

_draw = np.random.default_rng(5)
_x = np.linspace(0.0, 1.0, 12)

ARRAYS = {
    # Vectors of 12: around 0, positive, between 0 and 1, ascending, another ascending one.
    "v": _draw.normal(size=12),
    "w": _draw.normal(size=12) + 0.3,
    "o": _draw.normal(size=12) * 1.7,
    "p": _draw.uniform(0.5, 3.0, size=12),
    "q": _draw.uniform(0.5, 3.0, size=12),
    "r": _draw.uniform(0.5, 3.0, size=12),
    "u": _draw.uniform(0.05, 0.95, size=12),
    "t": np.cumsum(_draw.uniform(0.2, 1.0, size=12)),
    "g": np.sin(5 * _x) + 0.1 * _draw.normal(size=12),
    # Matrices, an image, a stack of square matrices, points.
    "m": _draw.normal(size=(4, 5)),
    "n": _draw.normal(size=(4, 5)) + 0.5,
    "mp": _draw.uniform(0.5, 3.0, size=(4, 5)),
    "im": _draw.normal(size=(6, 7)),
    "sq": _draw.normal(size=(4, 4)) + 3 * np.eye(4),
    "sy": (lambda a: a @ a.T + np.eye(4))(_draw.normal(size=(4, 4))),
    "pt": _draw.normal(size=(6, 3)),
    "pu": _draw.normal(size=(5, 3)),
    # Small kernels and filters; second-order sections; zeros, poles.
    "k": _draw.normal(size=(3, 3)),
    "c": _draw.normal(size=5),
    "d": _draw.normal(size=3),
    "b": np.array([0.2, 0.3, 0.1]),
    "a": np.array([1.0, -0.4, 0.2]),
    "so": np.array([[0.2, 0.3, 0.1, 1.0, -0.4, 0.2], [0.5, 0.1, 0.2, 1.0, 0.3, 0.1]]),
    "bg": _draw.normal(size=(40, 40)),
    "l": _draw.normal(size=64),
    "z": _draw.normal(size=8) + 1j * _draw.normal(size=8),
    "zm": _draw.normal(size=(4, 6)) + 1j * _draw.normal(size=(4, 6)),
    # Not differentiated: frequencies, integers, booleans, labels, a noncrossing order.
    "f": np.linspace(0.1, 3.0, 7),
    "i": np.array([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8]),
    "j": np.array([2, 7, 1, 8, 2, 8, 1, 8, 2, 8, 4, 5]),
    "h": np.array([0, 1, 1, 0, 2, 2, 1, 0, 2, 1, 0, 1]),
    "bo": np.array([[0, 1, 1, 0, 0], [1, 1, 1, 0, 0], [0, 1, 0, 0, 1], [0, 0, 0, 1, 1]], dtype=bool),
    "lb": np.array([[1, 1, 0, 2, 2, 2, 0], [1, 1, 0, 2, 2, 0, 0]] * 3),
    "y": np.array(0.7),
    "e": np.linspace(-0.9, 0.9, 5),
}
CONSTANT = {"f"}


def read(text: str) -> dict[str, list[str]]:
    """The programs of each module: lines under its name in brackets."""
    found: dict[str, list[str]] = {}
    for line in filter(None, text.splitlines()):
        if line.startswith("["):
            programs = found[line.strip("[]")] = []
        else:
            programs.append(line)
    return found


PROGRAMS = read(Path(__file__).with_name("programs.txt").read_text())
