"""The backend: found by its entry point, on PyTorch's memory, whatever PyTorch's defaults are."""

from __future__ import annotations

import functools
import subprocess
import sys

import numpy as np
import pytest

import xpgrad
from xpgrad import array_api
from xpgrad.backends import discovery
from xpgrad.backends.registry import get_backend, use_backend
from xpgrad.errors import ArgumentTypeError, GradientError, MixedBackendsError, UnknownDeviceError, XpgradError

torch = pytest.importorskip("torch", reason="PyTorch is not installed")


def run_python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_it_is_found_by_its_entry_point_and_by_its_arrays():
    source = discovery.find("torch")
    assert (source.target, source.distribution) == ("xpgrad_torch:TorchBackend", "xpgrad-torch")
    assert discovery.for_arrays_of({"torch"}) == "torch"
    found = run_python("import torch, xpgrad; print(xpgrad.as_tensor(torch.ones(2)).device)")
    assert found == "torch:cpu"


def test_only_its_use_imports_pytorch():
    code = """
import sys, numpy, xpgrad
from xpgrad.backends import discovery
discovery.installed()
xpgrad.as_tensor(numpy.ones(2)).to("cpu").numpy()
print("torch" in sys.modules, end=" ")
xpgrad.ones(2, device="torch:cpu")
print("torch" in sys.modules)
"""
    assert run_python(code) == "False True"


def test_loading_it_initialises_no_device():
    assert run_python(
        "import torch, xpgrad; xpgrad.ones(2, device='torch:cpu'); print(torch.cuda.is_initialized())"
    ) == ("False")


def test_its_devices():
    backend = get_backend("torch")
    assert backend.device_names()[0] == "cpu"
    assert set(backend.device_names()[1:]) <= {*(f"cuda:{i}" for i in range(torch.cuda.device_count())), "mps"}
    with pytest.raises(UnknownDeviceError, match="has no device 'cuda"):
        xpgrad.ones(2, device="torch:cuda:99")
    backend.synchronize(backend.place("cpu").handle)
    assert backend.version() == torch.__version__


BRING_IN = [
    xpgrad.as_tensor, xpgrad.asarray, xpgrad.tensor, xpgrad.from_dlpack, array_api.asarray, array_api.from_dlpack
]  # fmt: skip


@pytest.mark.parametrize("bring_in", BRING_IN)
def test_a_history_of_pytorch_is_not_lost_without_a_word(bring_in):
    with pytest.raises(GradientError, match=r"give x\.detach\(\)"):
        bring_in(torch.ones(2, requires_grad=True) * 2)
    assert bring_in(torch.nn.Parameter(torch.ones(2)).detach()).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("bring_in", BRING_IN)
@pytest.mark.parametrize("odd", ["sparse", "meta"])
def test_what_has_no_strided_memory_is_refused(bring_in, odd):
    array = torch.ones(2).to_sparse() if odd == "sparse" else torch.ones(2, device="meta")
    with pytest.raises(ArgumentTypeError, match="must be strided and have elements"):
        bring_in(array)


def test_lazy_conjugates_and_negatives_are_made_up():
    z = torch.tensor([1 + 2j, 3 - 4j]).conj()
    assert z.is_conj() and z.imag.is_neg()
    assert xpgrad.as_tensor(z).tolist() == [1 - 2j, 3 + 4j]
    assert xpgrad.as_tensor(z.imag).tolist() == [-2.0, 4.0]


def test_subclasses_come_in_as_plain_arrays():
    parameter = torch.nn.Parameter(torch.ones(2), requires_grad=False)
    x = xpgrad.as_tensor(parameter)
    x += 1
    assert type(x._array) is torch.Tensor
    assert parameter.tolist() == [2.0, 2.0]


def test_memory_is_shared_with_pytorch_and_numpy():
    theirs = torch.zeros(2, 3)
    x = xpgrad.as_tensor(theirs)
    x[0] = 1.0
    x.T[1] += 2.0
    assert theirs.tolist() == [[1.0, 3.0, 1.0], [0.0, 2.0, 0.0]]
    assert x.data_ptr() == theirs.data_ptr() == torch.from_dlpack(x).data_ptr() == x.numpy().ctypes.data
    host = np.zeros(3, np.float32)
    with use_backend("torch"):
        y = xpgrad.from_numpy(host)
    y += 1
    assert host.tolist() == [1.0, 1.0, 1.0]
    assert xpgrad.from_dlpack(torch.ones(2)).device == xpgrad.device("torch:cpu")


def test_hosts_arrays_that_pytorch_cannot_share_are_copied():
    read_only = np.arange(3.0)
    read_only.flags.writeable = False
    place = get_backend("torch").place("cpu")
    for host in (read_only, np.arange(6.0)[::-2], np.broadcast_to(np.float32(2.0), (2, 2))):
        np.testing.assert_array_equal(place.backend.from_host(host, place.handle).numpy(), host)


def test_views_show_writes_and_writes_go_through_views():
    with use_backend("torch"):
        x = xpgrad.arange(12.0).reshape(3, 4)
        views = [x[1], x[:, 1:3], x.T, x.diagonal(), x.unfold(1, 2, 2), x.as_strided((2, 2), (4, 1)), x[::-1, 0]]
        for view in views:
            view.mul_(2.0)
        expected = np.arange(12.0).reshape(3, 4)
        twice = [expected[1], expected[:, 1:3], expected.T, np.einsum("ii->i", expected[:, :3])]
        for view in [*twice, expected, expected[:2, :2], expected[::-1, 0]]:
            view *= 2.0
        np.testing.assert_array_equal(x.numpy(), expected)
        assert x.T.stride() == (1, 4)
        assert views[-1].tolist() == expected[::-1, 0].tolist()


def test_steps_backwards_are_followed_both_ways():
    with use_backend("torch"):
        x = xpgrad.arange(5.0)
        back = x[::-1]
        back[0] = 10.0
        part = back[1:3]
        part += 1
        x[0] = 7.0
        assert x.tolist() == [7.0, 1.0, 3.0, 4.0, 10.0]
        assert back.tolist() == [10.0, 4.0, 3.0, 1.0, 7.0]
        assert part.tolist() == [4.0, 3.0]
        x[::-2] = xpgrad.tensor([1.0, 2.0, 3.0])
        assert x.tolist() == [3.0, 1.0, 2.0, 4.0, 1.0]


def test_devices_refuse_to_meet():
    x, y = xpgrad.ones(2, device="torch:cpu"), xpgrad.ones(2, device="cpu")
    with pytest.raises(MixedBackendsError, match="torch:cpu and cpu"):
        x + y
    moved = y.to("torch:cpu")
    moved += x
    assert (moved.tolist(), y.tolist()) == ([2.0, 2.0], [1.0, 1.0])


@pytest.mark.parametrize("name", ["bool", "uint8", "int16", "int64", "float16", "bfloat16", "float32", "complex64"])
def test_dtypes_go_to_the_host_and_back(name):
    kind = xpgrad.bool if name == "bool" else getattr(xpgrad, name)
    x = xpgrad.tensor([[1, 0], [1, 1]], dtype=kind, device="torch:cpu")
    assert x._array.dtype is getattr(torch, name)
    back = x.to("cpu")
    assert (back.dtype, back.numpy().dtype.name) == (kind, name)
    assert back.to("torch:cpu").tolist() == x.tolist()


@pytest.mark.parametrize("name", ["uint16", "uint32", "uint64"])
def test_wide_unsigned_integers_can_be_moved(name):
    values = np.array([3, 0, np.iinfo(name).max, 7], name)
    x = xpgrad.tensor(values, device="torch:cpu")
    places = xpgrad.tensor([2, 0], device="torch:cpu")
    assert x[places].tolist() == values[[2, 0]].tolist()
    assert x.gather(0, places).tolist() == values[[2, 0]].tolist()
    assert x.flip(0).tolist() == values[::-1].tolist()
    assert x.sort().values.tolist() == sorted(values.tolist())


WRONG = [
    "x + ones(2)", "x.add_(ones(2, 3))", "x.reshape(2, 2)", "x & x", "x.masked_fill_(ones(2) > 0, 1)", "x[7]",
    "x.index_select(0, 7 * ones(1).long())", "xpgrad.linalg.cholesky(-xpgrad.eye(2, device=x.device))",
    "xpgrad.linalg.inv(0 * ones(2, 2))", "(x > 0) - (x > 0)", "x.byte().fill_(300)", "x.sum(4)",
]  # fmt: skip


@pytest.mark.parametrize("program", WRONG)
def test_what_pytorch_refuses_is_said_as_everywhere(program):
    said = []
    for device in ("cpu", "torch:cpu"):
        with pytest.raises(XpgradError) as caught:
            scope = {"x": xpgrad.ones(3, device=device), "xpgrad": xpgrad}
            eval(program, scope | {"ones": functools.partial(xpgrad.ones, device=device)})
        said.append((caught.type, str(caught.value)))
    assert said[0] == said[1]


def train() -> tuple[list[float], list[str]]:
    """Losses of a small network and dtypes on the way."""
    xpgrad.manual_seed(0)
    nn = xpgrad.nn
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Dropout(0.2), nn.Linear(36, 8), nn.LayerNorm(8), nn.GELU(), nn.Linear(8, 3),
    )  # fmt: skip
    optimizer = xpgrad.optim.Adam(model.parameters(), lr=0.01)
    x, y = xpgrad.randn(5, 1, 8, 8), xpgrad.randint(0, 3, (5,))
    losses, kinds = [], []
    for _ in range(3):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y) + 0.1 * xpgrad.arange(3).float().mean() ** 2
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        kinds += [str(p.grad.dtype) for p in model.parameters()] + [str(loss.dtype), str(loss.device)]
    return losses, kinds


def test_it_trains_as_numpy_does():
    with use_backend("numpy"):
        expected, _ = train()
    with use_backend("torch"):
        found, _ = train()
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_pytorchs_defaults_mean_nothing_here():
    with use_backend("torch"):
        expected = train()
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    try:
        with use_backend("torch"), torch.inference_mode():
            assert train() == expected
    finally:
        torch.set_default_device(None)
        torch.set_default_dtype(torch.float32)


def test_random_numbers_are_numpys_bit_for_bit():
    drawn = {}
    for name in ("numpy", "torch"):
        with use_backend(name):
            xpgrad.manual_seed(3)
            drawn[name] = [
                xpgrad.rand(5, 7), xpgrad.randn(9), xpgrad.randn(4, dtype=xpgrad.float64), xpgrad.randperm(50),
                xpgrad.randint(0, 100, (20,)), xpgrad.nn.functional.dropout(xpgrad.ones(20)),
            ]  # fmt: skip
    for expected, found in zip(drawn["numpy"], drawn["torch"], strict=True):
        assert type(found._array) is torch.Tensor
        np.testing.assert_array_equal(found.numpy(), expected.numpy())


def test_gradients_that_share_memory_are_not_kept_as_they_are():
    with use_backend("torch"):
        x, y = xpgrad.zeros(3, requires_grad=True), xpgrad.zeros(3, requires_grad=True)
        (x + y.reshape(3, 1).reshape(3)).sum().backward()
        x.grad += 1
        assert (x.grad.tolist(), y.grad.tolist()) == ([2.0] * 3, [1.0] * 3)
