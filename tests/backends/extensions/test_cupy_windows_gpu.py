"""Convolutions, pooling, streams and page-locked memory where there is a GPU: what the stand-in cannot show of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad.backends import cudnn
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.registry import host_place, resolve

pytestmark = pytest.mark.cuda

ROUNDING = {"float16": 1e-3, "bfloat16": 8e-3, "float32": 1e-6, "float64": 1e-14, "complex64": 1e-6}


@pytest.fixture
def place() -> Any:
    return resolve("cuda")


@pytest.fixture(params=["cuDNN", "products"])
def way(request, monkeypatch) -> str:
    """With cuDNN in full precision, and without."""
    if request.param == "cuDNN" and not cudnn.is_available():
        pytest.skip("cuDNN 9 is not installed")
    monkeypatch.setattr(cudnn, "enabled", request.param == "cuDNN")
    monkeypatch.setattr(cudnn, "allow_tf32", False)
    return request.param


def run(place: Any, name: str, *arrays: Any, **settings: Any) -> Any:
    out = getattr(place.xp, name)(*(place.backend.from_host(a, place.handle) for a in arrays), **settings)
    return tuple(map(place.backend.to_host, out)) if isinstance(out, tuple) else place.backend.to_host(out)


def narrowed(array: Any, dtype: str) -> Any:
    return array.astype(pytest.importorskip("ml_dtypes").bfloat16 if dtype == "bfloat16" else dtype)


@pytest.mark.parametrize("dtype", ROUNDING)
def test_convolution(place, convolution_case, dtype, way):
    case = convolution_case
    base = np.complex128 if dtype.startswith("complex") else np.float64
    x, w, g = (narrowed(a, dtype) for a in (*case.arrays(base), case.output(base)))
    for name, first, second, more, terms in (
        ("convolution", x, w, {}, w[:1].size),
        ("convolution_input", g, w, {"size": case.x[2:]}, w.size),
        ("convolution_weight", g, x, {"size": case.w[2:]}, g.size),
    ):
        got = run(place, name, first, second, **case.settings, **more)
        expected = FALLBACKS[name](np, first.astype(base), second.astype(base), **case.settings, **more)
        assert got.dtype == x.dtype
        bound = ROUNDING[dtype] * max(terms, 10)
        np.testing.assert_allclose(got.astype(base), expected, rtol=bound, atol=bound)


def test_large_convolutions_agree_with_the_host(place, way):
    random = np.random.default_rng(0)
    x = random.standard_normal((32, 48, 56, 56), np.float32)
    for w, groups in ((random.standard_normal((64, 48, 3, 3), np.float32), 1),
                      (random.standard_normal((96, 12, 3, 3), np.float32), 4),
                      (random.standard_normal((48, 1, 5, 5), np.float32), 48)):  # fmt: skip
        settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": groups}
        host = host_place().xp
        y = host.convolution(x, w, **settings)
        scale = np.abs(y).max()
        np.testing.assert_allclose(run(place, "convolution", x, w, **settings), y, rtol=0, atol=1e-5 * scale)
        more = {**settings, "size": x.shape[2:]}
        expected = host.convolution_input(y, w, **more)
        got = run(place, "convolution_input", y, w, **more)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5 * np.abs(expected).max())
        more = {**settings, "size": w.shape[2:]}
        expected = host.convolution_weight(y, x, **more)
        got = run(place, "convolution_weight", y, x, **more)
        np.testing.assert_allclose(got, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_repeatable_results(place, way):
    random = np.random.default_rng(0)
    x, w = random.standard_normal((16, 32, 28, 28), np.float32), random.standard_normal((32, 32, 3, 3), np.float32)
    settings = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1}
    y = run(place, "convolution", x, w, **settings)
    xpgrad.use_deterministic_algorithms(True)
    try:
        for name, first, second, size in (("convolution_input", y, w, (28, 28)), ("convolution_weight", y, x, (3, 3))):
            once, again = (run(place, name, first, second, **settings, size=size) for _ in range(2))
            np.testing.assert_array_equal(once, again)
    finally:
        xpgrad.use_deterministic_algorithms(False)


@pytest.mark.parametrize("kind", ["numbers", "ties", "nan", "-inf"])
def test_max_pool(place, pooling_case, kind):
    x = pooling_case.array(kind)
    values, indices = run(place, "max_pool", x, **pooling_case.settings)
    expected = FALLBACKS["max_pool"](np, x, **pooling_case.settings)
    np.testing.assert_array_equal(values, expected[0])
    np.testing.assert_array_equal(indices, expected[1])
    g = np.random.default_rng(1).normal(size=values.shape)
    got = run(place, "max_pool_input", g, indices, size=x.shape[2:], **pooling_case.settings)
    np.testing.assert_allclose(got, host_place().xp.pool_scatter(g, indices, size=x.shape[2:]), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("dtype", ROUNDING)
def test_avg_pool(place, pooling_case, dtype):
    settings = {**pooling_case.sum_settings, "count_include_pad": False, "divisor_override": None}
    x = narrowed(pooling_case.array(), dtype)
    base = np.complex128 if dtype.startswith("complex") else np.float64
    bound = 10 * ROUNDING[dtype]
    got = run(place, "avg_pool", x, **settings)
    np.testing.assert_allclose(got.astype(base), FALLBACKS["avg_pool"](np, x.astype(base), **settings), bound, bound)
    back = run(place, "avg_pool_input", got, size=x.shape[2:], **settings)
    expected = FALLBACKS["avg_pool_input"](np, got.astype(base), size=x.shape[2:], **settings)
    np.testing.assert_allclose(back.astype(base), expected, bound, bound)


def test_a_network_of_convolutions_trains_as_on_numpy(way):
    from xpgrad import nn

    def train(device: str) -> list[float]:
        xpgrad.manual_seed(0)
        net = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, groups=8), nn.AvgPool2d(2),
            nn.Flatten(), nn.Linear(32, 3),
        ).to(device)  # fmt: skip
        x, target = xpgrad.randn(16, 1, 12, 12).to(device), xpgrad.arange(16).remainder(3).to(device)
        losses = []
        for _ in range(20):
            loss = nn.functional.cross_entropy(net(x), target)
            net.zero_grad()
            loss.backward()
            with xpgrad.no_grad():
                for p in net.parameters():
                    p -= 0.1 * p.grad
            losses.append(loss.item())
        return losses

    np.testing.assert_allclose(train("cuda"), train("cpu"), rtol=1e-3)


# Streams and memory.


def test_pinned_copies():
    host = xpgrad.randn(1 << 22)
    pinned = host.pin_memory()
    assert pinned.is_pinned()
    assert not host.is_pinned()
    moved = pinned.to("cuda", non_blocking=True)
    xpgrad.cuda.synchronize()
    assert moved.cpu().equal(host)
    # Overwritten at once: what blocks has read it all before.
    moved = pinned.to("cuda")
    pinned.zero_()
    assert moved.cpu().equal(host)
    # Given up at once: it must outlive the copy.
    moved = host.pin_memory().to("cuda", non_blocking=True)
    others = [xpgrad.zeros(1 << 22).pin_memory() for _ in range(4)]
    assert moved.cpu().equal(host)
    assert not any(other.any() for other in others)


def test_streams_and_events():
    stream, start, end = xpgrad.cuda.Stream(), *(xpgrad.cuda.Event(enable_timing=True) for _ in range(2))
    x = xpgrad.randn(512, 512, device="cuda")
    stream.wait_stream(xpgrad.cuda.current_stream())
    with xpgrad.cuda.stream(stream):
        assert xpgrad.cuda.current_stream() == stream
        start.record()
        y = x @ x
        images = y.reshape(1, 1, 512, 512)
        z = xpgrad.nn.functional.conv2d(images, xpgrad.ones(1, 1, 3, 3, device="cuda"))
        end.record()
    xpgrad.cuda.current_stream().wait_stream(stream)
    assert bool(xpgrad.isfinite(z).all())
    stream.synchronize()
    assert stream.query()
    assert end.query()
    assert start.elapsed_time(end) > 0.0


def test_devices_and_memory():
    found = xpgrad.cuda.get_device_properties()
    free, total = xpgrad.cuda.mem_get_info()
    assert 0 < free <= total
    assert total == pytest.approx(found.total_memory, rel=0.05)
    assert xpgrad.cuda.get_device_capability() == (found.major, found.minor)
    kept = xpgrad.zeros(1 << 20, device="cuda")
    del kept
    xpgrad.cuda.synchronize()
    before = xpgrad.cuda.memory_reserved()
    xpgrad.cuda.empty_cache()
    assert xpgrad.cuda.memory_reserved() < before
