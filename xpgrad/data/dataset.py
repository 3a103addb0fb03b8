"""Collections of samples. Mirrors ``torch.utils.data``'s datasets."""

from __future__ import annotations

import itertools
import math
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar, cast, final

import numpy as np

from xpgrad.backends import philox
from xpgrad.backends.selection import host_place
from xpgrad.errors import ArgumentError, DatasetMismatchError
from xpgrad.functions.generator import Generator, generator_or_default

T_co = TypeVar("T_co", covariant=True)


class Dataset(Generic[T_co]):
    """Samples by index: a subclass gives ``__getitem__`` and, for most uses, ``__len__``.

    It may give ``__getitems__(indices)`` too, a list of samples at once, which a loader prefers.
    """

    def __getitem__(self, index: Any) -> T_co:
        raise NotImplementedError("Subclasses of Dataset should implement __getitem__.")

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ConcatDataset([self, other])


class IterableDataset(Dataset[T_co]):
    """Samples as they come: a subclass gives ``__iter__``.

    With several workers, each iterates by itself: `get_worker_info` tells it which part is its own.
    """

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError("Subclasses of IterableDataset should implement __iter__.")

    def __add__(self, other: Dataset[Any]) -> Dataset[Any]:
        return ChainDataset([self, other])


@final
class TensorDataset(Dataset[tuple[Any, ...]]):
    """Tuples of the rows of tensors that are equally long.

    Raises:
        DatasetMismatchError: The tensors differ in length.

    >>> from xpgrad import arange, eye
    >>> TensorDataset(eye(2), arange(2))[1]
    (tensor([0., 1.]), tensor(1))
    """

    def __init__(self, *tensors: Any) -> None:
        lengths = [len(tensor) for tensor in tensors]
        if not tensors or len(set(lengths)) > 1:
            raise DatasetMismatchError(f"Size mismatch between tensors: their lengths are {lengths}")
        self.tensors = tensors

    def __getitem__(self, index: Any) -> tuple[Any, ...]:
        return tuple(tensor[index] for tensor in self.tensors)

    def batch(self, indices: Sequence[int]) -> list[Any]:
        """What `default_collate` makes of the samples at ``indices``, in one step for each tensor."""
        return [tensor[list(indices)] for tensor in self.tensors]

    def __len__(self) -> int:
        return len(self.tensors[0])


@final
class StackDataset(Dataset[Any]):
    """Tuples, or dicts, of the samples of datasets that are equally long.

    Raises:
        ArgumentError: They differ in length, there are none, or some were given by name and some not.
    """

    def __init__(self, *args: Dataset[Any], **kwargs: Dataset[Any]) -> None:
        if bool(args) is bool(kwargs):
            raise ArgumentError(
                "Supported either tuple- (via args) or dict- (via kwargs) like input/output, but both types are given."
                if args
                else "At least one dataset should be passed"
            )
        self.datasets: Any = args or kwargs
        lengths = [len(cast(Sized, dataset)) for dataset in args or kwargs.values()]
        if len(set(lengths)) > 1:
            raise ArgumentError(f"Size mismatch between datasets: their lengths are {lengths}")
        self._length = lengths[0]

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self) -> int:
        return self._length


@final
class ConcatDataset(Dataset[T_co]):
    """One dataset after the other.

    Attributes:
        cumulative_sizes: Where each of them ends.

    Raises:
        DatasetMismatchError: There are none, or one has no order.
    """

    def __init__(self, datasets: Iterable[Dataset[T_co]]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise DatasetMismatchError("datasets should not be an empty iterable")
        for i, dataset in enumerate(self.datasets):
            if isinstance(dataset, IterableDataset):
                raise DatasetMismatchError(
                    f"ConcatDataset does not support IterableDataset, and number {i} is one; use ChainDataset"
                )
        self.cumulative_sizes = list(itertools.accumulate(len(cast(Sized, d)) for d in self.datasets))

    def __getitem__(self, index: int) -> T_co:
        if index < 0:
            if -index > len(self):
                raise ArgumentError(
                    f"absolute value of index should not exceed dataset length: {index} of {len(self)} samples"
                )
            index += len(self)
        which = bisect_right(self.cumulative_sizes, index)
        if which == len(self.datasets):
            raise IndexError(f"index {index} is out of range for {len(self)} samples")
        start = self.cumulative_sizes[which - 1] if which else 0
        return self.datasets[which][index - start]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


@final
class ChainDataset(IterableDataset[Any]):
    """One iterable dataset after the other."""

    def __init__(self, datasets: Iterable[Dataset[Any]]) -> None:
        self.datasets = list(datasets)
        for i, dataset in enumerate(self.datasets):
            if not isinstance(dataset, IterableDataset):
                raise DatasetMismatchError(f"ChainDataset only supports IterableDataset, and number {i} is none")

    def __iter__(self) -> Iterator[Any]:
        return itertools.chain.from_iterable(cast(list[Iterable[Any]], self.datasets))

    def __len__(self) -> int:
        return sum(len(cast(Sized, dataset)) for dataset in self.datasets)


class Subset(Dataset[T_co]):
    """The samples of ``dataset`` at ``indices``.

    >>> list(Subset(["a", "b", "c"], [2, 0]))
    ['c', 'a']
    """

    def __init__(self, dataset: Dataset[T_co], indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, list):
            return self.dataset[[self.indices[i] for i in index]]
        return self.dataset[self.indices[index]]

    def __getitems__(self, indices: Sequence[int]) -> list[Any]:
        if type(self).__getitem__ is not Subset.__getitem__:
            return [self[i] for i in indices]
        chosen = [self.indices[i] for i in indices]
        together = getattr(self.dataset, "__getitems__", None)
        return [self.dataset[i] for i in chosen] if together is None else list(together(chosen))

    def __len__(self) -> int:
        return len(self.indices)


def random_split(
    dataset: Dataset[T_co], lengths: Sequence[int | float], generator: Generator | None = None
) -> list[Subset[T_co]]:
    """Parts of ``dataset``, drawn at random without overlap.

    Args:
        dataset: What to split.
        lengths: How many samples each part has; or which fraction, adding up to 1, the samples that are left over by
            rounding down going to the first parts, one each.
        generator: Where the order comes from; by default the default generator.

    Raises:
        ArgumentError: The lengths do not add up to the dataset's, or a fraction is not in [0, 1].
    """
    size = len(cast(Sized, dataset))
    counts = [int(n) for n in lengths]
    if math.isclose(sum(lengths), 1) and sum(lengths) <= 1:
        for i, fraction in enumerate(lengths):
            if not 0 <= fraction <= 1:
                raise ArgumentError(f"Fraction at index {i} is not between 0 and 1: {fraction}")
        counts = [math.floor(size * fraction) for fraction in lengths]
        for i in range(size - sum(counts)):
            counts[i % len(counts)] += 1
        for i, count in enumerate(counts):
            if count == 0:
                warnings.warn(
                    f"Length of split at index {i} is 0. This might result in an empty dataset.", stacklevel=2
                )
    if sum(counts) != size:
        raise ArgumentError(
            f"Sum of input lengths does not equal the length of the input dataset! It is {sum(counts)}, not {size}."
        )
    source = generator_or_default(generator)._philox
    order = philox.permutation(host_place().xp, source, size, dtype=np.int64).tolist()
    ends = itertools.accumulate(counts)
    return [Subset(dataset, order[end - count : end]) for count, end in zip(counts, ends, strict=True)]
