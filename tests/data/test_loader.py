"""The loader: the same data in the same order whoever loads it, errors where they belong, threads that end."""

import threading
import time

import numpy as np
import pytest

import xpgrad
from xpgrad.data import (
    BatchSampler,
    DataLoader,
    Dataset,
    IterableDataset,
    SequentialSampler,
    Subset,
    TensorDataset,
    get_worker_info,
    sample_generator,
    transforms,
)
from xpgrad.functions.generator import Generator


class Squares(Dataset):
    """``(i, i ** 2)``, with noise of its own for each sample if asked for."""

    def __init__(self, size=20, noise=False):
        self.size = size
        self.noise = noise

    def __len__(self):
        return self.size

    def __getitem__(self, index):
        noise = xpgrad.rand(1, generator=sample_generator()).item() if self.noise else 0.0
        return index, index**2 + noise


class Stream(IterableDataset):
    """The numbers below ``size``, each worker giving its share."""

    def __init__(self, size=10):
        self.size = size

    def __iter__(self):
        info = get_worker_info()
        first, step = (0, 1) if info is None else (info.id, info.num_workers)
        return iter(range(first, self.size, step))


def seen(loader):
    """What a pass over a loader gives, as nested lists."""
    return [[part.tolist() for part in batch] for batch in loader]


def loader_threads():
    return [t for t in threading.enumerate() if t.name.startswith("xpgrad-loader")]


def wait_for_threads_to_end(seconds=10):
    for thread in loader_threads():
        thread.join(seconds)
    return not loader_threads()


def test_batches():
    assert [b.tolist() for b in DataLoader(range(5), batch_size=2)] == [[0, 1], [2, 3], [4]]
    assert [b.tolist() for b in DataLoader(range(5), batch_size=2, drop_last=True)] == [[0, 1], [2, 3]]
    assert list(DataLoader(range(3), batch_size=None)) == [0, 1, 2]
    assert [b.tolist() for b in DataLoader(range(5), batch_sampler=[[4, 0], [2]])] == [[4, 0], [2]]
    assert [b.tolist() for b in DataLoader(range(5), sampler=[3, 1], batch_size=2)] == [[3, 1]]
    assert list(DataLoader(range(4), batch_size=2, collate_fn=sum)) == [1, 5]


@pytest.mark.parametrize(("size", "drop_last", "expected"), [(7, False, 3), (7, True, 2), (6, False, 2), (0, False, 0)])
def test_length(size, drop_last, expected):
    assert len(DataLoader(range(size), batch_size=3, drop_last=drop_last)) == expected
    assert len(DataLoader(Squares(size), batch_size=3, drop_last=drop_last)) == expected


def test_length_of_a_stream():
    class Known(Stream):
        def __len__(self):
            return self.size

    assert len(DataLoader(Known(7), batch_size=3)) == 3
    assert len(DataLoader(Known(7), batch_size=None)) == 7
    with pytest.raises(TypeError):
        len(DataLoader(Stream(7)))


@pytest.mark.parametrize("num_workers", [1, 2, 3, 7])
@pytest.mark.parametrize("noise", [False, True])
def test_the_number_of_workers_changes_nothing(num_workers, noise):
    xpgrad.manual_seed(5)
    alone = DataLoader(Squares(noise=noise), batch_size=3, shuffle=True)
    expected = [seen(alone), seen(alone)]
    xpgrad.manual_seed(5)
    together = DataLoader(Squares(noise=noise), batch_size=3, shuffle=True, num_workers=num_workers)
    assert [seen(together), seen(together)] == expected
    assert expected[0] != expected[1]


def test_slow_samples_do_not_change_the_order():
    turn = threading.Event()

    class Slow(Squares):
        def __getitem__(self, index):
            # The first sample is loaded after the second.
            if index == 0:
                assert turn.wait(10)
            if index == 1:
                turn.set()
            return index

    batches = DataLoader(Slow(6), num_workers=2, prefetch_factor=1)
    assert [b.item() for b in batches] == list(range(6))


def test_the_seed_decides_the_order():
    def order(seed, **settings):
        xpgrad.manual_seed(seed)
        return seen(DataLoader(Squares(), batch_size=5, shuffle=True, **settings))

    assert order(1) == order(1)
    assert order(1) != order(2)
    own = {"generator": Generator().manual_seed(3)}
    assert order(1, **own) == order(2, generator=Generator().manual_seed(3))


def test_what_a_model_draws_between_batches_changes_no_data():
    def data(draw):
        xpgrad.manual_seed(1)
        batches = []
        for batch in DataLoader(Squares(noise=True), batch_size=5, shuffle=True):
            batches.append([part.tolist() for part in batch])
            if draw:
                xpgrad.rand(10)
        return batches

    assert data(False) == data(True)


def test_a_stream_in_one_thread_and_in_several():
    def numbers(**settings):
        return [b.tolist() for b in DataLoader(Stream(10), batch_size=2, **settings)]

    assert numbers() == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert numbers(num_workers=1) == numbers()
    assert numbers(num_workers=2) == [[0, 2], [1, 3], [4, 6], [5, 7], [8], [9]]
    assert numbers(num_workers=3) == [[0, 3], [1, 4], [2, 5], [6, 9], [7], [8]]
    assert numbers(num_workers=3, drop_last=True) == [[0, 3], [1, 4], [2, 5], [6, 9]]
    assert list(DataLoader(Stream(3), batch_size=None, num_workers=2)) == [0, 1, 2]


@pytest.mark.parametrize("num_workers", [0, 2])
@pytest.mark.parametrize("shuffle", [False, True])
def test_going_on_in_the_middle_of_a_pass(num_workers, shuffle):
    def make():
        return DataLoader(Squares(noise=True), batch_size=3, shuffle=shuffle, num_workers=num_workers)

    loader = make()
    seen(loader)
    batches = iter(loader)
    for _ in range(3):
        next(batches)
    state, rng = loader.state_dict(), xpgrad.get_rng_state()
    rest, following = [[part.tolist() for part in b] for b in batches], seen(loader)

    xpgrad.manual_seed(99)
    other = make()
    other.load_state_dict(state)
    xpgrad.set_rng_state(rng)
    assert seen(other) == rest
    assert seen(other) == following


def test_going_on_with_a_generator_of_its_own():
    loader = DataLoader(Squares(), batch_size=3, shuffle=True, generator=Generator().manual_seed(1))
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    rest, following = [[part.tolist() for part in b] for b in batches], seen(loader)
    other = DataLoader(Squares(), batch_size=3, shuffle=True, generator=Generator().manual_seed(2))
    other.load_state_dict(state)
    assert [seen(other), seen(other)] == [rest, following]


@pytest.mark.parametrize("num_workers", [0, 2])
def test_going_on_in_a_stream(num_workers):
    loader = DataLoader(Stream(20), batch_size=2, num_workers=num_workers)
    batches = iter(loader)
    for _ in range(3):
        next(batches)
    state = loader.state_dict()
    rest = [b.tolist() for b in batches]
    other = DataLoader(Stream(20), batch_size=2, num_workers=num_workers)
    other.load_state_dict(state)
    assert [b.tolist() for b in other] == rest


def test_tensors_are_batched_at_once():
    x, y = xpgrad.rand(10, 3), xpgrad.arange(10)
    whole = TensorDataset(x, y)
    for dataset in (whole, Subset(whole, range(10)), Subset(Subset(whole, range(9, -1, -1)), range(9, -1, -1))):
        batches = list(DataLoader(dataset, batch_size=4))
        assert [len(b) for b, _ in batches] == [4, 4, 2]
        np.testing.assert_array_equal(np.concatenate([b.numpy() for b, _ in batches]), x.numpy())
        assert batches[1][1].tolist() == [4, 5, 6, 7]
        assert isinstance(batches[0], list)


def test_getitems_is_preferred():
    class Both(Squares):
        def __getitems__(self, indices):
            return [-i for i in indices]

    assert [b.tolist() for b in DataLoader(Both(4), batch_size=2)] == [[0, -1], [-2, -3]]


def test_a_subset_that_overrides_getitem_is_heard():
    class Shifted(Subset):
        def __getitem__(self, index):
            return super().__getitem__(index) + 100

    assert [b.tolist() for b in DataLoader(Shifted(range(9), [3, 5]), batch_size=2)] == [[103, 105]]


@pytest.mark.parametrize("num_workers", [0, 2])
def test_errors_surface_as_they_are(num_workers):
    class Broken(Squares):
        def __getitem__(self, index):
            if index == 7:
                raise KeyError("no sample 7")
            return index

    batches = iter(DataLoader(Broken(), batch_size=2, num_workers=num_workers))
    assert [next(batches).tolist() for _ in range(3)] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(KeyError, match="no sample 7") as error:
        next(batches)
    # The last frame is the line in the dataset that raised.
    assert error.traceback[-1].name == "__getitem__"
    assert wait_for_threads_to_end()


def test_abandoning_a_pass_ends_its_threads():
    batches = iter(DataLoader(Squares(1000), num_workers=3))
    next(batches)
    assert len(loader_threads()) == 3
    del batches
    assert wait_for_threads_to_end()
    # Never begun, and left by an exception.
    iter(DataLoader(Squares(1000), num_workers=3))
    with pytest.raises(ZeroDivisionError):
        for _ in DataLoader(Squares(1000), num_workers=3):
            1 / 0  # noqa: B018
    assert wait_for_threads_to_end()


def test_no_more_is_loaded_ahead_than_asked():
    loaded = []

    class Counting(Squares):
        def __getitem__(self, index):
            loaded.append(index)
            return index

    batches = iter(DataLoader(Counting(1000), num_workers=2, prefetch_factor=3))
    next(batches)
    del batches
    assert wait_for_threads_to_end()
    assert len(loaded) <= 2 * 3 + 1


def test_workers_know_who_they_are():
    infos = {}

    class Asking(Squares):
        def __getitem__(self, index):
            info = get_worker_info()
            infos[info.id] = (info.num_workers, info.dataset is dataset, info.seed - info.id)
            return index

    dataset = Asking()
    assert get_worker_info() is None
    begun = []
    list(DataLoader(dataset, num_workers=3, worker_init_fn=begun.append))
    assert sorted(infos) == sorted(begun) == [0, 1, 2]
    (known,) = set(infos.values())
    assert known[:2] == (3, True)
    assert get_worker_info() is None


def test_workers_have_an_iterable_dataset_each():
    class Range(IterableDataset):
        def __init__(self, start, end):
            self.start, self.end = start, end

        def __iter__(self):
            return iter(range(self.start, self.end))

    def take_a_half(number):
        part = get_worker_info().dataset
        middle = (part.start + part.end) // 2
        part.start, part.end = (part.start, middle) if number == 0 else (middle, part.end)

    dataset = Range(0, 6)
    assert sorted(map(int, DataLoader(dataset, num_workers=2, worker_init_fn=take_a_half, batch_size=None))) == [
        *range(6)
    ]
    assert (dataset.start, dataset.end) == (0, 6)


def test_a_worker_that_cannot_begin():
    def refuse(number):
        raise OSError(f"worker {number} refuses")

    with pytest.raises(OSError, match="worker 0 refuses"):
        list(DataLoader(Squares(), num_workers=2, worker_init_fn=refuse))
    assert wait_for_threads_to_end()


def test_persistent_workers_stay():
    names = set()

    class Naming(Squares):
        def __getitem__(self, index):
            names.add(threading.get_ident())
            return index

    loader = DataLoader(Naming(), num_workers=2, persistent_workers=True)
    expected = list(range(20))
    assert [b.item() for b in loader] == expected
    next(iter(loader))
    assert [b.item() for b in loader] == expected
    assert len(names) == 2
    del loader
    assert wait_for_threads_to_end()


def test_workers_make_tensors_where_their_loader_does():
    class Making(Squares):
        def __getitem__(self, index):
            return xpgrad.zeros(2)

    with xpgrad.use_backend("strict"):
        (batch,) = DataLoader(Making(3), batch_size=3, num_workers=1)
    assert str(batch.device) == "strict:cpu"


def test_a_worker_that_takes_too_long():
    go_on = threading.Event()

    class Waiting(Squares):
        def __getitem__(self, index):
            go_on.wait(10)
            return index

    started = time.perf_counter()
    with pytest.raises(RuntimeError, match=r"DataLoader timed out after 0\.05 seconds"):
        list(DataLoader(Waiting(2), num_workers=1, timeout=0.05))
    assert time.perf_counter() - started < 5
    go_on.set()
    assert wait_for_threads_to_end()


def test_random_transforms_do_not_depend_on_workers():
    class Images(Dataset):
        flip = transforms.RandomHorizontalFlip()
        crop = transforms.RandomCrop(4, padding=2)

        def __len__(self):
            return 12

        def __getitem__(self, index):
            image = np.arange(16, dtype=np.uint8).reshape(4, 4) + np.uint8(index)
            return self.crop(self.flip(image))

    def data(**settings):
        xpgrad.manual_seed(4)
        return [b.tolist() for b in DataLoader(Images(), batch_size=5, **settings)]

    assert data() == data(num_workers=3)
    xpgrad.manual_seed(4)
    images = np.concatenate([b.numpy() for b in DataLoader(Images(), batch_size=5)]) - np.arange(12)[:, None, None]
    assert len({image.tobytes() for image in images}) > 6


ERRORS = {
    "num_workers option should be non-negative": {"num_workers": -1},
    "timeout option should be non-negative": {"timeout": -1},
    "prefetch_factor option could only be specified in multiprocessing.": {"prefetch_factor": 2},
    "prefetch_factor option should be non-negative": {"prefetch_factor": -2, "num_workers": 1},
    "persistent_workers option needs num_workers > 0": {"persistent_workers": True},
    "multiprocessing_context can only be used with multi-process loading": {"multiprocessing_context": "spawn"},
    "sampler option is mutually exclusive with shuffle": {"sampler": [0], "shuffle": True},
    "batch_sampler option is mutually exclusive with": {"batch_sampler": [[0]], "batch_size": 2},
    "batch_size=None option disables auto-batching and is mutually exclusive with drop_last": {
        "batch_size": None,
        "drop_last": True,
    },
    "batch_size should be a positive integer value, but got batch_size=0": {"batch_size": 0},
    "drop_last should be a boolean value, but got drop_last=1": {"drop_last": 1},
}


@pytest.mark.parametrize("text", ERRORS)
def test_arguments_that_make_no_sense(text):
    with pytest.raises(ValueError) as ours:
        DataLoader(Squares(), **ERRORS[text])
    assert str(ours.value).startswith(text)
    torch_data = pytest.importorskip("torch.utils.data")
    with pytest.raises(ValueError) as theirs:
        torch_data.DataLoader(Squares(), **ERRORS[text])
    assert str(theirs.value).startswith(text)


@pytest.mark.parametrize("setting", [{"shuffle": True}, {"sampler": [0]}, {"batch_sampler": [[0]]}], ids=str)
def test_a_stream_has_no_order_of_its_own(setting):
    (name,) = setting
    with pytest.raises(ValueError, match=f"DataLoader with IterableDataset: expected unspecified {name} option"):
        DataLoader(Stream(), **setting)


def test_shuffling_nothing():
    with pytest.raises(ValueError, match="num_samples should be a positive integer value, but got num_samples=0"):
        DataLoader(Squares(0), shuffle=True)


def test_attributes():
    loader = DataLoader(Squares(), batch_size=4, drop_last=True)
    assert isinstance(loader.sampler, SequentialSampler)
    assert isinstance(loader.batch_sampler, BatchSampler)
    assert (loader.batch_size, loader.drop_last, loader.num_workers) == (4, True, 0)
    with pytest.raises(ValueError, match="batch_size attribute should not be set after DataLoader is initialized"):
        loader.batch_size = 5


@pytest.mark.parametrize("num_workers", [1, 3])
def test_what_a_dataset_draws_does_not_depend_on_workers(num_workers):
    class Noisy(Dataset):
        def __len__(self):
            return 12

        def __getitem__(self, index):
            return xpgrad.rand(2) + xpgrad.randn(2)

    def draw(workers):
        xpgrad.manual_seed(3)
        return [batch.tolist() for batch in DataLoader(Noisy(), batch_size=5, num_workers=workers)]

    assert draw(num_workers) == draw(0)
    assert len({str(sample) for batch in draw(0) for sample in batch}) == 12
