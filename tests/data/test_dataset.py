"""Datasets made of tensors and of other datasets, and batches made of samples."""

from collections import namedtuple

import numpy as np
import pytest

import xpgrad
from xpgrad.data import (
    ChainDataset,
    ConcatDataset,
    Dataset,
    IterableDataset,
    StackDataset,
    Subset,
    TensorDataset,
    default_collate,
    default_convert,
    random_split,
)
from xpgrad.functions.generator import Generator


class Numbers(Dataset):
    def __init__(self, *numbers):
        self.numbers = numbers

    def __len__(self):
        return len(self.numbers)

    def __getitem__(self, index):
        return self.numbers[index]


class Stream(IterableDataset):
    def __init__(self, *numbers):
        self.numbers = numbers

    def __iter__(self):
        return iter(self.numbers)


def test_tensors():
    dataset = TensorDataset(xpgrad.arange(6).reshape(3, 2), xpgrad.tensor([7, 8, 9]))
    assert len(dataset) == 3
    row, label = dataset[1]
    assert (row.tolist(), label.item()) == ([2, 3], 8)
    with pytest.raises(AssertionError, match=r"Size mismatch between tensors: their lengths are \[2, 3\]") as error:
        TensorDataset(xpgrad.zeros(2), xpgrad.zeros(3))
    assert isinstance(error.value, ValueError)


def test_concatenation():
    dataset = Numbers(1, 2) + Numbers() + Numbers(3)
    assert isinstance(dataset, ConcatDataset)
    assert [dataset[i] for i in (0, 1, 2, -1, -3)] == [1, 2, 3, 3, 1]
    assert len(dataset) == 3
    assert ConcatDataset([Numbers(1, 2), Numbers(), Numbers(3)]).cumulative_sizes == [2, 2, 3]
    with pytest.raises(ValueError, match="absolute value of index should not exceed dataset length: -4 of 3"):
        dataset[-4]
    with pytest.raises(IndexError, match="index 3 is out of range for 3 samples"):
        dataset[3]
    with pytest.raises(AssertionError, match="datasets should not be an empty iterable"):
        ConcatDataset([])
    with pytest.raises(AssertionError, match="ConcatDataset does not support IterableDataset, and number 1 is one"):
        ConcatDataset([Numbers(1), Stream(1)])


def test_a_chain():
    dataset = Stream(1, 2) + Stream(3)
    assert isinstance(dataset, ChainDataset)
    assert list(dataset) == [1, 2, 3]
    with pytest.raises(AssertionError, match="ChainDataset only supports IterableDataset, and number 1 is none"):
        ChainDataset([Stream(1), Numbers(1)])


def test_a_stack():
    assert StackDataset(Numbers(1, 2), Numbers(3, 4))[1] == (2, 4)
    assert StackDataset(x=Numbers(1, 2), y=Numbers(3, 4))[0] == {"x": 1, "y": 3}
    with pytest.raises(ValueError, match=r"Size mismatch between datasets: their lengths are \[1, 2\]"):
        StackDataset(Numbers(1), Numbers(1, 2))
    with pytest.raises(ValueError, match="both types are given"):
        StackDataset(Numbers(1), y=Numbers(1))
    with pytest.raises(ValueError, match="At least one dataset should be passed"):
        StackDataset()


def test_a_subset():
    subset = Subset(Numbers(5, 6, 7), [2, 0])
    assert (len(subset), subset[0], subset[1], subset.__getitems__([1, 0])) == (2, 7, 5, [5, 7])


def test_a_random_split():
    parts = random_split(Numbers(*range(10)), [7, 3], Generator().manual_seed(1))
    again = random_split(Numbers(*range(10)), [7, 3], Generator().manual_seed(1))
    assert [len(p) for p in parts] == [7, 3]
    assert sorted(x for part in parts for x in part) == list(range(10))
    assert [list(p) for p in parts] == [list(p) for p in again]
    assert list(parts[0]) != list(range(7))
    assert [len(p) for p in random_split(range(10), [0.33, 0.33, 0.34])] == [4, 3, 3]
    with pytest.warns(UserWarning, match="Length of split at index 1 is 0"):
        random_split(range(3), [1.0, 0.0])
    with pytest.raises(ValueError, match="Sum of input lengths does not equal the length of the input dataset!"):
        random_split(range(3), [1, 1])
    with pytest.raises(ValueError, match=r"Fraction at index 0 is not between 0 and 1: -0\.5"):
        random_split(range(3), [-0.5, 1.5])


def test_what_a_base_class_says():
    with pytest.raises(NotImplementedError, match="Subclasses of Dataset should implement __getitem__"):
        Dataset()[0]


Point = namedtuple("Point", "x y")

BATCHES = {
    "tensors": [xpgrad.tensor([1, 2]), xpgrad.tensor([3, 4])],
    "arrays": [np.array([1.0, 2.0]), np.array([3.0, 4.0])],
    "numpy scalars": [np.float32(1), np.float32(2)],
    "numpy bools": [np.bool_(True), np.bool_(False)],
    "ints": [1, 2],
    "bools": [True, False],
    "floats": [0.5, 1.5],
    "strings": ["a", "b"],
    "tuples": [(1, "a"), (2, "b")],
    "lists": [[1, 0.5], [2, 1.5]],
    "dicts": [{"x": 1, "y": "a"}, {"x": 2, "y": "b"}],
    "named tuples": [Point(1, 2.0), Point(3, 4.0)],
    "nested": [{"x": (1, [2.0])}, {"x": (3, [4.0])}],
}


def described(value):
    """A batch as plain types: what it holds, of which dtype."""
    if hasattr(value, "detach"):
        return (str(value.dtype), value.tolist())
    if isinstance(value, dict):
        return {k: described(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return (type(value).__name__, [described(v) for v in value])
    return value


def for_torch(torch, value):
    if isinstance(value, xpgrad.Tensor):
        return torch.tensor(value.numpy())
    return value


@pytest.mark.parametrize("kind", BATCHES)
def test_collating_is_torchs(kind):
    torch = pytest.importorskip("torch")
    expected = torch.utils.data.default_collate([for_torch(torch, v) for v in BATCHES[kind]])
    assert described(default_collate(BATCHES[kind])) == described(expected)


@pytest.mark.parametrize("kind", [k for k in BATCHES if k != "tensors"])
def test_converting_is_torchs(kind):
    torch = pytest.importorskip("torch")
    expected = torch.utils.data.default_convert(BATCHES[kind][0])
    assert described(default_convert(BATCHES[kind][0])) == described(expected)


def test_collating():
    made = default_collate([(1, 0.5, "a", xpgrad.ones(2)), (2, 1.5, "b", xpgrad.zeros(2))])
    assert described(made) == (
        "list",
        [
            ("torch.int64", [1, 2]),
            ("torch.float64", [0.5, 1.5]),
            ("tuple", ["a", "b"]),
            ("torch.float32", [[1.0, 1.0], [0.0, 0.0]]),
        ],
    )


def test_what_cannot_be_collated():
    text = "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'object'>"
    with pytest.raises(TypeError, match=text):
        default_collate([object()])
    with pytest.raises(TypeError, match=r"default_collate: batch must contain .*; found <U1"):
        default_collate([np.array(["a"])])
    with pytest.raises(RuntimeError, match=r"should be of equal size, but their lengths are \[1, 2\]"):
        default_collate([[1], [1, 2]])
