"""The JAX backend: found by its arrays, 64 bits wide, on several devices, beside memory that others write to.

What its functions give is asked by the conformance suite: ``python -m xpgrad conformance jax``.
"""

from __future__ import annotations

import subprocess
import sys
import textwrap

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="JAX is not installed: pip install ./plugins/jax")

from jax import numpy as jnp  # noqa: E402

import xpgrad  # noqa: E402
from xpgrad.backends import discovery  # noqa: E402
from xpgrad.backends.fallbacks import FALLBACKS  # noqa: E402
from xpgrad.backends.registry import get_backend, use_backend  # noqa: E402
from xpgrad.errors import ShapeError  # noqa: E402
from xpgrad_jax import JaxBackend  # noqa: E402
from xpgrad_jax.kernels import KERNELS  # noqa: E402


@pytest.fixture(scope="module")
def place():
    backend = get_backend("jax")
    assert isinstance(backend, JaxBackend)
    return backend.places()[0]


def run(program: str, **environment: str) -> list[str]:
    """The lines that a program prints in a process of its own."""
    import os

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        env={**os.environ, "JAX_PLATFORMS": "cpu", **environment},
    )
    assert not done.returncode, done.stderr
    return done.stdout.splitlines()


def test_it_is_found_by_its_entry_point_and_by_its_arrays():
    source = discovery.find("jax")
    assert (source.target, source.distribution) == ("xpgrad_jax:JaxBackend", "xpgrad-jax")
    found = run(
        """
        import jax, xpgrad
        x = xpgrad.as_tensor(jax.numpy.ones(3))
        print(x.device.backend, x.dtype)
        """
    )
    assert found == ["jax torch.float32"]


def test_loading_it_touches_no_device():
    found = run(
        """
        from jax._src import xla_bridge
        from xpgrad.backends.registry import get_backend
        backend = get_backend("jax")
        print(xla_bridge.backends_are_initialized())
        print(backend.device_names(), xla_bridge.backends_are_initialized())
        """
    )
    assert found == ["False", "['cpu'] True"]


def test_options_of_the_process():
    assert run(
        """
        import jax
        from xpgrad.backends.registry import get_backend
        get_backend("jax")
        print(jax.config.jax_enable_x64, jax.config.jax_default_matmul_precision)
        """
    ) == ["True highest"]
    kept = run(
        """
        import jax
        from xpgrad.backends.registry import get_backend
        jax.config.update("jax_default_matmul_precision", "tensorfloat32")
        get_backend("jax")
        print(jax.config.jax_default_matmul_precision)
        """
    )
    assert kept == ["tensorfloat32"]


def test_several_devices():
    found = run(
        """
        import xpgrad
        from xpgrad import nn
        from xpgrad.backends.registry import get_backend
        from xpgrad.errors import MixedBackendsError

        print(*get_backend("jax").device_names())
        with xpgrad.use_backend("jax:cpu:1"):
            xpgrad.manual_seed(0)
            layers = nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(), nn.LazyLinear(3)
            net = nn.Sequential(*layers)
            x = xpgrad.randn(4, 1, 8, 8)
            loss = nn.functional.cross_entropy(net(x), xpgrad.tensor([0, 2, 1, 0]))
        loss.backward()
        places = {str(t._array.device) for t in (loss, *net.parameters(), *(p.grad for p in net.parameters()))}
        print(loss.device, places == {str(get_backend("jax").place("cpu:1").handle)})
        x = xpgrad.zeros(3, device="jax:cpu:1")
        x[1:] = 2.0
        print(x.device, x.to("jax:cpu").device, x.to("cpu").device, x.tolist())
        try:
            x + x.to("jax:cpu")
        except MixedBackendsError:
            print("refused")
        """,
        XLA_FLAGS="--xla_force_host_platform_device_count=2",
    )
    assert found == ["cpu cpu:1", "jax:cpu:1 True", "jax:cpu:1 jax:cpu cpu [0.0, 2.0, 2.0]", "refused"]


def test_dtypes_are_as_wide_as_asked(place):
    with use_backend("jax"):
        assert xpgrad.tensor([1, 2])._array.dtype == np.int64
        assert xpgrad.tensor([1.0], dtype=xpgrad.float64)._array.dtype == np.float64
        assert (xpgrad.ones(2, dtype=xpgrad.bfloat16) * 2).dtype is xpgrad.bfloat16
        # JAX takes numbers without a dtype for ones that give way to any other.
        weak = xpgrad.as_tensor(jnp.asarray(2.0))
        assert (weak + xpgrad.tensor(1.0)).dtype is xpgrad.float64
        assert (weak + xpgrad.ones(2)).dtype is xpgrad.float32


@pytest.mark.parametrize("length", [1, 3, 16, 1000, 1 << 16])
def test_memory_of_numpy_may_change_afterwards(length):
    for make in (xpgrad.tensor, xpgrad.as_tensor, lambda x, device: xpgrad.from_numpy(x).to(device)):
        # A multiple of 64 bytes from the start of a block is what JAX would share.
        host = np.ones(length)
        x = make(host, device="jax:cpu")
        host[:] = 7.0
        assert x.sum().item() == length


def test_arrays_are_copied_at_once(place):
    """JAX's own copy is made later: on a busy machine this saw one write in five."""
    for _ in range(20):
        host = np.ones(1 << 21)
        array = place.backend.from_host(host, place.handle)
        host[:] = 7.0
        assert array.max() == 1.0


def test_numpy_may_look_but_not_write(place):
    x = xpgrad.ones(3, device="jax:cpu")
    with pytest.raises(ValueError, match="read-only"):
        x.numpy()[0] = 2.0
    on_host = x.cpu()
    on_host.add_(1.0)
    assert (x.tolist(), on_host.tolist()) == ([1.0] * 3, [2.0] * 3)


def test_dlpack_both_ways(place):
    x = xpgrad.tensor([[1.0, 2.0]], device="jax:cpu")
    np.testing.assert_array_equal(np.from_dlpack(x), [[1.0, 2.0]])
    assert xpgrad.from_dlpack(x.detach()._array).device.backend == "jax"
    np.testing.assert_array_equal(jnp.from_dlpack(xpgrad.tensor([3.0, 4.0], device="cpu")), [3.0, 4.0])


def test_in_place_methods_rebind():
    x = xpgrad.ones(3, device="jax:cpu")
    array, view = x._array, x[:2]
    x.add_(1.0)
    assert x._array is not array
    view.mul_(3.0)
    assert (array.tolist(), x.tolist()) == ([1.0] * 3, [6.0, 6.0, 2.0])


def test_random_numbers_are_those_of_numpy(place):
    for count in (1, 7, 1000):
        for key, counter in ((3, 0), (2**128 - 1, 2**256 - 3), (7, 2**64 - 2)):
            words = np.random.Philox(key=key, counter=counter).random_raw(4 * count)
            for dtype in (np.int64, np.int32):
                bits = place.xp.philox_bits(key=key, counter=counter, blocks=count, dtype=np.dtype(dtype))
                np.testing.assert_array_equal(np.asarray(bits), words.view(dtype))


CONVOLUTIONS = {
    "plain": ((2, 3, 9), (4, 3, 3), (1,), (0,), (1,), 1),
    "strided, padded, in groups": ((2, 4, 9, 8), (6, 2, 3, 2), (2, 3), (2, 1), (1, 2), 2),
    "depthwise": ((2, 4, 6, 7), (8, 1, 3, 2), (1, 1), (1, 1), (1, 1), 4),
    "padding beyond the kernel": ((2, 6, 5, 5), (4, 6, 1, 1), (3, 2), (2, 1), (1, 1), 1),
    "no image": ((0, 2, 5, 4), (3, 2, 3, 3), (1, 1), (0, 0), (1, 1), 1),
    "three axes": ((2, 2, 4, 5, 4), (4, 2, 2, 3, 2), (1, 2, 1), (1, 1, 0), (1, 1, 2), 1),
}


@pytest.mark.parametrize(
    ("case", "dtype"),
    [*((name, "float64") for name in CONVOLUTIONS), ("strided, padded, in groups", "int64"), ("plain", "complex128")],
)
def test_convolutions_are_those_of_the_fallbacks(place, case, dtype):
    rng = np.random.default_rng(0)
    x, w = ((rng.standard_normal(shape) * 9).astype(dtype) for shape in CONVOLUTIONS[case][:2])
    settings = dict(zip(("stride", "padding", "dilation", "groups"), CONVOLUTIONS[case][2:], strict=True))

    def asked(name, *arrays, **more):
        expected = FALLBACKS[name](np, *arrays, **settings, **more)
        got = getattr(place.xp, name)(*map(jnp.asarray, arrays), **settings, **more)
        assert got.dtype == expected.dtype
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-9)
        return expected

    g = asked("convolution", x, w)
    asked("convolution_input", g, w, size=x.shape[2:])
    asked("convolution_weight", g, x, size=w.shape[2:])


def test_impossible_convolutions_are_refused(place):
    settings = {"stride": (1,), "padding": (0,), "dilation": (1,), "groups": 1}
    with pytest.raises(ShapeError, match="Kernel size"):
        place.xp.convolution(jnp.ones((1, 2, 3)), jnp.ones((2, 2, 5)), **settings)
    with pytest.raises(ShapeError, match="transposed convolution"):
        place.xp.convolution_input(jnp.ones((1, 2, 3)), jnp.ones((2, 2, 2)), size=(9,), **settings)


def test_a_learning_rate_compiles_nothing(place):
    x, step = jnp.ones(3), KERNELS["adam_update"]
    for t in (1.0, 2.0, 3.0):
        place.xp.adam_update(x, x, x, x, None, step=t, lr=0.1 / t, betas=(0.9, 0.99), eps=1e-8)
    before = step._cache_size()
    place.xp.adam_update(x, x, x, x, None, step=4.0, lr=0.2, betas=(0.8, 0.9), eps=1e-6)
    assert step._cache_size() == before


AS_THEY_ARE = {
    "looks at values": {
        "checked_positions",
        "cholesky_ex",
        "ldl_factor",
        "ldl_solve",
        "matrix_exp",
        "orthogonal_polynomial",
    },
    "one step after the other, so that compiling takes longer the larger a matrix is": {
        "geqrf",
        "lu_factor",
        "reflect",
    },
    "one step after the other, so that compiling takes longer the longer a sequence is": {
        "gru_layer",
        "gru_layer_gradients",
        "lstm_layer",
        "lstm_layer_gradients",
    },
    "is one operation": {"diagonal", "relu"},
    "has settings that Python cannot hash, slices": {"embed", "getitem"},
    "decides by a setting that changes from step to step": {"philox_normal", "philox_uniform", "sgd_update"},
}


def test_fallbacks_are_compiled_or_there_is_a_reason():
    assert FALLBACKS.keys() - KERNELS.keys() == set().union(*AS_THEY_ARE.values())
    assert sorted(KERNELS.keys() - FALLBACKS.keys()) == ["abs", "floor_divide", "remainder"]


def test_zeros_and_infinities_are_those_of_the_standard(place):
    """Where JAX's own functions give others."""
    x, y = np.asarray([-0.0, -0.0, -2.5, 0.0, -0.0, 3.0]), np.asarray([1.0, -2.5, -np.inf, -2.5, np.inf, -1.0])
    for name in ("floor_divide", "remainder"):
        got, right = np.asarray(getattr(place.xp, name)(jnp.asarray(x), jnp.asarray(y))), getattr(np, name)(x, y)
        np.testing.assert_array_equal(got, right)
        np.testing.assert_array_equal(np.signbit(got), np.signbit(right))
        assert getattr(place.xp, name)(jnp.asarray([-7]), jnp.asarray([2])).tolist() == getattr(np, name)([-7], 2)
    z = [complex(np.inf, np.nan), complex(np.nan, -np.inf), complex(np.nan, 1), -3 + 4j]
    np.testing.assert_array_equal(place.xp.abs(jnp.asarray(z)), np.abs(z))
