"""Indexing as in NumPy: what an index takes, what it writes to, where its gradient goes, and what is out of range."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.subject import Host, Subject, agree, identical, raises

LEVEL = Level("arrays")

X: Final = np.arange(24, dtype=np.float32).reshape(2, 3, 4) + 1
# What the names in an index stand for.
NAMES: Final[dict[str, Host]] = {
    "one": np.asarray(1),
    "two": np.asarray([1, 0]),
    "twice": np.asarray([2, 0, 2, 2]),
    "back": np.asarray([-1, 0, -2]),
    "table": np.asarray([[0, 1], [1, 0]]),
    "none": np.zeros((0,), np.int64),
    "short": np.asarray([1, 0], np.int32),
    "mask": np.random.default_rng(1).uniform(size=(2, 3, 4)) > 0.5,
    "rows": np.asarray([False, True]),
    "pairs": np.asarray([[True, False, True], [False, False, True]]),
    "nothing": np.zeros((2, 3, 4), bool),
}
BASIC: Final = (
    "0", "-1", "1,2", "1,-1,-4", "...,0", "0,...", "...", ":", "1:", ":1", ":,1:", ":,:2,1:3", ":,::2", ":,:,::3",
    ":,1:1", ":,5:", ":,-2:", ":,:-1", ":,-2:-1", "None", ":,None", "...,None", "None,0", "0,None,:,1", "(0,1)", "()",
    "slice(None,1)", "1,...,None", "0,0,0", ":,:,-3:", ":,-1", ":,1,2", "None,...,1:", "True",
    "::-1", ":,::-2", "...,2::-1", "::-1,:,::-1",
)  # fmt: skip
ARRAYS: Final = (
    "one", "two", ":,twice", "...,twice", "back", ":,back", ":,:,back", "two,two", "two,:,two", ":,two,two", "table",
    ":,table", "two,1", "0,twice", ":,0,twice", "two,None", "none", ":,none", "short", "twice%2,1:", "[0,1]",
    ":,[0,2,2]", "[[1],[0]],[[0,2]]", "table,table", "one,two", "...,two,1",
)  # fmt: skip
MASKS: Final = (
    "mask", "rows", "pairs", "nothing", ":,pairs[0]", "rows,1", "rows,1:", "pairs,0", "pairs,1:", "[False,True]",
    "rows,:,twice[:1]",
)  # fmt: skip
OUT_OF_RANGE: Final = (
    "2", "-3", "0,3", ":,:,4", "...,-5", "twice", ":,back-2", "0,0,0,0", "twice,0", "two,twice+1",
)  # fmt: skip
REFUSED: Final = ("1.0", "0.5,:", "rows,rows,rows", "mask[0]", "two,twice")


def _needs(index: str) -> set[str]:
    return {"int64", "data-dependent shapes"} if index in MASKS else {"int64"}


def _rows(*indices: str) -> dict[str, str]:
    return {f"indexing/x[{index}]": index for index in indices}


TAKING: Final = _rows(*BASIC, *ARRAYS, *MASKS)


def _index(subject: Subject | None, text: str) -> Any:
    """The index that ``text`` is, of NumPy arrays or of tensors on the device."""
    names = {name: array if subject is None else subject.tensor(array) for name, array in NAMES.items() if name in text}
    return eval(f"_[{text}]", {"_": _Itself(), **names})


class _Itself:
    def __getitem__(self, index: Any) -> Any:
        return index


@LEVEL.each(TAKING, needs=_needs)
def takes_what_numpy_takes(subject: Subject, index: str) -> None:
    """The elements, in NumPy's shape."""
    got = subject.tensor(X)[_index(subject, index)]
    identical(subject.host(got), X[_index(None, index)], f"x[{index}]")


@LEVEL.each(TAKING, "set", needs=_needs)
def writes_where_numpy_writes(subject: Subject, index: str) -> None:
    """Assigned a number, and an array that broadcasts; the rest stays as it was."""
    expected, made = X.copy(), subject.tensor(X)
    expected[_index(None, index)] = -1
    made[_index(subject, index)] = -1
    identical(subject.host(made), expected, f"x[{index}] = -1")
    part = X[_index(None, index)]
    value = (np.arange(part.shape[-1]) if part.ndim and part.shape[-1] != 1 else np.asarray(7)).astype(np.float32)
    if index in MASKS or "twice" in index or "2,2" in index:
        # Of several values for one element, which one stays is not said.
        value = np.asarray(7, np.float32)
    expected[_index(None, index)] = value
    made[_index(subject, index)] = subject.tensor(value)
    identical(subject.host(made), expected, f"x[{index}] = {value.tolist()}")


@LEVEL.each(TAKING, "gradient", needs=_needs)
def gradients_go_where_elements_came_from(subject: Subject, index: str) -> None:
    """An element that is taken twice gets both gradients, one that is not taken none."""
    x = subject.tensor(X, requires_grad=True)
    got = x[_index(subject, index)]
    weights = np.arange(1, got.numel() + 1, dtype=np.float32).reshape(tuple(got.shape))
    (got * subject.tensor(weights)).sum().backward()
    expected = np.zeros_like(X)
    np.add.at(expected, _index(None, index), weights)
    agree(subject.host(x.grad), expected, 1e-6, f"gradient through x[{index}]")


@LEVEL.each(_rows("one", "two", "back", "two,two", "table", "table,table", "one,two"), "accumulate", needs=_needs)
def adds_every_value_for_one_element(subject: Subject, index: str) -> None:
    """``index_put(accumulate=True)`` adds what is meant for one element, however often that is named."""
    where = _index(None, index)
    where = tuple(part % 2 for part in (where if isinstance(where, tuple) else (where,)))
    expected = X.copy()
    np.add.at(expected, where, np.float32(10))
    value = subject.tensor(np.float32(10))
    got = subject.tensor(X).index_put(tuple(map(subject.tensor, where)), value, accumulate=True)
    identical(subject.host(got), expected, f"index_put({[p.tolist() for p in where]}, 10, accumulate=True)")


@LEVEL.each(_rows(*OUT_OF_RANGE), "out-of-range", needs={"int64"})
def what_is_out_of_range_is_an_error(subject: Subject, index: str) -> None:
    """An IndexError, for reading and for writing, whatever the library does with such indices."""
    x = subject.tensor(X)
    with raises(IndexError, f"x[{index}] of shape (2, 3, 4)"):
        subject.host(x[_index(subject, index)])
    with raises(IndexError, f"x[{index}] = 0 of shape (2, 3, 4)"):
        x[_index(subject, index)] = 0
        subject.host(x)


@LEVEL.each(_rows(*REFUSED), "refused", needs={"int64"})
def what_is_no_index_is_an_error(subject: Subject, index: str) -> None:
    """Numbers with a fraction, and masks of another shape, are no indices."""
    x = subject.tensor(X)
    with raises(IndexError, f"x[{index}] of shape (2, 3, 4)"):
        subject.host(x[_index(subject, index)])


FUNCTIONS: Final[dict[str, tuple[Any, Any]]] = {
    "take": (lambda x, k: x.take(k), lambda x, k: x.ravel()[k]),
    "index_select": (lambda x, k: x.index_select(1, k), lambda x, k: np.take(x, k, axis=1)),
    "gather": (
        lambda x, k: x.gather(2, k.reshape(1, 1, -1).expand(2, 3, -1)),
        lambda x, k: np.take_along_axis(x, np.broadcast_to(k, (2, 3, len(k))), axis=2),
    ),
    "index_add": (
        lambda x, k: x.index_add(1, k, xpgrad.ones(2, len(k), 4)),
        lambda x, k: x + np.bincount(k, minlength=3).astype(x.dtype)[:, None],
    ),
    "index_fill": (lambda x, k: x.index_fill(1, k, 0.5), lambda x, k: _filled(x, k)),
}


def _filled(x: Host, k: Host) -> Host:
    x = x.copy()
    x[:, k] = 0.5
    return x


@LEVEL.each({f"indexing/{name}": name for name in FUNCTIONS}, needs={"int64"})
def functions_of_indices_take_duplicates(subject: Subject, name: str) -> None:
    """Functions of indices give NumPy's values for indices that name an element several times."""
    function, reference = FUNCTIONS[name]
    k = NAMES["twice"]
    with subject.using():
        got = function(subject.tensor(X), subject.tensor(k))
    identical(subject.host(got), reference(X, k), f"{name} at {k.tolist()}")
