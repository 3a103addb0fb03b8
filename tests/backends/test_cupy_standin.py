"""The CuPy backend on a stand-in for CuPy (`tests/standin`): all of it but what only a GPU can show."""

from __future__ import annotations

import gc
from typing import Any

import numpy as np
import pytest

import xpgrad
import xpgrad.cuda
from xpgrad.backends import cublas, loading, selection
from xpgrad.backends.base import Place
from xpgrad.backends.fallbacks.scatter import scatter_add
from xpgrad.backends.registry import (
    default_place,
    describe_backends,
    get_backend,
    host_place,
    place_for,
    resolve,
    set_default_backend,
    transfer,
    use_backend,
)
from xpgrad.errors import MixedBackendsError, NoDeviceError, UnknownDeviceError
from xpgrad.testing.conformance.ops.case import Case
from xpgrad.testing.conformance.ops.derivatives import apply, gradients, host, tensors, weights_of
from xpgrad.testing.conformance.ops.table import ROWS


@pytest.fixture
def count(standin, monkeypatch) -> Any:
    """Set the number of devices for one test; the backend is loaded anew and asks for them again."""
    monkeypatch.setattr(selection, "_process_choice", None)
    monkeypatch.setattr(loading, "_loaded", {"numpy": get_backend("numpy")})
    monkeypatch.setattr(loading, "_by_type", {np.ndarray: get_backend("numpy")})

    def set_count(n: int) -> Any:
        monkeypatch.setattr(standin.cuda, "device_count", n)
        return get_backend("cupy")

    return set_count


@pytest.fixture
def place(cupy_place) -> Place:
    return cupy_place


def close(place: Place, got: Any, expected: Any, tolerance: float = 1e-12) -> None:
    for g, e in zip(got, expected, strict=True):
        assert (g is None) == (e is None)
        if g is not None:
            np.testing.assert_allclose(host(place, g), e, rtol=tolerance, atol=tolerance)


# The core on it.


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case.id)
def test_an_op_and_its_derivatives_agree_with_numpys(case: Case, place: Place) -> None:
    arrays, leaves = case.arrays(), case.differentiable()

    def everything(place: Place, recorded: bool) -> tuple[list[Any], list[Any], list[Any]]:
        inputs = tensors(place, arrays, leaves)
        out = apply(case, place, inputs)
        assert all(type(r._array) is place.array_type for r in out)
        wanted = [r for i, r in enumerate(out) if i not in case.op.constant_outputs]
        weights = weights_of(case, [host(place, r) for r in wanted])
        sources = [inputs[i] for i in leaves]
        if not recorded:
            return out, gradients(wanted, tensors(place, weights), sources, recorded=False), []
        once = gradients(wanted, tensors(place, weights), sources, recorded=True)
        reached = [g for g in once if g is not None]
        twice = gradients(reached, [place.xp.ones_like(g._array) for g in reached], sources, recorded=False)
        return out, once, twice

    for recorded in (False, True) if leaves else (False,):
        ours, numpys = everything(place, recorded), everything(host_place(), recorded)
        for got, expected in zip(ours, numpys, strict=True):
            close(place, got, [None if e is None else host(host_place(), e) for e in expected])


def train(device: str) -> tuple[list[float], Any]:
    """A small network by hand: losses, and a weight."""
    xpgrad.manual_seed(0)
    x, target = xpgrad.randn(16, 5).to(device), xpgrad.randn(16, 2).to(device)
    w, v = (xpgrad.randn(*size).to(device).requires_grad_() for size in ((5, 8), (8, 2)))
    b = xpgrad.zeros(8, device=device, requires_grad=True)
    losses = []
    for _ in range(20):
        loss = (((x @ w + b).tanh() @ v - target) ** 2).mean()
        loss.backward()
        with xpgrad.no_grad():
            for p in (w, b, v):
                p -= 0.1 * p.grad
                p.grad.zero_()
        losses.append(loss.item())
    return losses, w


def test_a_network_trains_as_on_numpy(place):
    losses, w = train("cuda")
    expected, w_expected = train("cpu")
    assert losses[-1] < 0.5 * losses[0]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    np.testing.assert_allclose(w.detach().cpu().numpy(), w_expected.detach().numpy(), rtol=1e-4, atol=1e-6)
    assert type(w.grad._array) is place.array_type


def test_layers_run_on_it_as_on_numpy(place):
    from xpgrad.nn import functional

    def run(device):
        xpgrad.manual_seed(1)
        images = xpgrad.randn(4, 1, 8, 8).to(device).requires_grad_()
        filters = xpgrad.randn(3, 1, 3, 3).to(device).requires_grad_()
        out = functional.conv2d(images, filters, padding=1).relu()
        functional.max_pool2d(out, 2).sum().backward()
        return images.grad.cpu().numpy(), filters.grad.cpu().numpy()

    for got, expected in zip(run("cuda"), run("cpu"), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_in_place_methods_write_to_memory_that_views_share(place):
    x = xpgrad.zeros(2, 3, device="cuda")
    array, row = x._array, x[1]
    row.add_(2.0)
    x[0, 1] = 5.0
    assert x._array is array
    assert x.tolist() == [[0.0, 5.0, 0.0], [2.0, 2.0, 2.0]]
    assert row.tolist() == [2.0, 2.0, 2.0]


def test_gradients_cross_from_cuda_to_the_cpu_and_back(place):
    x = xpgrad.ones(3, requires_grad=True)
    (x.to("cuda") * 2.0).cpu().sum().backward()
    assert x.grad.tolist() == [2.0, 2.0, 2.0]
    with pytest.raises(MixedBackendsError, match="at least two devices, cpu and cuda:0!"):
        x + x.to("cuda")


def test_printing_is_pytorchs(place):
    x = xpgrad.tensor([1.0, 2.0], device="cuda")
    assert repr(x) == "tensor([1., 2.], device='cuda:0')"
    assert repr(x.device) == "device(type='cuda', index=0)"
    assert x.is_cuda


# Devices.


def test_without_a_gpu_it_is_installed_but_has_no_device(count):
    assert count(0).version() == "14.2.0"
    with pytest.raises(NoDeviceError, match=r"device 'cuda': CuPy 14\.2\.0 is installed, but finds no CUDA device"):
        resolve("cuda")
    with pytest.raises(NoDeviceError):
        set_default_backend("cupy")
    (report,) = [r for r in describe_backends()[0] if r.name == "cupy"]
    assert (report.status, report.version, report.devices) == ("no device", "14.2.0", ())


def test_a_list_falls_through_to_numpy_without_a_gpu(count, monkeypatch):
    count(0)
    monkeypatch.setenv("XPGRAD_BACKEND", "cupy,numpy")
    assert default_place() is host_place()


def test_device_strings(count):
    backend = count(2)
    assert resolve("cuda") is resolve("cuda:0") is resolve(0) is resolve("cupy:cuda:0") is backend.place("cuda:0")
    assert resolve("cuda:1") is resolve(1) is backend.place("cuda:1")
    with pytest.raises(
        UnknownDeviceError, match=r"device 'cuda:2': backend 'cupy' has no device 'cuda:2'; it has cuda:0, cuda:1"
    ):
        resolve("cuda:2")
    with use_backend("cupy"):
        assert default_place() is backend.place("cuda:0")
        assert resolve("cpu") is host_place()


def test_the_current_device_is_cupys(count, standin):
    backend = count(2)
    set_default_backend("cupy")
    with standin.cuda.Device(1):
        assert default_place() is resolve("cuda") is backend.place("cuda:1")
    assert default_place() is backend.place("cuda:0")


def test_host_and_device(place):
    source = np.arange(6.0).reshape(2, 3)[:, ::-1]
    array = place.backend.from_host(source, place.handle)
    assert place_for(array) is place
    np.testing.assert_array_equal(place.backend.to_host(array), source)
    with pytest.raises(TypeError, match="Implicit conversion to a NumPy array is not allowed"):
        np.asarray(array)
    copy = place.backend.copy(array)
    place.backend.write(copy, array + 1.0)
    place.backend.add_into(copy, array)
    np.testing.assert_array_equal(copy.get(), 2 * source + 1)
    assert place.backend.owns_memory(copy)
    assert not place.backend.owns_memory(copy[1:])
    assert place.backend.shares_memory(copy[1:], copy)
    assert not place.backend.shares_memory(copy, array)


def test_what_the_device_tells_of_itself(place):
    place.backend.synchronize(place.handle)
    gc.collect()
    before = xpgrad.cuda.memory_allocated()
    kept = xpgrad.ones(1000, device="cuda")
    used = before + kept.nbytes
    assert place.backend.memory_stats(place.handle) == {
        "used_bytes": used,
        "reserved_bytes": used,
        "free_bytes": 10_000,
        "total_bytes": 20_000,
    }
    assert xpgrad.cuda.is_available()
    assert xpgrad.cuda.memory_allocated() == used


def test_bfloat16_comes_with_ml_dtypes(place):
    pytest.importorskip("ml_dtypes")
    assert xpgrad.ones(2, device="cuda").bfloat16().float().tolist() == [1.0, 1.0]


# Several devices.


def test_functions_run_on_their_places_device(count, standin):
    backend = count(2)
    second = backend.place("cuda:1")
    assert second.guard is not None
    x = second.xp.ones((2, 2), dtype=second.raw_dtype(xpgrad.float32))
    assert place_for(x) is second
    for made in (
        second.xp.exp(x),
        second.xp.linalg.inv(second.xp.eye(2)),
        second.xp.zeros_like(x),
        second.xp.erf(x),
        second.xp.concat([x, x]),
        backend.copy(x),
    ):
        assert place_for(made) is second
    assert place_for(second.xp.zeros(2, device=backend.place("cuda:0").handle)) is backend.place("cuda:0")
    assert standin.cuda.Device().id == 0


def test_a_network_trains_on_the_second_device(count):
    backend = count(2)
    losses, w = train("cuda:1")
    assert losses[-1] < 0.5 * losses[0]
    assert place_for(w.grad._array) is backend.place("cuda:1")


@pytest.mark.parametrize("kind", ["SGD", "AdamW", "RMSprop", "Adafactor"])
def test_optimizers_step_on_their_parameters_device(count, kind):
    backend = count(2)

    def trained(device: str) -> list[Any]:
        xpgrad.manual_seed(0)
        layer = xpgrad.nn.Linear(3, 2).to(device)
        settings = {"momentum": 0.9, "weight_decay": 0.1} if kind == "SGD" else {}
        optimizer = getattr(xpgrad.optim, kind)(layer.parameters(), lr=0.1, **settings)
        for _ in range(3):
            optimizer.zero_grad()
            layer(xpgrad.ones(4, 3, device=device)).square().sum().backward()
            optimizer.step()
        assert all(place_for(p._array) is resolve(device) for p in layer.parameters())
        return [p.detach().cpu().numpy() for p in layer.parameters()]

    assert resolve("cuda:1") is backend.place("cuda:1")
    for ours, numpys in zip(trained("cuda:1"), trained("cpu"), strict=True):
        np.testing.assert_allclose(ours, numpys, rtol=1e-5, atol=1e-6)


def test_one_device_needs_no_guard(place):
    assert place.backend.guard(place.handle) is None


def test_transfers_between_devices(count):
    backend = count(2)
    one, other = backend.places()
    array = backend.from_host(np.arange(3.0), one.handle)
    moved = transfer(array, one, other)
    assert place_for(moved) is other
    np.testing.assert_array_equal(moved.get(), [0.0, 1.0, 2.0])


# Products of matrices.


def stack(*shape: int, dtype: str, order: str = "C") -> np.ndarray[Any, Any]:
    random = np.random.default_rng(sum(shape))
    values = random.integers(-4, 5, shape).astype(dtype)
    if dtype.startswith("complex"):
        values += 1j * random.integers(-4, 5, shape)
    if order == "T":
        values = np.ascontiguousarray(np.swapaxes(values, -1, -2))
    return values


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "complex64", "complex128", "int64"])
@pytest.mark.parametrize(
    ("x", "y"),
    [
        ((3, 2, 4), (3, 4, 5)),
        ((2, 3, 2, 4), (2, 3, 4, 5)),
        ((3, 2, 4), (4, 5)),
        ((2, 4), (3, 4, 5)),
        ((1, 2, 4), (3, 4, 5)),
        ((2, 1, 2, 4), (1, 3, 4, 5)),
        ((3, 2, 4), (4,)),
        ((4,), (3, 4, 5)),
        ((2, 4), (4, 5)),
        ((4,), (4,)),
        ((3, 1, 4), (3, 4, 1)),
        ((3, 2, 1), (3, 1, 5)),
        ((0, 2, 4), (0, 4, 5)),
        ((3, 2, 0), (3, 0, 5)),
        ((0, 2, 4), (4, 5)),
        ((3, 2, 0), (0, 5)),
    ],
)
@pytest.mark.parametrize("orders", ["CC", "CT", "TC", "TT"])
def test_stacks_of_matrices(place, x, y, orders, dtype):
    if dtype == "bfloat16":
        pytest.importorskip("ml_dtypes")
    arrays = []
    for shape, order in zip((x, y), orders, strict=True):
        order = order if len(shape) > 1 else "C"
        name = "float32" if dtype == "bfloat16" else dtype
        values = stack(*shape, dtype=name, order=order)
        array = place.backend.from_host(values, place.handle).astype(place.raw_dtype(getattr(xpgrad, dtype)))
        arrays.append(array if order == "C" else place.xp.matrix_transpose(array))
    got = place.xp.matmul(*arrays)
    expected = np.matmul(*(a.get().astype("complex128") for a in arrays))
    assert (got.shape, got.dtype) == (expected.shape, arrays[0].dtype)
    np.testing.assert_array_equal(got.get().astype("complex128"), expected)
    np.testing.assert_array_equal(place.xp.linalg.matmul(*arrays).get(), got.get())


def test_transposed_and_broadcast_operands_are_read_where_they_are(place, standin):
    from cupy_backends.cuda.libs import cublas as calls

    x = place.xp.ones((3, 2, 4), dtype="float32")
    y = place.xp.ones((3, 5, 4), dtype="float32")
    place.xp.matmul(x, place.xp.matrix_transpose(y))
    assert (calls.last["transa"], calls.last["transb"], calls.last["count"]) == (1, 0, 3)
    place.xp.matmul(place.xp.matrix_transpose(x), x)
    assert (calls.last["transa"], calls.last["transb"]) == (0, 1)
    place.xp.matmul(place.xp.ones((2, 4), dtype="float32"), place.xp.matrix_transpose(y))
    assert (calls.last["stride_b"], calls.last["stride_a"]) == (0, 20)


def test_a_stack_times_one_matrix_is_one_product(place, standin):
    from cupy_backends.cuda.libs import cublas as calls

    calls.last.clear()
    place.xp.matmul(place.xp.ones((3, 2, 4), dtype="float32"), place.xp.ones((4, 5), dtype="float32"))
    assert calls.last == {}


@pytest.mark.parametrize(("value", "arithmetic"), [("1", 77), ("0", 68), ("", 68)])
def test_tf32_is_cupys_switch(place, standin, monkeypatch, value, arithmetic):
    from cupy_backends.cuda.libs import cublas as calls

    monkeypatch.setenv("CUPY_TF32", value)
    ones = place.xp.ones((2, 2, 2), dtype="float32")
    place.xp.matmul(ones, ones)
    assert calls.last["compute"] == arithmetic
    place.xp.matmul(ones.astype("float16"), ones.astype("float16"))
    assert calls.last["compute"] == 68


def test_tf32_is_pytorchs_switch_too(place, standin):
    from cupy_backends.cuda.libs import cublas as calls

    from xpgrad.backends import cuda

    def arithmetic(*shape: int) -> Any:
        calls.last.clear()
        place.xp.matmul(*(place.xp.ones(shape, dtype="float32") for _ in range(2)))
        return calls.last.get("compute")

    assert (xpgrad.get_float32_matmul_precision(), cuda.matmul.allow_tf32) == ("highest", False)
    # CuPy's own product, which asks CuPy's own switch, computes what is no stack.
    assert (arithmetic(2, 2), arithmetic(2, 2, 2)) == (None, 68)
    try:
        xpgrad.set_float32_matmul_precision("medium")
        assert cuda.matmul.allow_tf32
        assert (arithmetic(2, 2), arithmetic(2, 2, 2)) == (77, 77)
        cuda.matmul.allow_tf32 = False
        assert xpgrad.get_float32_matmul_precision() == "highest"
        assert (arithmetic(2, 2), arithmetic(2, 2, 2)) == (None, 68)
        cuda.matmul.allow_tf32 = True
        assert xpgrad.get_float32_matmul_precision() == "high"
        assert arithmetic(2, 2) == 77
    finally:
        xpgrad.set_float32_matmul_precision("highest")


def test_products_that_do_not_fit_say_so(place):
    with pytest.raises(
        ValueError, match=r"matmul: shapes \(2, 2, 3\) and \(2, 2, 3\) do not fit: 3 columns meet 2 rows"
    ):
        place.xp.matmul(place.xp.ones((2, 2, 3)), place.xp.ones((2, 2, 3)))


@pytest.mark.parametrize(
    ("shape", "steps", "stack", "expected"),
    [
        ((3, 2, 4), (8, 4, 1), (3,), (False, 4, 8)),
        ((3, 2, 4), (8, 1, 2), (3,), (True, 2, 8)),
        ((2, 4), (4, 1), (3,), (False, 4, 0)),
        ((1, 2, 4), (8, 4, 1), (3,), (False, 4, 0)),
        ((2, 3, 2, 4), (24, 8, 4, 1), (2, 3), (False, 4, 8)),
        ((2, 3, 2, 4), (8, 16, 4, 1), (2, 3), None),
        ((2, 1, 2, 4), (8, 8, 4, 1), (2, 3), None),
        ((3, 2, 4), (16, 8, 2), (3,), None),
        ((3, 2, 4), (0, 0, 0), (3,), None),
        ((3, 2, 4), (-8, 4, 1), (3,), None),
        ((3, 2, 4), (10, 5, 1), (3,), (False, 5, 10)),
        ((3, 2, 1), (2, 1, 1), (3,), (False, 1, 2)),
        ((3, 1, 4), (4, 99, 1), (3,), (False, 99, 4)),
        ((3, 1, 4), (8, 8, 2), (3,), (True, 2, 8)),
        ((3, 2, 4), (0, 4, 1), (3,), (False, 4, 0)),
    ],
)
def test_layouts(shape, steps, stack, expected):
    assert cublas.layout(shape, [4 * step for step in steps], 4, stack) == expected


# Scatter-add.


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "complex64", "int8", "int64", "uint8", "uint32"])
@pytest.mark.parametrize("rest", [(), (3,), (2, 3)])
def test_scatter_add_agrees_with_the_fallback(place, dtype, rest):
    updates = stack(7, *rest, dtype="complex64" if dtype == "complex64" else "int64").astype(dtype)
    indices = np.array([0, 3, 3, 1, 0, 3, 4])
    got = place.xp.scatter_add(
        place.backend.from_host(updates, place.handle), place.backend.from_host(indices, place.handle), size=6
    )
    expected = scatter_add(host_place().xp, updates, indices, size=6)
    assert (got.dtype, got.shape) == (expected.dtype, (6, *rest))
    np.testing.assert_array_equal(got.get(), expected)


def test_scatter_add_sums_half_precision_in_single(place):
    ones = place.xp.ones((4096,), dtype="float16")
    zeros = place.xp.zeros((4096,), dtype="int64")
    # One by one in half precision the sum would stay at 2048.
    assert float(place.xp.scatter_add(ones, zeros, size=1)[0]) == 4096.0


def test_scatter_add_of_nothing(place):
    none = place.xp.zeros((0, 3), dtype="float32")
    assert place.xp.scatter_add(none, place.xp.zeros((0,), dtype="int64"), size=2).get().tolist() == [[0.0] * 3] * 2


# The stand-in itself: a test that cannot fail would be no test.


def test_the_stand_in_is_as_strict_as_cupy(standin):
    x = standin.asarray([1.0, 2.0, 3.0])
    for wrong in (
        lambda: x + np.ones(3),
        lambda: np.ones(3) + x,
        lambda: np.add(x, x),
        lambda: standin.exp(np.ones(3)),
        lambda: standin.concatenate([x, np.ones(3)]),
        lambda: standin.zeros(3, device="cuda"),
        lambda: standin.sort(x, stable=True),
        lambda: standin.add.at(standin.zeros(2, dtype="float16").astype("int8"), standin.zeros(1, dtype="int64"), 1),
    ):
        with pytest.raises(TypeError):
            wrong()
    assert not hasattr(standin, "vecdot")
    assert not hasattr(standin.linalg, "vector_norm")
    assert standin.take(x, standin.asarray([3])).get().tolist() == [1.0]
    assert x[standin.asarray([4])].get().tolist() == [2.0]
    assert type(standin.sum(x)) is standin.ndarray
    with standin.cuda.Device(1), pytest.raises(ValueError, match="array on device 0, but the current device is 1"):
        x + x


def test_kernels_are_compiled_and_must_be_called_with_what_they_declare(standin):
    module = standin.RawModule(
        code="""
        template <class T> __global__ void turned(const T* x, T* out, long long n) {
            __shared__ T kept[256];
            const int at = threadIdx.x;
            if (at < n) kept[at] = x[at];
            __syncthreads();
            if (at < n) out[at] = kept[n - 1 - at];
        }
        template <class T> __global__ void divergent(const T* x, T* out, long long n) {
            if (threadIdx.x < n) __syncthreads();
        }
        template <class T> __global__ void beyond(const T* x, T* out, long long n) { out[n] = x[0]; }
        """,
        name_expressions=("turned<float>", "turned<double>", "divergent<double>", "beyond<double>"),
    )
    x = standin.arange(100.0)
    out = standin.empty_like(x)
    assert np.isnan(out.get()).all()
    turned, divergent, beyond = (module.get_function(f"{n}<double>") for n in ("turned", "divergent", "beyond"))
    turned((1,), (256,), (x, out, 100))
    assert out.get().tolist() == x.get()[::-1].tolist()
    for wrong in (
        (x, out, np.int32(100)),
        (x.astype("float32"), out, 100),
        (x, out),
        (x, out, 100.0),
        (x, standin.empty(200)[::2], 100),
    ):
        with pytest.raises(TypeError):
            turned((1,), (256,), wrong)
    with pytest.raises(RuntimeError, match="some threads of a block ended while others waited"):
        divergent((1,), (256,), (x, out, 100))
    with pytest.raises(MemoryError, match="beyond the ends"):
        beyond((1,), (1,), (x, out, 100))


def test_a_race_gives_two_results(standin, monkeypatch):
    from cupy import _kernels

    module = standin.RawModule(
        code="""
        __global__ void shifted(long long* x) {
            const long long next = x[(threadIdx.x + 1) % blockDim.x];
            x[threadIdx.x] = next;
        }
        """,
        name_expressions=("shifted",),
    )
    results = []
    for reverse in (False, True):
        monkeypatch.setattr(_kernels, "reverse", reverse)
        x = standin.arange(8)
        module.get_function("shifted")((1,), (8,), (x,))
        results.append(x.get().tolist())
    assert results[0] != results[1]


def test_elementwise_kernels_have_cupys_rules(standin):
    kernel = standin.ElementwiseKernel(
        "T x, raw T y, float64 a", "T z, float32 w", "z = x * T(a) + y[i % 2]; w = float(x);", "combined"
    )
    x, y = (standin.asarray(values, dtype="float16") for values in ([[1.0], [3.0]], [1.0, 2.0]))
    z, w = kernel(x, y, 2.0)
    assert (z.get().tolist(), z.dtype.name) == ([[3.0], [8.0]], "float16")
    assert (w.get().tolist(), w.dtype.name) == ([[1.0], [3.0]], "float32")
    with pytest.raises(TypeError, match="type is mismatched: y is float32, not float16"):
        kernel(x, y.astype("float32"), 2.0)
    with pytest.raises(IndexError, match="out of range"):
        kernel(standin.zeros(3, dtype="float16"), y[:1], 2.0)
    with pytest.raises(TypeError, match="no array tells what T is"):
        standin.ElementwiseKernel("float64 x", "T y", "y = x")(standin.zeros(1))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_the_stand_ins_narrow_floats_are_numpys(standin, dtype):
    narrow = np.dtype(pytest.importorskip("ml_dtypes").bfloat16) if dtype == "bfloat16" else np.dtype(dtype)
    every = standin.asarray(np.arange(2**16, dtype=np.uint16).view(narrow))
    wide = standin.ElementwiseKernel("T x", "float32 y", "y = x", "widened")(every)
    np.testing.assert_array_equal(wide.get(), every.get().astype(np.float32))
    with np.errstate(all="ignore"):
        values = (np.random.default_rng(0).integers(0, 2**32, 2**16, dtype=np.uint32)).view(np.float32)
        between = np.nextafter(every.get().astype(np.float32), np.float32(np.inf))
        ties = (every.get().astype(np.float32)[:-1] + every.get().astype(np.float32)[1:]) / 2
        for wide in (every.get().astype(np.float32), values, between, ties):
            out = standin.empty(wide.shape, dtype=narrow)
            standin.ElementwiseKernel("float32 x", "T y", "y = T(x)", "narrowed")(standin.asarray(wide), out)
            np.testing.assert_array_equal(*(a.astype(np.float32) for a in (out.get(), wide.astype(narrow))))
