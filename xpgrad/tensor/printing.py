"""The text of a tensor, character for character as PyTorch 2.13 prints it.

Everything here is about a NumPy array on the host and strings; no Tensor is known. The text is built in three steps:
pick the values that are shown, write each of them as a cell of one common width, and join the cells into lines and
brackets from the last axis outwards.

Source: the printed form of ``torch.Tensor``, `torch.set_printoptions`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["PrintOptions", "print_options", "printoptions", "set_printoptions", "tensor_text"]

_T = TypeVar("_T")


class PrintOptions(SimpleNamespace):
    """How tensors are printed; the fields and their defaults are PyTorch's.

    Attributes:
        precision: digits after the decimal point.
        threshold: a tensor of more elements than this is summarised.
        edgeitems: how many items a summary keeps at each end of an axis.
        linewidth: characters per line, after which a row of values and the suffixes wrap.
        sci_mode: scientific notation always (True), never (False), or where the values call for it (None).
    """

    def __init__(
        self,
        precision: int = 4,
        threshold: float = 1000,
        edgeitems: int = 3,
        linewidth: int = 80,
        sci_mode: bool | None = None,
    ) -> None:
        super().__init__(
            precision=precision, threshold=threshold, edgeitems=edgeitems, linewidth=linewidth, sci_mode=sci_mode
        )


print_options = PrintOptions()
"""The options in force, for the whole process."""

_PROFILES = {
    "default": PrintOptions(),
    "short": PrintOptions(precision=2, edgeitems=2),
    "full": PrintOptions(threshold=math.inf),
}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Change `print_options`: first everything to ``profile``, if given, then each option given.

    As in PyTorch, an option that is not given keeps its value, except ``sci_mode``, which goes back to None.

    Args:
        precision: see `PrintOptions`, as for the other options.
        threshold: ``math.inf`` never summarises.
        edgeitems: 0 summarises to ``[...]`` and shows the size.
        linewidth: in characters.
        profile: ``"default"``, ``"short"`` (two digits, two edge items) or ``"full"`` (never summarises).
        sci_mode: None chooses by the values.

    Raises:
        ValueError: if there is no such profile.

    Source: `torch.set_printoptions`.
    """
    if profile is not None and profile not in _PROFILES:
        raise ValueError(
            f"set_printoptions: no profile {profile!r}; use one of {', '.join(map(repr, _PROFILES))}, "
            "or leave it out and set single options"
        )
    chosen: dict[str, Any] = {} if profile is None else dict(vars(_PROFILES[profile]))
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    chosen.update({name: value for name, value in given.items() if value is not None})
    chosen["sci_mode"] = sci_mode
    vars(print_options).update(chosen)


@contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Print with other options inside a ``with`` block; takes the arguments of `set_printoptions`.

    >>> with printoptions(precision=2):
    ...     tensor_text(np.asarray([0.125, 3.0], dtype=np.float32), dtype="float32")
    'tensor([0.12, 3.00])'
    """
    before = dict(vars(print_options))
    set_printoptions(**options)
    try:
        yield
    finally:
        vars(print_options).update(before)


def tensor_text(
    host: npt.NDArray[Any],
    *,
    dtype: str,
    default_dtype: str = "float32",
    prefix: str = "tensor(",
    device: str | None = None,
    suffixes: Sequence[str] = (),
) -> str:
    r"""Return the printed form of a tensor.

    Only the values that are shown are read, so a large tensor costs no more than a small one.

    Args:
        host: the values, of any shape. A float type that NumPy lacks may come as any wider one that holds its values.
        dtype: the tensor's dtype by PyTorch's short name (``"float32"``, ``"bfloat16"``, ``"bool"``).
        default_dtype: the float dtype that goes without saying. Its complex companion, ``int64`` and ``bool`` do too,
            unless the tensor is empty.
        prefix: what opens the text, on one line: ``"tensor("``, or the name of a subclass and ``"("``. Lines below are
            indented by its length; a heading line (``"Parameter containing:"``) is for the caller to put above.
        device: the device to name, or None where it goes without saying.
        suffixes: what follows the values, device, size and dtype: ``"requires_grad=True"``.

    >>> tensor_text(np.asarray([[1, 20], [-3, 4]]), dtype="int32", suffixes=["requires_grad=True"])
    'tensor([[ 1, 20],\n        [-3,  4]], dtype=torch.int32, requires_grad=True)'
    """
    if host.size:
        values = _nested(host, dtype, indent=len(prefix))
        understood = {default_dtype, "complex128" if default_dtype == "float64" else "complex64", "int64", "bool"}
        hides_size = not print_options.edgeitems
    else:
        values = "[]"
        understood = {default_dtype}
        hides_size = host.ndim != 1
    facts = []
    if device is not None:
        facts.append(f"device='{device}'")
    if hides_size:
        facts.append(f"size={host.shape}")
    if dtype not in understood:
        facts.append(f"dtype=torch.{dtype}")
    return _append(prefix + values, [*facts, *suffixes], indent=len(prefix)) + ")"


def _nested(host: npt.NDArray[Any], dtype: str, indent: int) -> str:
    """Write a non-empty array as cells in brackets, the first of which stands at column ``indent``."""
    edge = print_options.edgeitems
    summarised = host.ndim > 0 and host.size > print_options.threshold
    if summarised and not edge:
        return "[...]"
    cut = [summarised and size > 2 * edge for size in host.shape]
    if any(cut):
        kept = (
            [*range(edge), *range(size - edge, size)] if is_cut else range(size)
            for size, is_cut in zip(host.shape, cut, strict=True)
        )
        host = host[np.ix_(*kept)]

    parts, width = _cells(host.reshape(-1), dtype)
    per_line = max(1, (print_options.linewidth - (indent + host.ndim - 1)) // (width + len(", ")))
    last = host.ndim - 1
    for axis in reversed(range(host.ndim)):
        rows = _chunks(parts, host.shape[axis])
        if cut[axis]:
            for row in rows:
                row.insert(edge, " ..." if axis == last else "...")
        if axis == last:
            rows = [[", ".join(line) for line in _chunks(row, per_line)] for row in rows]
        # Blank lines tell the blocks of outer axes apart: one more for each axis further out.
        separator = "," + "\n" * max(1, last - axis) + " " * (indent + axis + 1)
        parts = [f"[{separator.join(row)}]" for row in rows]
    return parts[0]


def _chunks(items: list[_T], size: int) -> list[list[_T]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _cells(values: npt.NDArray[Any], dtype: str) -> tuple[list[str], int]:
    """Write 1-d values as cells; also return the width that lines are laid out for, which a cell may exceed."""
    if dtype.startswith("complex"):
        real, real_width = _float_cells(values.real)
        imag, imag_width = _float_cells(values.imag)
        signed = (text if text.startswith("-") else f"+{text}" for text in imag)
        # Only the real parts are aligned, and the sign between the parts has no column: PyTorch's layout.
        cells = [f"{re:>{real_width}}{im}j" for re, im in zip(real, signed, strict=True)]
        return cells, real_width + imag_width + len("j")
    if "float" in dtype:
        cells, width = _float_cells(values)
    else:
        cells = [str(value) for value in values.tolist()]
        width = max(map(len, cells))
    return [cell.rjust(width) for cell in cells], width


def _float_cells(values: npt.NDArray[Any]) -> tuple[list[str], int]:
    """Write 1-d floats in the one notation that suits them all, not yet padded, and return the width to pad them to.

    Zeros, infinities and NaNs have no say in either, so a cell such as ``-0.0000`` may be wider than the width.
    """
    with np.errstate(invalid="ignore"):  # widening a signalling NaN is no reason to warn while printing
        values = values.astype(np.float64)
    decisive = np.isfinite(values) & (values != 0)
    sizes = np.abs(values[decisive])
    integral = bool(np.all(sizes == np.floor(sizes)))
    scientific = sizes.size > 0 and _calls_for_scientific(float(sizes.min()), float(sizes.max()))

    digits = 0 if integral and not scientific else print_options.precision
    notation = f".{digits}{'e' if scientific else 'f'}"
    cells = [format(value, notation) for value in values.tolist()]
    if integral and not scientific:  # a bare point tells 1. from the integer 1; inf and nan need none
        cells = [f"{cell}." if cell[-1].isdigit() else cell for cell in cells]
    width = max((len(cell) for cell, decides in zip(cells, decisive.tolist(), strict=True) if decides), default=1)
    return cells, width


def _calls_for_scientific(smallest: float, largest: float) -> bool:
    if print_options.sci_mode is not None:
        return bool(print_options.sci_mode)
    return largest / smallest > 1000.0 or largest > 1.0e8 or smallest < 1.0e-4


def _append(text: str, suffixes: Sequence[str], indent: int) -> str:
    """Append ``suffixes`` after commas, each on a new line, indented, where the line would become too long."""
    # PyTorch takes the last line of values for two characters longer than it is, and wraps accordingly.
    column = len(text) - (text.rfind("\n") + 1) + 2
    for suffix in suffixes:
        column += len(", ") + len(suffix)
        if column > print_options.linewidth:
            text += ",\n" + " " * indent + suffix
            column = indent + len(suffix)
        else:
            text += ", " + suffix
    return text
