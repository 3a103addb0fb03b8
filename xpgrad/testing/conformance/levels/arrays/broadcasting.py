"""Shapes that meet: what they broadcast to, where gradients go, and which do not."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.errors import ShapeError
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Subject, agree, raises

LEVEL = Level("arrays")

Shape = tuple[int, ...]

PAIRS: Final[list[tuple[Shape, Shape]]] = [
    ((3, 4), (4,)), ((3, 4), (3, 1)), ((3, 1), (1, 4)), ((), (3, 4)), ((2, 1, 4), (3, 1)), ((1, 1, 1), (4,)),
    ((0, 4), (1, 4)), ((1,), (0,)), ((), ()), ((2, 3, 4), (2, 3, 4)),
]  # fmt: skip
APART: Final[list[tuple[Shape, Shape]]] = [((3, 4), (5,)), ((3, 4), (3,)), ((2, 3), (3, 2)), ((0,), (2,))]


def _rows(pairs: list[tuple[Shape, Shape]]) -> dict[str, tuple[Shape, Shape]]:
    return {f"broadcasting/{x}-{y}".replace(" ", ""): (x, y) for x, y in pairs}


@LEVEL.each(_rows(PAIRS))
def shapes_broadcast(subject: Subject, row: tuple[Shape, Shape]) -> None:
    """Products, ``where`` and comparisons of the two have the common shape, and each gradient the shape of its own."""
    shapes = row
    hosts = [np.random.default_rng(i).uniform(0.5, 1.5, shape).astype(np.float32) for i, shape in enumerate(shapes)]
    x, y = (subject.tensor(host, requires_grad=True) for host in hosts)
    what = f"of shapes {shapes[0]} and {shapes[1]}"
    product = x * y
    agree(subject.host(product), hosts[0] * hosts[1], 1e-6, f"product {what}")
    agree(subject.host(xpgrad.where(x > y, x, y)), np.maximum(*hosts), 1e-6, f"where {what}")
    agree(subject.host(x < y), hosts[0] < hosts[1], 0, f"comparison {what}")
    product.sum().backward()
    for mine, other, tensor in ((0, 1, x), (1, 0, y)):
        expected = _unbroadcast(np.broadcast_to(hosts[other], product.shape), shapes[mine])
        agree(subject.host(tensor.grad), expected, 1e-5, f"gradient of operand {mine} of the product {what}")


def _unbroadcast(g: Any, shape: Shape) -> Any:
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True).reshape(shape)


@LEVEL.each(_rows(APART))
def shapes_that_do_not_meet_are_refused(subject: Subject, row: tuple[Shape, Shape]) -> None:
    """Operands whose shapes do not broadcast are refused by a ShapeError that names both."""
    x, y = (subject.tensor(np.ones(shape, np.float32)) for shape in row)
    for function in (xpgrad.add, xpgrad.maximum, xpgrad.lt):
        with raises(ShapeError, f"{function.__name__} of shapes {row[0]} and {row[1]}", *map(str, row)):
            function(x, y)


TARGETS: Final[dict[str, tuple[Shape, Shape]]] = {
    "row": ((4,), (3, 4)), "column": ((3, 1), (3, 4)), "number": ((), (2, 2)), "itself": ((2, 3), (2, 3)),
    "nothing": ((1, 2), (0, 2)), "new-axes": ((2,), (3, 1, 2)),
}  # fmt: skip


@LEVEL.each({f"broadcast_to/{name}": row for name, row in TARGETS.items()})
def is_broadcast_to_a_shape(subject: Subject, row: tuple[Shape, Shape]) -> None:
    """``broadcast_to`` and ``expand`` repeat along new axes and along those of length one."""
    shape, target = row
    host = np.random.default_rng(0).uniform(size=shape).astype(np.float32)
    x = subject.tensor(host)
    expected = np.broadcast_to(host, target)
    agree(subject.host(xpgrad.broadcast_to(x, target)), expected, 0, f"broadcast_to {target} of shape {shape}")
    agree(subject.host(x.expand(target)), expected, 0, f"expand to {target} of shape {shape}")
    raw = subject.xp.broadcast_to(subject.array(host), target)
    agree(subject.host(raw), expected, 0, f"broadcast_to {target} of shape {shape} in the raw namespace")
