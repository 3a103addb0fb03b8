"""Jacobians as numbers: from backward passes, from tangents, and from central differences."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from xpgrad.autograd.calls import grad
from xpgrad.autograd.forward_ad import dual_level, make_dual, unpack_dual
from xpgrad.core.tensor_base import TensorBase
from xpgrad.core.views import array_of
from xpgrad.errors import GradientError
from xpgrad.tensor.conversion import tensor

Numbers = list[complex]
# By element of the input, by direction in which that is moved (1, and i for complex ones), by element of the output.
Slopes = list[list[Numbers]]


class GradcheckError(GradientError):
    """An analytic gradient is not what finite differences say."""


def differentiable(outputs: Any) -> list[Any]:
    """The floating and complex tensors among ``outputs``."""
    listed = outputs if isinstance(outputs, (tuple, list)) else (outputs,)
    return [o for o in listed if isinstance(o, TensorBase) and o._place.dtype(o._array.dtype).is_differentiable]


def numbers(x: Any) -> Numbers:
    """The elements of a tensor, in order."""
    found: Numbers = x._place.backend.to_host(array_of(x)).reshape(-1).tolist()
    return found


def like(x: Any, elements: Sequence[complex]) -> Any:
    """A tensor in the shape and dtype of ``x``."""
    return tensor(list(elements), dtype=x.dtype, device=x.device).reshape(tuple(x.shape))


def units(x: Any) -> Iterator[list[tuple[complex, Any]]]:
    """For each element of ``x``, the directions in which it can be moved: one, or two in the complex plane."""
    for k in range(x.numel()):
        yield [
            (d, like(x, [d if n == k else 0.0 for n in range(x.numel())]))
            for d in ((1.0, 1.0j) if x.is_complex() else (1.0,))
        ]


def gradients(output: Any, inputs: Sequence[Any]) -> list[list[tuple[Numbers, Any]]]:
    """For each input, for each element of ``output`` and each direction of that, the gradient and its dtype."""
    columns: list[list[tuple[Numbers, Any]]] = [[] for _ in inputs]
    for element in units(output):
        for _, start in element:
            found = grad([output], inputs, [start], retain_graph=True, allow_unused=True)
            for column, x, g in zip(columns, inputs, found, strict=True):
                if g is None:
                    column.append(([0.0] * x.numel(), x.dtype))
                    continue
                if tuple(g.shape) != tuple(x.shape):
                    raise GradcheckError(
                        f"Analytical gradient has incorrect size: {tuple(g.shape)} for an input of {tuple(x.shape)}"
                    )
                column.append((numbers(g), g.dtype))
    return columns


def slopes(func: Callable[..., Any], inputs: Sequence[Any], i: int, o: int, eps: float) -> Slopes:
    """The derivatives of output ``o`` along each element of input ``i``, by central differences."""
    x = inputs[i]
    count = x.numel()
    found: Slopes = []
    for j in range(count):
        steps = [
            [eps * d if n == j else 0.0 for n in range(count)] for d in ((1.0, 1.0j) if x.is_complex() else (1.0,))
        ]
        found.append([difference(func, inputs, o, {i: step}, eps) for step in steps])
    return found


def difference(
    func: Callable[..., Any], inputs: Sequence[Any], o: int, steps: dict[int, list[complex]], eps: float
) -> Numbers:
    """The central difference of output ``o`` when inputs move by ``steps``, of the length ``eps``."""
    high, low = (
        numbers(differentiable(func(*[_moved(x, steps.get(n), sign) for n, x in enumerate(inputs)]))[o].detach())
        for sign in (1, -1)
    )
    return [(h - l) / (2 * eps) for h, l in zip(high, low, strict=True)]  # noqa: E741


def _moved(x: Any, steps: list[complex] | None, sign: int) -> Any:
    if steps is not None:
        return like(x, [v + sign * s for v, s in zip(numbers(x), steps, strict=True)]).requires_grad_()
    return x.detach().clone().requires_grad_(x.requires_grad) if isinstance(x, TensorBase) else x  # type: ignore[attr-defined]


def tangents(func: Callable[..., Any], inputs: Sequence[Any], i: int, o: int) -> Slopes:
    """What `slopes` gives, by forward mode."""
    found: Slopes = []
    for element in units(inputs[i]):
        found.append([])
        for _, direction in element:
            with dual_level():
                x = make_dual(inputs[i].detach(), direction)
                output = differentiable(func(*[x if n == i else y for n, y in enumerate(inputs)]))[o]
                tangent = unpack_dual(output).tangent
                found[-1].append([0.0] * output.numel() if tangent is None else numbers(tangent.detach()))
    return found


def as_gradients(found: Slopes, is_complex_output: bool) -> list[Numbers]:
    """Slopes in the form of `gradients`: what each part of each output would send back."""
    rows: list[Numbers] = []
    for k in range(len(found[0][0]) if found else 0):
        for part in ("real", "imag") if is_complex_output else ("real",):
            moved = [[getattr(complex(direction[k]), part) for direction in element] for element in found]
            rows.append([complex(*parts) if len(parts) == 2 else parts[0] for parts in moved])
    return rows


def compare(got: Sequence[Numbers], wanted: Sequence[Numbers], atol: float, rtol: float, what: str) -> None:
    """Raise if two tables of numbers differ.

    Raises:
        GradcheckError: They do.
    """
    for row, (a_row, b_row) in enumerate(zip(got, wanted, strict=True)):
        for column, (a, b) in enumerate(zip(a_row, b_row, strict=True)):
            if not abs(a - b) <= atol + rtol * abs(b):
                raise GradcheckError(
                    f"{what}: element ({row}, {column}) is {a:.8g} analytically and {b:.8g} numerically; they differ "
                    f"by more than atol={atol:g} + rtol={rtol:g}"
                )
