import numpy as np

from xpgrad.ops import indexing, positions
from xpgrad.testing.conformance.ops.case import APART as DISTINCT
from xpgrad.testing.conformance.ops.case import Case, draw

SAME = slice(None)
BASIC = [
    (),
    (...,),
    (None,),
    (1,),
    (-1, 2),
    (1, 0, 3),
    (slice(1, 2),),
    (slice(None), 1),
    (slice(-1, None), slice(0, 3, 2), slice(None, None, 3)),
    (..., slice(1, -1)),
    (0, ..., None, slice(3, 1)),
    (None, slice(5, 9), None, 1, None),
    (slice(None, None, -1), slice(2, None, -2), 1),
]


def embedded(x, shape, index):
    out = np.zeros(shape, x.dtype)
    out[index] = x
    return out


def assigned(x, value, index):
    out = x.copy()
    out[index] = value
    return out


def added(updates, indices, size):
    out = np.zeros((size, *updates.shape[1:]), updates.dtype)
    np.add.at(out, indices, updates)
    return out


def added_along(updates, indices, axis, length):
    shape = list(updates.shape)
    shape[axis] = length
    out = np.zeros(shape, updates.dtype)
    where = list(np.ogrid[tuple(slice(n) for n in updates.shape)])
    where[axis] = indices
    np.add.at(out, tuple(where), updates)
    return out


def put(x, positions, rows):
    out = x.copy()
    out[positions] = rows
    return out


def coordinates(x, positions, axes):
    """The index, as NumPy takes it, that picks ``positions`` in the block of ``axes``."""
    found = np.unravel_index(positions, [x.shape[a] for a in axes])
    return tuple(found[axes.index(i)] if i in axes else SAME for i in range(x.ndim))


def picked(x, positions, axes):
    return x[coordinates(x, positions, axes)]


def put_at(x, value, positions, axes):
    out = x.copy()
    out[coordinates(x, positions, axes)] = value
    return out


def added_at(x, value, positions, axes):
    out = x.copy()
    np.add.at(out, coordinates(x, positions, axes), value)
    return out


def combined(function):
    def reference(x, value, positions, axes, **_):
        out = x.copy()
        function.at(out, coordinates(x, positions, axes), value)
        return out

    return reference


ZEROS = np.asarray([[0.0, 1.5, -2.0], [0.5, 0.0, 0.0]])
ROWS = np.asarray([2, 0, 2, 1])
LINES = np.asarray([[0, 2, 2], [1, 1, 0]])
APART = np.asarray([[0, 5], [3, 1]])


def one_of_each_line(x, i, axis):
    return np.squeeze(np.take_along_axis(x, np.expand_dims(i, axis), axis), axis)


CASES = [
    *(Case(indexing.getitem, (draw(2, 3, 4),), {"index": i}, lambda x, index: x[index]) for i in BASIC),
    *(
        Case(indexing.embed, (draw(*np.empty((2, 3, 4))[i].shape),), {"shape": (2, 3, 4), "index": i}, embedded)
        for i in BASIC
    ),
    *(
        Case(indexing.assign, (draw(2, 3, 4), draw(*np.empty((2, 3, 4))[i].shape)), {"index": i}, assigned)
        for i in BASIC
    ),
    Case(indexing.assign, (draw(2, 3), draw(3)), {"index": (slice(0, 2),)}, assigned, complex_too=True),
    *(
        Case(indexing.take, (draw(3, 3, 3), ROWS), {"axis": axis}, lambda x, i, axis: np.take(x, i, axis))
        for axis in (0, 1, 2)
    ),
    Case(indexing.take, (draw(3), ROWS[:0]), {"axis": 0}, lambda x, i, axis: np.take(x, i, axis), label="nothing"),
    Case(indexing.scatter_add, (draw(4), ROWS), {"size": 4}, added, complex_too=True),
    Case(indexing.scatter_add, (draw(4, 2), ROWS), {"size": 3}, added),
    Case(indexing.put_rows, (draw(3, 2), np.asarray([2, 0]), draw(2, 2)), {}, put, complex_too=True),
    Case(indexing.put_rows, (draw(3), ROWS[:0], draw(0)), {}, put, label="nothing"),
    *(
        Case(indexing.take_along_axis, (draw(3, 3), i), {"axis": axis}, np.take_along_axis, label=label)
        for i, axis, label in ((LINES, 0, "down"), (LINES.T, -1, "along"), (LINES[:1].T, 1, "one"))
    ),
    Case(indexing.take_along_axis, (draw(3, 3), LINES[:, :1]), {"axis": 0}, np.take_along_axis, label="broadcast"),
    *(Case(indexing.pick, (draw(3, 3), LINES[0]), {"axis": axis}, one_of_each_line) for axis in (0, 1)),
    *(
        Case(indexing.scatter_along, (draw(*i.shape), i), {"axis": axis, "length": 3}, added_along)
        for i, axis in ((LINES, 0), (LINES.T, 1))
    ),
    *(
        Case(positions.index, (draw(2, 3, 3), at), {"axes": axes}, picked, label=label)
        for axes in ((0,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2))
        for label, at in (
            ("row", np.asarray([1, 0, 1])),
            ("square", np.asarray([[0, 1], [1, 1]])),
            ("one", np.asarray(1)),
        )
    ),
    *(
        Case(
            op,
            (draw(2, 3, 4), draw(*picked(np.empty((2, 3, 4)), at, axes).shape), at),
            {"axes": axes},
            reference,
        )
        for op, reference in ((positions.index_put, put_at), (positions.index_add, added_at))
        for axes, at in (((1,), np.asarray([2, 0])), ((0, 1), APART), ((0, 2), APART), ((1, 2), np.asarray(7)))
    ),
    Case(positions.index_put, (draw(3, 2), draw(2), np.asarray([2, 0])), {"axes": (0,)}, put_at, label="broadcast"),
    *(
        Case(op, (draw(2, 3, of=DISTINCT), draw(*shape, of=DISTINCT), at), {"axes": axes} | more, combined(function))
        for op, more, function in (
            (positions.index_prod, {}, np.multiply),
            (positions.index_extreme, {"kind": "max"}, np.maximum),
            (positions.index_extreme, {"kind": "min"}, np.minimum),
        )
        for axes, at, shape in (((1,), ROWS, (2, 4)), ((0, 1), np.asarray([[5, 0], [5, 2]]), (2, 2)))
    ),
    Case(positions.index_prod, (ZEROS, ZEROS[:, ::-1], ROWS[1:]), {"axes": (1,)}, combined(np.multiply), label="zeros"),
    Case(
        positions.index_add, (draw(3, 2), draw(), ROWS), {"axes": (0,)}, added_at, label="one at many", complex_too=True
    ),
]
