"""In which order the samples of a dataset are visited. Mirrors ``torch.utils.data``'s samplers.

The random ones draw one seed per pass; that seed is the whole of their state.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice
from typing import Any, Generic, TypeVar, final

import numpy as np

from xpgrad.backends import philox
from xpgrad.backends.selection import host_place
from xpgrad.core.tensor_base import TensorBase
from xpgrad.data.randomness import draw_seed
from xpgrad.errors import ArgumentError, ArgumentTypeError, DataError
from xpgrad.functions.generator import Generator

T_co = TypeVar("T_co", covariant=True)


class Sampler(Generic[T_co]):
    """The base of samplers: an iterable of indices, or of lists of them."""

    def __iter__(self) -> Iterator[T_co]:
        raise NotImplementedError("a sampler overrides __iter__")


@final
class SequentialSampler(Sampler[int]):
    """All indices in order."""

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class _SeededSampler(Sampler[int]):
    """A sampler whose order follows from the seed that it draws for each pass."""

    generator: Generator | None
    _seed: int | None = None
    _is_restored = False

    @abstractmethod
    def _order(self, source: philox.Philox) -> Iterator[int]:
        """The indices that ``source`` gives."""

    def __iter__(self) -> Iterator[int]:
        if not self._is_restored:
            self._seed = draw_seed(self.generator)
        self._is_restored = False
        assert self._seed is not None
        return self._order(philox.Philox(self._seed))

    def state_dict(self) -> dict[str, Any]:
        """The seed of the last pass."""
        return {"seed": self._seed}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Make the next pass the one that the state was taken in."""
        self._seed = state_dict["seed"]
        self._is_restored = self._seed is not None


class RandomSampler(_SeededSampler):
    """All indices in random order, or random ones.

    Args:
        data_source: What has a length.
        replacement: Draw each index anew, so that some come twice.
        num_samples: How many; by default as many as there are. Without replacement, more begin another round.
        generator: Where the seeds come from; by default the default generator.

    Raises:
        ArgumentError: ``num_samples`` is not a positive integer.
        ArgumentTypeError: ``replacement`` is not a bool.
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        self.data_source = data_source
        self.replacement = replacement
        self._num_samples = num_samples
        self.generator = generator
        if not isinstance(replacement, bool):
            raise ArgumentTypeError(f"replacement should be a boolean value, but got replacement={replacement}")
        _check_count("num_samples", self.num_samples)

    @property
    def num_samples(self) -> int:
        """How many indices a pass gives."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def _order(self, source: philox.Philox) -> Iterator[int]:
        count, wanted = len(self.data_source), self.num_samples
        if self.replacement:
            yield from philox.randint(host_place().xp, source, 0, count, (wanted,), dtype=np.int64).tolist()
            return
        while wanted > 0:
            yield from philox.permutation(host_place().xp, source, count, dtype=np.int64)[:wanted].tolist()
            wanted -= count

    def __len__(self) -> int:
        return self.num_samples


@final
class SubsetRandomSampler(_SeededSampler):
    """The given indices in random order.

    Args:
        indices: Which.
        generator: Where the seeds come from; by default the default generator.
    """

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def _order(self, source: philox.Philox) -> Iterator[int]:
        for i in philox.permutation(host_place().xp, source, len(self.indices), dtype=np.int64).tolist():
            yield self.indices[i]

    def __len__(self) -> int:
        return len(self.indices)


@final
class WeightedRandomSampler(_SeededSampler):
    """Indices drawn in proportion to weights.

    Args:
        weights: One for each index, not negative, of any sum.
        num_samples: How many indices.
        replacement: Draw each anew; otherwise none comes twice.
        generator: Where the seeds come from; by default the default generator.

    Raises:
        ArgumentError: An argument is of the wrong kind.
        DataError: Without replacement, more samples are wanted than there are positive weights.

    Source: without replacement, Efraimidis and Spirakis 2006, *Weighted random sampling with a reservoir*, algorithm A.
    """

    def __init__(
        self,
        weights: Sequence[float],
        num_samples: int,
        replacement: bool = True,
        generator: Generator | None = None,
    ) -> None:
        _check_count("num_samples", num_samples)
        if not isinstance(replacement, bool):
            raise ArgumentError(f"replacement should be a boolean value, but got replacement={replacement}")
        host = weights.cpu() if isinstance(weights, TensorBase) else weights  # type: ignore[attr-defined]
        self.weights = np.asarray(host, dtype=np.float64)
        if self.weights.ndim != 1:
            raise ArgumentError(f"weights should be a 1d sequence but given weights have shape {self.weights.shape}")
        if not (self.weights >= 0).all() or not 0 < self.weights.sum() < np.inf:
            raise ArgumentError(
                "weights should be finite, not negative and not all zero, "
                f"but they range from {self.weights.min()} to {self.weights.max()}"
            )
        positive = int(np.count_nonzero(self.weights))
        if not replacement and num_samples > positive:
            raise DataError(
                "cannot sample n_sample > prob_dist.size(-1) samples without replacement: "
                f"{num_samples} of {positive} with a positive weight"
            )
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def _order(self, source: philox.Philox) -> Iterator[int]:
        if self.replacement:
            bounds = np.cumsum(self.weights)
            numbers = philox.uniform(host_place().xp, source, (self.num_samples,), dtype=np.float64)
            chosen = np.searchsorted(bounds, numbers * bounds[-1], side="right")
        else:
            waits = philox.exponential(host_place().xp, source, self.weights.shape, dtype=np.float64)
            with np.errstate(divide="ignore"):
                chosen = np.argsort(waits / self.weights, stable=True)[: self.num_samples]
        yield from chosen.tolist()

    def __len__(self) -> int:
        return self.num_samples


@final
class BatchSampler(Sampler[list[Any]]):
    """Lists of ``batch_size`` indices of another sampler; the last may be shorter, or is left out if ``drop_last``.

    >>> list(BatchSampler(range(7), batch_size=3, drop_last=False))
    [[0, 1, 2], [3, 4, 5], [6]]

    Raises:
        ArgumentError: ``batch_size`` is not a positive integer, or ``drop_last`` not a bool.
    """

    def __init__(self, sampler: Iterable[Any], batch_size: int, drop_last: bool) -> None:
        _check_count("batch_size", batch_size)
        if not isinstance(drop_last, bool):
            raise ArgumentError(f"drop_last should be a boolean value, but got drop_last={drop_last}")
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[Any]]:
        return self._batches(iter(self.sampler))

    def _batches(self, indices: Iterator[Any]) -> Iterator[list[Any]]:
        while batch := list(islice(indices, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        count = len(self.sampler)  # type: ignore[arg-type]
        return count // self.batch_size if self.drop_last else -(-count // self.batch_size)


def _check_count(name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise ArgumentError(f"{name} should be a positive integer value, but got {name}={value}")
