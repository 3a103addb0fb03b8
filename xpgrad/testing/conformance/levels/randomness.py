"""Random numbers: on every backend the stream of NumPy's Philox, bit for bit, and what is made of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Host, Subject

LEVEL = Level("randomness")

Draw = Callable[[Any], Any]

# Lengths around the number of values in one block of the stream, and one of many blocks.
LENGTHS = (1, 2, 3, 4, 5, 7, 8, 9, 31, 1000)
N = 200


def _of_length(name: str, length: int) -> Draw:
    return lambda t: getattr(t, name)(length)


# What is drawn exactly: the same bits everywhere.
EXACT: dict[str, Draw] = {
    **{f"rand/{n}": _of_length("rand", n) for n in LENGTHS},
    "rand/matrix": lambda t: t.rand(5, 7),
    "rand/0-d": lambda t: t.rand(()),
    "rand/empty": lambda t: t.rand(0, 3),
    "rand_like": lambda t: t.rand_like(t.zeros(4, 3)),
    "randint": lambda t: t.randint(3, 8, (N,)),
    "randint/large": lambda t: t.randint(-(2**31), 2**31, (N,)),
    "randint_like": lambda t: t.randint_like(t.zeros(N), 10),
    "randperm": lambda t: t.randperm(100),
    "random_": lambda t: t.empty(N).random_(6),
    "random_/of-two-ends": lambda t: t.empty(N, dtype=t.int32).random_(-3, 3),
    "bernoulli": lambda t: t.bernoulli(t.full((N,), 0.3)),
    "bernoulli_": lambda t: t.empty(N).bernoulli_(0.7),
    "dropout": lambda t: t.nn.functional.dropout(t.ones(N), 0.5),
    "dropout2d": lambda t: t.nn.functional.dropout2d(t.ones(4, 6, 2, 2), 0.5),
    "uniform_": lambda t: t.empty(N).uniform_(0, 2),
    "multinomial": lambda t: t.multinomial(t.tensor([1.0, 0.0, 2.0, 5.0]), N, replacement=True),
    "multinomial/without-replacement": lambda t: t.multinomial(t.tensor([1.0, 3.0, 2.0, 5.0]), 3),
}

# What goes through functions that libraries round in their own ways.
ROUNDED: dict[str, Draw] = {
    **{f"randn/{n}": _of_length("randn", n) for n in LENGTHS},
    "randn_like": lambda t: t.randn_like(t.zeros(4, 3)),
    "normal": lambda t: t.normal(t.arange(10.0), 3.0),
    "normal_": lambda t: t.empty(N).normal_(1, 2),
    "log_normal_": lambda t: t.empty(N).log_normal_(0.5, 0.7),
    "exponential_": lambda t: t.empty(N).exponential_(2.5),
    "cauchy_": lambda t: t.empty(N).cauchy_(1, 2),
    "geometric_": lambda t: t.empty(N).geometric_(0.3),
    "poisson": lambda t: t.poisson(t.full((N,), 4.5)),
    "binomial": lambda t: t.binomial(t.full((N,), 9.0), t.tensor(0.4)),
    "gumbel_softmax": lambda t: t.nn.functional.gumbel_softmax(t.zeros(5, 4)),
    "kaiming_uniform_": lambda t: t.nn.init.kaiming_uniform_(t.empty(6, 5)),
    "xavier_normal_": lambda t: t.nn.init.xavier_normal_(t.empty(6, 5)),
    "trunc_normal_": lambda t: t.nn.init.trunc_normal_(t.empty(6, 5)),
}


def drawn(subject: Subject, draw: Draw) -> tuple[Host, Host]:
    """What ``draw`` gives on the subject, and what is drawn after it."""
    with subject.using():
        xpgrad.manual_seed(3)
        value = subject.host(draw(xpgrad).detach())
        return value.copy(), subject.host(xpgrad.rand(3)).copy()


def compare(subject: Subject, draw: Draw, tolerance: float) -> None:
    """Raise unless ``draw``, and the draw after it, give what they give on NumPy, the first within ``tolerance``."""
    __tracebackhide__ = True
    (got, after), (expected, right_after) = (drawn(s, draw) for s in (subject, Subject(subject.reference)))
    assert got.dtype.kind == expected.dtype.kind, f"expected {expected.dtype}, got {got.dtype}"
    if tolerance:
        np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)
    else:
        np.testing.assert_array_equal(got, expected)
    np.testing.assert_array_equal(after, right_after, "the next draw: this one took another part of the stream")


# What counts in whole numbers, and what is computed in double precision where there is one: elsewhere it is another.
_OF_INTEGERS = ("randint", "randint_like", "randperm", "random_", "multinomial", "normal", "poisson", "binomial")
_IN_DOUBLE = ("multinomial", "geometric_")


def needs(name: str) -> set[str]:
    """What a draw needs, by its name."""
    function = name.partition("/")[0]
    return {d for d, functions in (("int64", _OF_INTEGERS), ("float64", _IN_DOUBLE)) if function in functions}


@LEVEL.each({name: name for name in EXACT}, "bits", needs=needs)
def are_the_same_bits(subject: Subject, name: str) -> None:
    """The draw and the next one are NumPy's, bit for bit."""
    compare(subject, EXACT[name], 0.0)


@LEVEL.each({name: name for name in ROUNDED}, "nearly", needs=needs)
def are_the_same_but_for_rounding(subject: Subject, name: str) -> None:
    """The draw is NumPy's but for rounding, and the next one bit for bit."""
    compare(subject, ROUNDED[name], 2e-4)


@LEVEL.check("philox_uniform/numpy-stream", needs=["float64"])
def _(subject: Subject) -> None:
    """Doubles are those of ``numpy.random.Philox``, across many blocks of the stream."""
    expected = np.random.Generator(np.random.Philox(key=5)).random(1001)
    with subject.using():
        got = xpgrad.rand(1001, dtype=xpgrad.float64, generator=_generator(5))
    np.testing.assert_array_equal(subject.host(got), expected)


@LEVEL.check("philox_uniform/float32-stream")
def _(subject: Subject) -> None:
    """Singles are the upper 24 bits of the stream's 32-bit words."""
    words = np.random.Philox(key=5).random_raw(101).view(np.uint32)
    with subject.using():
        got = xpgrad.rand(202, dtype=xpgrad.float32, generator=_generator(5))
    np.testing.assert_array_equal(subject.host(got), (words >> 8).astype(np.float32) * np.float32(2**-24))


@LEVEL.each({name: name for name in ("float16", "bfloat16", "float32", "float64")}, "range", needs=lambda name: [name])
def stay_below_one(subject: Subject, name: str) -> None:
    """Uniform numbers of each dtype are at least 0 and below 1."""
    with subject.using():
        xpgrad.manual_seed(0)
        values = xpgrad.rand(20_000, dtype=getattr(xpgrad, name))
    assert values.dtype is getattr(xpgrad, name)
    values = values.float()
    assert values.min().item() >= 0.0
    assert values.max().item() < 1.0


@LEVEL.check("generator/in-turn")
def _(subject: Subject) -> None:
    """Small draws in turn are one stream, whatever other generators draw."""
    with subject.using():
        source, other = _generator(9), _generator(10)
        whole = subject.host(xpgrad.rand(24, generator=_generator(9)))
        parts = []
        for _ in range(3):
            parts.append(subject.host(xpgrad.rand(8, generator=source)))
            xpgrad.rand(5, generator=other)
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@LEVEL.check("generator/state")
def _(subject: Subject) -> None:
    """A state that is kept, copied or taken back gives the same numbers."""
    with subject.using():
        source = _generator(2**63 + 7)
        xpgrad.randn(5, generator=source)
        twins = [source.clone_state(), copy.deepcopy(source), _generator(0).set_state(source.get_state())]
        expected = xpgrad.rand(4, generator=source).tolist()
        assert [xpgrad.rand(4, generator=twin).tolist() for twin in twins] == [expected] * 3


@LEVEL.check("generator/offset")
def _(subject: Subject) -> None:
    """A generator can be moved to any block of its stream."""
    with subject.using():
        whole = xpgrad.rand(64, generator=_generator(1)).tolist()
        found = xpgrad.rand(8, generator=_generator(1).set_offset(7)).tolist()
    assert found == whole[56:], "set_offset(7) did not lead to the eighth block"


@LEVEL.check("fork_rng/restores")
def _(subject: Subject) -> None:
    """What is drawn inside of `fork_rng` is not missed outside."""
    with subject.using():
        xpgrad.manual_seed(1)
        with xpgrad.random.fork_rng():
            inside = xpgrad.rand(3).tolist()
        assert xpgrad.rand(3).tolist() == inside


def _generator(seed: int) -> Any:
    return xpgrad.Generator().manual_seed(seed)
