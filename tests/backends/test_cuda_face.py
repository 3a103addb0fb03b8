"""`xpgrad.cuda` and page-locked memory, on the stand-in for CuPy."""

from __future__ import annotations

import gc
from typing import Any, NamedTuple

import numpy as np
import pytest

import xpgrad
from xpgrad import cuda
from xpgrad.backends import loading, selection
from xpgrad.backends.base import Backend
from xpgrad.backends.registry import get_backend
from xpgrad.data import DataLoader, Dataset, TensorDataset, WeightedRandomSampler
from xpgrad.errors import ArgumentError, BackendError, OperationError, UnknownDeviceError


@pytest.fixture
def devices(standin, monkeypatch) -> Any:
    """Set the number of devices for one test; the backend is loaded anew and asks for them again."""
    monkeypatch.setattr(selection, "_process_choice", None)
    monkeypatch.setattr(loading, "_loaded", {"numpy": get_backend("numpy")})
    monkeypatch.setattr(loading, "_by_type", {np.ndarray: get_backend("numpy")})
    monkeypatch.setattr(standin.cuda.stream, "_state", type(standin.cuda.stream._state)())

    def set_count(count: int) -> Any:
        monkeypatch.setattr(standin.cuda, "device_count", count)
        return get_backend("cupy")

    return set_count


# Page-locked memory.


def test_copies_from_pinned_memory_are_made_in_the_order_of_the_stream(devices):
    devices(1)
    x = xpgrad.arange(4.0).pin_memory()
    assert x.is_pinned()
    assert x[1:].is_pinned()
    assert not xpgrad.arange(4.0).is_pinned()
    for move in (
        lambda: x.to("cuda", non_blocking=True),
        lambda: x.to("cuda", None, True),
        lambda: x.cuda(non_blocking=True),
    ):
        x.copy_(xpgrad.arange(4.0))
        moved = move()
        # Overwritten too early, which shows that the copy has not begun.
        x.zero_()
        assert moved.tolist() == [0.0] * 4
    x.copy_(xpgrad.arange(4.0))
    assert xpgrad.zeros(4, device="cuda").copy_(x, non_blocking=True).tolist() == [0.0, 1.0, 2.0, 3.0]


def test_without_asking_for_it_nothing_is_read_later(devices):
    devices(1)
    x = xpgrad.arange(4.0).pin_memory()
    for moved in (x.to("cuda"), x.cuda(), xpgrad.tensor(x, device="cuda"), x.to("cuda", None, False)):
        x.zero_()
        assert moved.tolist() == [0.0, 1.0, 2.0, 3.0]
        x.copy_(xpgrad.arange(4.0))
    pageable = xpgrad.arange(4.0)
    moved = pageable.to("cuda", non_blocking=True)
    pageable.zero_()
    assert moved.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_the_memory_outlives_the_tensor_until_it_is_read(devices, standin):
    devices(1)
    stream = cuda.Stream()
    with cuda.stream(stream):
        moved = xpgrad.arange(4.0).pin_memory().to("cuda", non_blocking=True)
        assert not stream.query()
    stream.synchronize()
    assert stream.query()
    assert moved.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_pinning_keeps_values_layout_and_gradients(devices):
    devices(1)
    x = xpgrad.arange(6.0).reshape(2, 3).T.requires_grad_()
    pinned = x.pin_memory()
    assert pinned.tolist() == x.tolist()
    assert pinned.pin_memory() is pinned
    (pinned.to("cuda", non_blocking=True) * 3.0).sum().backward()
    assert x.grad.tolist() == [[3.0, 3.0]] * 3
    with pytest.raises(OperationError, match=r"cannot pin 'torch\.cuda\.FloatTensor'"):
        xpgrad.ones(1, device="cuda").pin_memory()
    with pytest.raises(UnknownDeviceError):
        x.pin_memory("cuda:7")


@pytest.mark.parametrize("count", [0, 1])
def test_without_a_gpu_memory_is_the_hosts(devices, count):
    devices(count)
    x = xpgrad.ones(2)
    assert (x.pin_memory() is x) == (count == 0)
    with xpgrad.use_backend("strict"):
        y = xpgrad.ones(2)
        assert y.pin_memory() is y
        assert not y.is_pinned()


class Pair(NamedTuple):
    first: Any
    second: Any


class Parcel:
    def __init__(self) -> None:
        self.pinned = False

    def pin_memory(self) -> Parcel:
        self.pinned = True
        return self


class Samples(Dataset):
    def __len__(self) -> int:
        return 4

    def __getitem__(self, index: int) -> Any:
        return index


def collated(samples: list[int]) -> Any:
    x = xpgrad.tensor(samples)
    return {"pair": Pair(x, "text"), "list": [x, (x, 1)], "own": Parcel(), "none": None}


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_pins_what_its_batches_hold(devices, workers):
    devices(1)
    for batch in DataLoader(Samples(), 2, collate_fn=collated, pin_memory=True, num_workers=workers):
        pair, (x, (y, number)), own, none = batch.values()
        assert type(pair) is Pair
        assert all(t.is_pinned() for t in (pair.first, x, y))
        assert (pair.second, number, own.pinned, none) == ("text", 1, True, None)
    there = TensorDataset(xpgrad.arange(4, device="cuda"))
    assert [batch.tolist() for (batch,) in DataLoader(there, 2, pin_memory=True)] == [[0, 1], [2, 3]]
    dataset = TensorDataset(xpgrad.arange(4), xpgrad.arange(4.0))
    assert [[t.is_pinned() for t in b] for b in DataLoader(dataset, 2, pin_memory=True)] == [[True, True]] * 2
    assert [[t.is_pinned() for t in b] for b in DataLoader(dataset, 2)] == [[False, False]] * 2


def test_weights_of_a_sampler_may_lie_on_the_device(devices):
    devices(1)
    weights = xpgrad.tensor([0.0, 1.0, 0.0], device="cuda")
    assert list(WeightedRandomSampler(weights, 3)) == [1, 1, 1]


def test_a_loader_pins_nothing_without_a_gpu_and_refuses_one_that_is_not_there(devices):
    devices(0)
    dataset = TensorDataset(xpgrad.arange(4))
    assert [b.tolist() for (b,) in DataLoader(dataset, 2, pin_memory=True)] == [[0, 1], [2, 3]]
    with pytest.raises(BackendError):
        list(DataLoader(dataset, 2, pin_memory=True, pin_memory_device="cuda:3"))


def test_backends_need_know_nothing_of_it():
    host = np.arange(3.0)
    backend = get_backend("strict")
    assert type(backend).pin is Backend.pin
    assert backend.pin(host) is host
    assert not backend.is_pinned(host)
    place = backend.places()[0]
    np.testing.assert_array_equal(backend.to_host(backend.from_pinned(host, place.handle)), host)
    backend.empty_cache(place.handle)
    assert backend.runtime is None


# Devices.


def test_what_a_device_is(devices):
    devices(2)
    assert cuda.is_initialized()
    assert cuda.get_device_name() == cuda.get_device_name("cuda:1") == "Stand-in GPU"
    assert cuda.get_device_capability(1) == (9, 0)
    found = cuda.get_device_properties("cuda")
    assert (found.total_memory, found.multi_processor_count, found.major) == (20_000, 2, 9)
    assert cuda.can_device_access_peer(0, 1)
    assert not cuda.can_device_access_peer(0, 0)
    assert cuda.is_bf16_supported()
    with pytest.raises(UnknownDeviceError, match="Expected a cuda device, but got: cpu"):
        cuda.get_device_name("cpu")


def test_the_current_device(devices):
    devices(2)
    cuda.init()
    assert cuda.current_device() == 0
    with cuda.device(1):
        assert cuda.current_device() == 1
        assert xpgrad.zeros(1, device="cuda").device == xpgrad.device("cuda:1")
        with cuda.device_of(xpgrad.zeros(1, device="cuda:0")):
            assert cuda.current_device() == 0
        with cuda.device_of(xpgrad.zeros(1)), cuda.device(-1):
            assert cuda.current_device() == 1
        cuda.set_device(-1)
        cuda.set_device(0)
        assert cuda.current_device() == 0
    assert cuda.current_device() == 0
    with pytest.raises(UnknownDeviceError):
        cuda.set_device(2)
    with pytest.raises(UnknownDeviceError):
        cuda.device("cuda:2")


def test_without_a_gpu(devices):
    devices(0)
    assert not cuda.is_available()
    assert not cuda.is_initialized()
    assert not cuda.is_bf16_supported()
    assert cuda.device_count() == cuda.memory_allocated() == cuda.max_memory_reserved() == 0
    assert cuda.memory_stats() == {}
    assert cuda.memory_summary() == ""
    cuda.empty_cache()
    cuda.reset_peak_memory_stats()
    with cuda.stream(None):
        cuda.set_stream(None)
    for refused in (cuda.Stream, cuda.current_stream, cuda.synchronize, cuda.current_device, cuda.mem_get_info):
        with pytest.raises(BackendError):
            refused()


# Memory.


def test_memory_is_counted_and_given_back(devices):
    devices(1)
    gc.collect()
    cuda.empty_cache()
    before = cuda.memory_allocated()
    kept = xpgrad.ones(1000, device="cuda")
    assert cuda.memory_allocated() == before + 4000
    assert cuda.memory_stats()["inactive_split_bytes.all.current"] == 0
    del kept
    assert cuda.memory_allocated() == before
    assert cuda.memory_reserved() == cuda.max_memory_allocated() == before + 4000
    assert cuda.memory_stats()["inactive_split_bytes.all.current"] == 4000
    assert "reserved_bytes.all.current" in cuda.memory_summary()
    cuda.empty_cache()
    assert cuda.memory_reserved() == before
    assert cuda.mem_get_info() == (10_000, 20_000)
    assert issubclass(cuda.OutOfMemoryError, MemoryError)


# Streams and events.


def test_streams(devices):
    devices(1)
    default = cuda.default_stream()
    assert cuda.current_stream() == default
    assert default.cuda_stream == 0
    stream = cuda.Stream(priority=-1)
    assert (stream.priority, stream.device) == (-1, xpgrad.device("cuda:0"))
    assert stream != default
    assert len({stream, default, cuda.default_stream()}) == 2
    assert repr(stream) == f"<torch.cuda.Stream device=cuda:0 cuda_stream={stream.cuda_stream:#x}>"
    with cuda.stream(stream), stream:
        assert cuda.current_stream() == stream
    assert cuda.current_stream() == default
    cuda.set_stream(stream)
    assert cuda.current_stream() == stream
    cuda.set_stream(default)


def test_a_stream_makes_its_device_the_current_one(devices):
    devices(2)
    stream = cuda.Stream("cuda:1")
    with cuda.stream(stream):
        assert cuda.current_device() == 1
        assert cuda.current_stream() == stream
        assert xpgrad.ones(2, device="cuda").device.index == 1
    assert cuda.current_device() == 0


def test_streams_wait_for_one_another(devices):
    devices(1)
    first, second = cuda.Stream(), cuda.Stream()
    first.wait_stream(second)
    assert not first.query()
    event = first.record_event()
    assert not event.query()
    second.wait_event(event)
    event.synchronize()
    assert first.query()
    cuda.synchronize()
    assert second.query()


def test_events_tell_the_time(devices):
    devices(1)
    start, end = (cuda.Event(enable_timing=True) for _ in range(2))
    start.record()
    end.record()
    end.wait()
    end.synchronize()
    assert start.elapsed_time(end) >= 0.0
    unrecorded = cuda.Event(enable_timing=True)
    assert unrecorded.query()
    unrecorded.synchronize()
    unrecorded.wait()
    for other in (unrecorded, cuda.current_stream().record_event()):
        with pytest.raises(ArgumentError, match="Both events must be recorded before calculating elapsed time"):
            start.elapsed_time(other)
    with pytest.raises(ArgumentError, match="cannot be shared between processes"):
        cuda.Event(interprocess=True)
