"""Asserting that results are as expected."""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ArgumentTypeError
from xpgrad.functions.comparison import isclose
from xpgrad.functions.types import result_type
from xpgrad.tensor.conversion import as_tensor, tensor

Message = str | Callable[[str], str] | None

# (rtol, atol) where none are given; other dtypes have to be equal.
_TOLERANCES = {
    "float16": (1e-3, 1e-5), "bfloat16": (1.6e-2, 1e-5), "float32": (1.3e-6, 1e-5), "complex64": (1.3e-6, 1e-5),
    "float64": (1e-7, 1e-7), "complex128": (1e-7, 1e-7), float: (1e-7, 1e-7), complex: (1e-7, 1e-7),
}  # fmt: skip


def assert_close(
    actual: Any,
    expected: Any,
    *,
    allow_subclasses: bool = True,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = False,
    check_device: bool = True,
    check_dtype: bool = True,
    check_layout: bool = True,
    check_stride: bool = False,
    msg: Message = None,
) -> None:
    """Raise an AssertionError unless ``|actual - expected| <= atol + rtol * |expected|`` everywhere.

    Mirrors ``torch.testing.assert_close``.

    Args:
        actual: A tensor, a number, an array, None, or a sequence or mapping of these.
        expected: Something of that kind, of the same shapes, keys and lengths.
        allow_subclasses: Compare tensors of which one is of a subclass of the other's class.
        rtol: The relative tolerance; what fits the dtype if neither tolerance is given.
        atol: The absolute tolerance.
        equal_nan: Let NaN be equal to NaN.
        check_device: Devices have to be the same.
        check_dtype: Dtypes, or the types of numbers, have to be the same.
        check_layout: There is only one layout.
        check_stride: Strides have to be the same.
        msg: What the error says instead, or a function that makes it of what it would have said.

    Raises:
        AssertionError: They are not close.
        ArgumentTypeError: They cannot be compared.
        ArgumentError: Only one tolerance is given.
    """
    if (rtol is None) != (atol is None):
        missing = "rtol" if rtol is None else "atol"
        raise ArgumentError(f"Both 'rtol' and 'atol' must be either specified or omitted, but got no {missing}.")
    tolerances = None if rtol is None or atol is None else (rtol, atol)
    ask = _Question(allow_subclasses, tolerances, equal_nan, check_device, check_dtype, check_stride, msg)
    with no_grad():
        ask.compare(actual, expected, "")


def assert_allclose(
    actual: Any,
    expected: Any,
    rtol: float | None = None,
    atol: float | None = None,
    equal_nan: bool = True,
    msg: str = "",
) -> None:
    """Deprecated: `assert_close`, of whatever dtypes and devices. Mirrors ``torch.testing.assert_allclose``."""
    warnings.warn(
        "`torch.testing.assert_allclose()` is deprecated since 1.12 and will be removed in a future release. "
        "Please use `torch.testing.assert_close()` instead.",
        FutureWarning,
        stacklevel=2,
    )
    x, y = (value if isinstance(value, TensorBase) else tensor(value) for value in (actual, expected))
    assert_close(x, y, rtol=rtol, atol=atol, equal_nan=equal_nan, check_device=True, check_dtype=False, msg=msg or None)


@dataclass(frozen=True)
class _Question:
    allow_subclasses: bool
    tolerances: tuple[float, float] | None
    equal_nan: bool
    check_device: bool
    check_dtype: bool
    check_stride: bool
    msg: Message

    def compare(self, actual: Any, expected: Any, at: str) -> None:
        """Raise unless the two are close; ``at`` is where in a container they are: ``"[0]['a']"``."""
        both = (actual, expected)
        if all(isinstance(x, Sequence) and not isinstance(x, str) for x in both):
            if len(actual) != len(expected):
                self.fail(f"The length of the sequences mismatch: {len(actual)} != {len(expected)}", at)
            for i, pair in enumerate(zip(actual, expected, strict=True)):
                self.compare(*pair, f"{at}[{i}]")
        elif all(isinstance(x, Mapping) for x in both):
            self.compare_mappings(actual, expected, at)
        elif None in map(_none, both):
            if actual is not expected:
                self.fail(f"None mismatch: {actual} is not {expected}", at)
        elif all(isinstance(x, bool) for x in both):
            if actual is not expected:
                self.fail(f"Booleans mismatch: {actual} is not {expected}", at)
        elif all(isinstance(x, numbers.Number) for x in both):
            self.compare_numbers(actual, expected, at)
        else:
            self.compare_arrays(actual, expected, at)

    def compare_mappings(self, actual: Mapping[Any, Any], expected: Mapping[Any, Any], at: str) -> None:
        missing, more = (
            sorted(expected.keys() - actual.keys(), key=str),
            sorted(actual.keys() - expected.keys(), key=str),
        )
        if missing or more:
            self.fail(
                "The keys of the mappings do not match:\n"
                f"Missing keys in the actual mapping: {missing}\nAdditional keys in the actual mapping: {more}",
                at,
            )
        for key in expected:
            self.compare(actual[key], expected[key], f"{at}[{key!r}]")

    def compare_numbers(self, actual: Any, expected: Any, at: str) -> None:
        if self.check_dtype and type(actual) is not type(expected):
            self.fail(f"The (d)types do not match: {type(actual)} != {type(expected)}.", at)
        rtol, atol = self.tolerances or max(_TOLERANCES.get(type(x), (0.0, 0.0)) for x in (actual, expected))
        if actual == expected or (self.equal_nan and actual != actual and expected != expected):
            return
        difference = abs(actual - expected)
        if not (math.isfinite(difference) and difference <= atol + rtol * abs(expected)):
            relative = difference / abs(expected) if expected else math.inf
            self.fail(_of_numbers(actual, expected, difference, relative, rtol, atol), at)

    def compare_arrays(self, actual: Any, expected: Any, at: str) -> None:
        x, y = self.as_tensors(actual, expected)
        if x.shape != y.shape:
            self.fail(f"The values for attribute 'shape' do not match: {x.shape} != {y.shape}.", at)
        if self.check_device and x.device != y.device:
            self.fail(f"The values for attribute 'device' do not match: {x.device} != {y.device}.", at)
        if self.check_dtype and x.dtype is not y.dtype:
            self.fail(f"The values for attribute 'dtype' do not match: {x.dtype} != {y.dtype}.", at)
        if self.check_stride and x.stride() != y.stride():
            self.fail(f"The values for attribute 'stride()' do not match: {x.stride()} != {y.stride()}.", at)
        rtol, atol = self.tolerances or max(_TOLERANCES.get(t.dtype.name, (0.0, 0.0)) for t in (x, y))
        if x._place is not y._place:
            x, y = x.cpu(), y.cpu()
        if x.dtype is not y.dtype:
            common = result_type(x.reshape(-1), y.reshape(-1))
            x, y = x.to(common), y.to(common)
        matches = isclose(x, y, rtol=rtol, atol=atol, equal_nan=self.equal_nan)
        if not matches.all():
            self.fail(_of_tensors(x, y, matches, rtol, atol), at)

    def as_tensors(self, actual: Any, expected: Any) -> tuple[Any, Any]:
        kinds = type(actual), type(expected)
        related = isinstance(actual, kinds[1]) or isinstance(expected, kinds[0])
        # Lists are compared element by element, so what is left is an array or nothing that could be compared.
        is_array = all(isinstance(x, TensorBase) or hasattr(x, "shape") for x in (actual, expected))
        if not is_array or not related or (kinds[0] is not kinds[1] and not self.allow_subclasses):
            raise ArgumentTypeError(
                f"No comparison pair was able to handle inputs of type {kinds[0]} and {kinds[1]}: give two tensors, "
                "two arrays, two numbers, or two containers of these"
            )
        return as_tensor(actual).detach(), as_tensor(expected).detach()

    def fail(self, text: str, at: str) -> NoReturn:
        text += f"\n\nThe failure occurred for item {at}" if at else ""
        raise AssertionError(self.msg(text) if callable(self.msg) else self.msg or text)


def _none(x: Any) -> Any:
    """None for None, something else for all others, since arrays compare with None element by element."""
    return None if x is None else 0


def _of_numbers(actual: Any, expected: Any, absolute: Any, relative: Any, rtol: float, atol: float) -> str:
    exact = rtol == atol == 0
    return (
        f"Scalars are not {'equal' if exact else 'close'}!\n\nExpected {expected} but got {actual}.\n"
        f"Absolute difference: {absolute}{'' if exact else f' (up to {atol} allowed)'}\n"
        f"Relative difference: {relative}{'' if exact else f' (up to {rtol} allowed)'}"
    )


def _of_tensors(x: Any, y: Any, matches: Any, rtol: float, atol: float) -> str:
    if not x.dtype.is_differentiable:
        x, y = x.long(), y.long()
    absolute = (x - y).abs()
    relative = absolute / y.abs()
    if not x.ndim:
        return _of_numbers(x.item(), y.item(), absolute.item(), relative.item(), rtol, atol)
    exact, count, total = rtol == atol == 0, int((~matches).sum()), matches.numel()
    lines = [f"Tensor-likes are not {'equal' if exact else 'close'}!", ""]
    lines.append(f"Mismatched elements: {count} / {total} ({count / total:.1%})")
    for name, difference, bound in (("absolute", absolute, atol), ("relative", relative, rtol)):
        worst = difference.masked_fill(matches, 0).flatten()
        position = int(worst.argmax())
        allowed = "" if exact else f" (up to {bound} allowed)"
        index = _unravelled(position, x.shape)
        lines.append(f"Greatest {name} difference: {worst[position].item()} at index {index}{allowed}")
    return "\n".join(lines)


def _unravelled(position: int, shape: Sequence[int]) -> tuple[int, ...]:
    index: list[int] = []
    for length in reversed(shape):
        position, last = divmod(position, length)
        index.insert(0, last)
    return tuple(index)
