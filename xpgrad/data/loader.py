"""Batches of a dataset, loaded by threads ahead of their use. Mirrors ``torch.utils.data.DataLoader``."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from copy import copy
from itertools import count, islice
from typing import Any, Generic, TypeVar, final

from xpgrad.backends.base import device
from xpgrad.data.collate import default_collate, default_convert
from xpgrad.data.dataset import IterableDataset, Subset, TensorDataset
from xpgrad.data.pinning import pin_memory
from xpgrad.data.randomness import SampleRandomness, draw_seed
from xpgrad.data.sampler import BatchSampler, RandomSampler, SequentialSampler
from xpgrad.data.worker import Worker, WorkerInfo
from xpgrad.errors import ArgumentError, DataError
from xpgrad.functions.generator import Generator, substitute
from xpgrad.tensor.conversion import accelerator

# What a task returns when its worker's iterable dataset has ended.
_END = object()

Load = Callable[..., Any]
T_co = TypeVar("T_co", covariant=True)


@final
class DataLoader(Generic[T_co]):
    """An iterable of batches, in an order and with random numbers that do not depend on the number of workers.

    Mirrors ``torch.utils.data.DataLoader``. Workers are threads: array and image libraries let others run while they
    work, nothing is copied between processes, and ``multiprocessing_context`` is not used. An exception in a worker
    is raised here as it is, with its traceback. Abandoning an iteration stops its workers.

    Each pass draws a seed from ``generator``. It decides the order and, through `sample_generator`, what transforms
    draw for each sample. Neither the number of workers nor going on in the middle of a pass changes the data.

    Args:
        dataset: Samples by index or, if an `IterableDataset`, as they come.
        batch_size: How many samples a batch has; None for single samples.
        shuffle: Visit them in random order.
        sampler: In which order instead: an iterable of indices.
        batch_sampler: Which batches instead: an iterable of lists of indices.
        num_workers: How many threads; 0 to load in this one, when a batch is asked for.
        collate_fn: Makes a batch of a list of samples.
        drop_last: Leave out a last batch that is shorter.
        timeout: How many seconds to wait for a worker; 0 for ever.
        worker_init_fn: Called in each worker, with its number, before it loads.
        generator: Where the seeds come from; by default the default generator.
        prefetch_factor: How many batches each worker is ahead; 2 by default.
        persistent_workers: Keep the threads from one pass to the next.
        pin_memory: Give out tensors in page-locked memory, where there is a CUDA device: ``x.to("cuda",
            non_blocking=True)`` then returns while the copy is made.
        pin_memory_device: Which CUDA device; the current one by default.
        multiprocessing_context, in_order: Accepted; batches always come in order.

    Raises:
        ArgumentError: Arguments exclude each other or are out of range.
        BackendError: There is no device ``pin_memory_device``.
        DataError: A batch did not come within ``timeout``.

    >>> from xpgrad.data import DataLoader
    >>> [batch.tolist() for batch in DataLoader(range(5), batch_size=2)]
    [[0, 1], [2, 3], [4]]
    """

    _is_complete = False
    _FIXED = ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers")

    def __init__(
        self,
        dataset: Any,
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Iterable[Any] | None = None,
        batch_sampler: Iterable[list[Any]] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], Any] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        _check_workers(num_workers, timeout, prefetch_factor, persistent_workers, multiprocessing_context)
        self._is_iterable = isinstance(dataset, IterableDataset)
        if self._is_iterable:
            _check_iterable(shuffle, sampler, batch_sampler)
        _check_order(batch_size, bool(shuffle), sampler, batch_sampler, drop_last)
        if batch_sampler is not None:
            batch_size = None
        if sampler is None and not self._is_iterable:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(() if sampler is None else sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.drop_last = drop_last
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.prefetch_factor = 2 if num_workers and prefetch_factor is None else prefetch_factor
        self.collate_fn: Callable[[Any], Any] = collate_fn or (
            default_convert if batch_sampler is None else default_collate
        )
        self.pin_memory = pin_memory
        self.pin_memory_device = pin_memory_device
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.generator = generator
        self.persistent_workers = persistent_workers
        self.in_order = in_order
        self._workers: list[Worker] = []
        self._restored: Mapping[str, Any] | None = None
        self._seed: int | None = None
        self._position = 0
        self._is_complete = True

    def __setattr__(self, name: str, value: Any) -> None:
        if self._is_complete and name in self._FIXED:
            raise ArgumentError(f"{name} attribute should not be set after DataLoader is initialized; make another one")
        super().__setattr__(name, value)

    def __len__(self) -> int:
        """The number of batches, if the dataset or the sampler has a length."""
        if not self._is_iterable:
            return len(self.sampler if self.batch_sampler is None else self.batch_sampler)  # type: ignore[arg-type]
        samples = len(self.dataset)
        if self.batch_size is None:
            return samples
        return samples // self.batch_size if self.drop_last else -(-samples // self.batch_size)

    def __iter__(self) -> Iterator[Any]:
        restored, self._restored = self._restored, None
        # What is drawn is drawn now and not with the first batch, as in PyTorch.
        self._seed = draw_seed(self.generator) if restored is None else restored["seed"]
        self._position = 0 if restored is None else restored["position"]
        batches = self._numbered_indices() if not self._is_iterable else None
        pass_over = self._in_this_thread if self.num_workers == 0 else self._in_workers
        return self._counted(pass_over(self._seed, self._position, batches))

    def state_dict(self) -> dict[str, Any]:
        """Where the latest pass stands: four integers at most, which is all that `load_state_dict` needs.

        The default generator is not part of it; later passes draw from it as ever.
        """
        keeper = self._keeper()
        return {
            "seed": self._seed,
            "position": self._position,
            "sampler": None if keeper is None else keeper.state_dict(),
            "generator": None if self.generator is None else self.generator.get_state(),
        }

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Make the next pass go on where the state was taken, after the batches that had been given out by then.

        They are not loaded again, except those of an `IterableDataset`. A sampler without a state of its own must give
        the same order again.
        """
        self._restored = state_dict if state_dict["seed"] is not None else None
        keeper = self._keeper()
        if keeper is not None and state_dict["sampler"] is not None:
            keeper.load_state_dict(state_dict["sampler"])
        if self.generator is not None and state_dict["generator"] is not None:
            self.generator.set_state(state_dict["generator"])

    def _keeper(self) -> Any:
        """The sampler whose state decides the order, if there is one."""
        for sampler in (self.batch_sampler, self.sampler):
            if hasattr(sampler, "state_dict"):
                return sampler
        return None

    def _counted(self, batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            self._position += 1
            yield batch

    def _numbered_indices(self) -> Iterator[tuple[int, Any]]:
        """For each batch its number and the indices of its samples, from the current position on."""
        sampler = self.sampler if self.batch_sampler is None else self.batch_sampler
        return islice(enumerate(iter(sampler)), self._position, None)  # type: ignore[arg-type]

    # Loading, in the thread that calls.

    def _in_this_thread(self, seed: int, start: int, batches: Iterator[Any] | None) -> Iterator[Any]:
        load = self._loader(seed, self.dataset)
        if batches is not None:
            for number, indices in batches:
                yield load(number, indices)
            return
        for number in count():
            batch = load(number)
            if batch is _END:
                return
            if number >= start:
                yield batch

    def _loader(self, seed: int, dataset: Any) -> Load:
        """The function that loads a batch, given its number and, for a dataset with indices, these."""
        load: Load = _FromIterable(self, seed, dataset) if self._is_iterable else _FromIndices(self, seed)
        place = accelerator(self.pin_memory_device or None) if self.pin_memory else None
        return load if place is None else _Pinned(load, place.device)

    # Loading ahead.

    def _in_workers(self, seed: int, start: int, batches: Iterator[Any] | None) -> Iterator[Any]:
        workers = self._workers or [Worker(number) for number in range(self.num_workers)]
        if self.persistent_workers:
            self._workers = workers
        loads: list[Load] = []
        pending: deque[tuple[int, Future[Any]]] = deque()
        numbers = [count() for _ in workers]

        def submit(which: int) -> None:
            if batches is None:
                # Every worker has the whole dataset and numbers batches that no other has.
                number = next(numbers[which]) * len(workers) + which
                pending.append((which, workers[which].submit(loads[which], number)))
            elif (batch := next(batches, None)) is not None:
                pending.append((which, workers[which].submit(loads[which], *batch)))

        try:
            for worker in workers:
                # What a worker changes in its iterable dataset, to load a part of it, is no affair of the others.
                dataset = copy(self.dataset) if self._is_iterable else self.dataset
                worker.become(WorkerInfo(worker.number, len(workers), seed + worker.number, dataset))
                loads.append(self._loader(seed, dataset))
                if self.worker_init_fn is not None:
                    self._result(worker.submit(self.worker_init_fn, worker.number))
            for _ in range(max(1, self.prefetch_factor or 0)):
                for which in range(len(workers)):
                    submit(which)
            skipped = 0 if batches is not None else start
            while pending:
                which, future = pending.popleft()
                batch = self._result(future)
                if batch is _END:
                    continue
                submit(which)
                if skipped:
                    skipped -= 1
                else:
                    yield batch
        finally:
            for _, future in pending:
                future.cancel()
            if not self.persistent_workers:
                for worker in workers:
                    worker.stop()

    def _result(self, future: Future[Any]) -> Any:
        try:
            return future.result(self.timeout or None)
        except TimeoutError as error:
            if future.done():
                raise
            raise DataError(
                f"DataLoader timed out after {self.timeout} seconds; give it a longer timeout, or see what the dataset "
                "waits for"
            ) from error


@final
class _FromIndices:
    """Loads a batch of a dataset with indices."""

    def __init__(self, loader: DataLoader[Any], seed: int) -> None:
        self._dataset = loader.dataset
        self._collate: Callable[[Any], Any] = loader.collate_fn
        self._is_batched = loader.batch_sampler is not None
        self._seed = seed

    def __call__(self, number: int, indices: Any) -> Any:
        randomness = SampleRandomness(self._seed)
        token = substitute.set(randomness.generator)
        try:
            return self._collate_samples(randomness, number, indices)
        finally:
            substitute.reset(token)

    def _collate_samples(self, randomness: SampleRandomness, number: int, indices: Any) -> Any:
        randomness.move_to(number, 0)
        dataset = self._dataset
        if not self._is_batched:
            return self._collate(dataset[indices])
        if self._collate is default_collate:
            together = _rows(dataset, indices)
            if together is not None:
                return together
        if hasattr(dataset, "__getitems__"):
            return self._collate(dataset.__getitems__(indices))
        samples = []
        for place, index in enumerate(indices):
            randomness.move_to(number, place)
            samples.append(dataset[index])
        return self._collate(samples)


@final
class _Pinned:
    """Loads what ``load`` does into page-locked memory."""

    def __init__(self, load: Load, device: device) -> None:
        self._load = load
        self._device = device

    def __call__(self, *task: Any) -> Any:
        batch = self._load(*task)
        return batch if batch is _END else pin_memory(batch, self._device)


def _rows(dataset: Any, indices: Any) -> list[Any] | None:
    """What collating the samples would give, at once, for tensors and subsets of tensors."""
    while type(dataset) is Subset:
        dataset, indices = dataset.dataset, [dataset.indices[i] for i in indices]
    return dataset.batch(indices) if isinstance(dataset, TensorDataset) else None


@final
class _FromIterable:
    """Loads the next batch of an iterable dataset, whose iterator is made by the first call."""

    def __init__(self, loader: DataLoader[Any], seed: int, dataset: Any) -> None:
        self._dataset = dataset
        self._collate = loader.collate_fn
        self._batch_size = loader.batch_size
        self._drop_last = loader.drop_last
        self._seed = seed
        self._iterator: Iterator[Any] | None = None

    def __call__(self, number: int) -> Any:
        randomness = SampleRandomness(self._seed)
        randomness.move_to(number, 0)
        token = substitute.set(randomness.generator)
        try:
            if self._iterator is None:
                self._iterator = iter(self._dataset)
            if self._batch_size is None:
                sample = next(self._iterator, _END)
                return sample if sample is _END else self._collate(sample)
            samples = list(islice(self._iterator, self._batch_size))
            if not samples or (self._drop_last and len(samples) < self._batch_size):
                return _END
            return self._collate(samples)
        finally:
            substitute.reset(token)


def _check_workers(
    num_workers: int, timeout: float, prefetch_factor: int | None, persistent_workers: bool, context: Any
) -> None:
    if num_workers < 0:
        raise ArgumentError(
            "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing. "
            f"Got num_workers={num_workers}."
        )
    if timeout < 0:
        raise ArgumentError(f"timeout option should be non-negative, but got timeout={timeout}")
    if num_workers == 0 and prefetch_factor is not None:
        raise ArgumentError(
            "prefetch_factor option could only be specified in multiprocessing. let num_workers > 0 to enable "
            f"multiprocessing, otherwise set prefetch_factor to None. Got prefetch_factor={prefetch_factor}."
        )
    if prefetch_factor is not None and prefetch_factor < 0:
        raise ArgumentError(f"prefetch_factor option should be non-negative, but got {prefetch_factor}")
    if persistent_workers and num_workers == 0:
        raise ArgumentError("persistent_workers option needs num_workers > 0")
    if context is not None and num_workers == 0:
        raise ArgumentError(
            "multiprocessing_context can only be used with multi-process loading (num_workers > 0), but got "
            "num_workers=0"
        )


def _check_iterable(shuffle: bool | None, sampler: Any, batch_sampler: Any) -> None:
    given = {"shuffle": shuffle or None, "sampler": sampler, "batch_sampler": batch_sampler}
    for name, value in given.items():
        if value is not None:
            raise ArgumentError(
                f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}"
            )


def _check_order(batch_size: int | None, shuffle: bool, sampler: Any, batch_sampler: Any, drop_last: bool) -> None:
    if sampler is not None and shuffle:
        raise ArgumentError("sampler option is mutually exclusive with shuffle; let the sampler shuffle")
    if batch_sampler is not None and (batch_size != 1 or shuffle or sampler is not None or drop_last):
        raise ArgumentError(
            "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last, but got "
            f"batch_size={batch_size}, shuffle={shuffle}, sampler={sampler}, drop_last={drop_last}"
        )
    if batch_size is None and drop_last:
        raise ArgumentError(
            "batch_size=None option disables auto-batching and is mutually exclusive with drop_last, "
            f"but got drop_last={drop_last}"
        )
