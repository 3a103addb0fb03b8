"""Two seconds' worth of everything, run before each commit: one question for each part of the package."""

import subprocess
import sys

import pytest

import xpgrad
from xpgrad import array_api, nn, optim
from xpgrad.data import DataLoader, TensorDataset
from xpgrad.serialization import load_file, save_file


@pytest.mark.parametrize("device", ["cpu", "strict:cpu"])
def test_first_and_second_derivatives(device):
    x = xpgrad.tensor([1.0, 2.0], device=device, requires_grad=True)
    (g,) = xpgrad.autograd.grad((x**3).sum(), x, create_graph=True)
    g.sum().backward()
    assert (g.tolist(), x.grad.tolist()) == ([3.0, 12.0], [6.0, 12.0])


@pytest.mark.parametrize("device", ["cpu", "strict:cpu"])
def test_writes_through_views(device):
    x = xpgrad.zeros(2, 2, device=device, requires_grad=True)
    y = x * 1
    y[0] += 5
    y.t()[1].mul_(3)
    y.sum().backward()
    assert (y.tolist(), x.grad.tolist()) == ([[5.0, 15.0], [0.0, 0.0]], [[1.0, 3.0], [1.0, 3.0]])


def test_broadcasting_and_promotion():
    y = xpgrad.ones(2, 1) + xpgrad.arange(3) * xpgrad.tensor(2.0, dtype=xpgrad.float64)
    assert (y.shape, y.dtype) == ((2, 3), xpgrad.float64)


def test_printing():
    assert repr(xpgrad.ones(2, requires_grad=True) * 1.5) == "tensor([1.5000, 1.5000], grad_fn=<MulBackward0>)"


def test_array_api():
    x = xpgrad.ones(3)
    assert x.__array_namespace__() is array_api
    assert float(array_api.linalg.vector_norm(x)) == pytest.approx(3**0.5)


@pytest.mark.parametrize("device", ["cpu", "strict:cpu"])
def test_a_network_learns_and_is_saved(device, tmp_path):
    xpgrad.manual_seed(0)
    images = xpgrad.rand(32, 1, 6, 6)
    data = DataLoader(TensorDataset(images, (images.mean((1, 2, 3)) > 0.5).long()), batch_size=16, shuffle=True)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(16, 2)
    )
    model.to(device)
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    losses = []
    for _ in range(8):
        for x, y in data:
            loss = nn.functional.cross_entropy(model(x.to(device)), y.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]
    save_file(model.state_dict(), tmp_path / "model.safetensors")
    loaded = load_file(tmp_path / "model.safetensors")
    assert loaded["0.weight"].tolist() == model.state_dict()["0.weight"].tolist()


def test_the_command_line():
    listing = subprocess.run([sys.executable, "-m", "xpgrad", "backends"], capture_output=True, text=True, check=True)
    assert "strict" in listing.stdout
