"""bfloat16, which NumPy has from ml_dtypes: it stays what it is through operations, gradients and files."""

from __future__ import annotations

import copy
import pickle

import pytest

import xpgrad
import xpgrad.nn.functional as F
from xpgrad.serialization import load_file, save_file

pytest.importorskip("ml_dtypes")

BF16 = xpgrad.bfloat16


def example(requires_grad: bool = True) -> xpgrad.Tensor:
    return xpgrad.tensor([1.5, -2.25, 3.0], dtype=BF16, requires_grad=requires_grad)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * 2.5,
        lambda x: 2.5 - x,
        lambda x: x / 3,
        lambda x: x.abs() ** 0.5,
        lambda x: x + xpgrad.ones(3, dtype=xpgrad.int64),
        lambda x: x + xpgrad.tensor(1.0, dtype=xpgrad.float64),
        lambda x: xpgrad.where(x > 1, x, 0.0),
        lambda x: x.clamp(-1, 2.5),
        lambda x: x.sigmoid(),
        lambda x: x.softmax(0),
        lambda x: x.logsumexp(0),
        lambda x: x.norm(),
        lambda x: x.mean(),
        lambda x: x.std(),
        lambda x: x @ x,
        lambda x: x[:, None] @ x[None],
        lambda x: xpgrad.cat([x, x]),
        lambda x: x.sort().values,
        lambda x: F.layer_norm(x, (3,)),
        lambda x: F.gelu(x),
        lambda x: F.conv1d(x[None, None], xpgrad.ones(1, 1, 2, dtype=x.dtype)),
    ],
)
def test_results_and_gradients_stay(function) -> None:
    x, wide = example(), example(False).float().requires_grad_()
    result, expected = function(x), function(wide)
    assert result.dtype is BF16
    assert xpgrad.allclose(result.float(), expected, rtol=0.02, atol=0.02)
    result.float().sum().backward()
    expected.sum().backward()
    assert x.grad.dtype is BF16
    assert xpgrad.allclose(x.grad.float(), wide.grad, rtol=0.05, atol=0.05)


def test_wider_operands_win() -> None:
    assert (example() + xpgrad.ones(3)).dtype is xpgrad.float32
    assert (example() + xpgrad.ones(3, dtype=xpgrad.float16)).dtype is xpgrad.float32
    assert (example() * 2j).dtype is xpgrad.complex64
    assert (example() > 1.0).dtype is xpgrad.bool
    assert example().float().dtype is xpgrad.float32


def test_second_derivatives() -> None:
    x = example()
    (first,) = xpgrad.autograd.grad((x**3).sum(), x, create_graph=True)
    (second,) = xpgrad.autograd.grad(first.sum(), x)
    assert second.dtype is BF16
    assert second.tolist() == [9.0, -13.5, 18.0]


@pytest.mark.parametrize(
    "made",
    [
        lambda: xpgrad.zeros(2, dtype=BF16),
        lambda: xpgrad.full((2,), 3.0, dtype=BF16),
        lambda: xpgrad.arange(4, dtype=BF16),
        lambda: xpgrad.linspace(0, 1, 4, dtype=BF16),
        lambda: xpgrad.eye(2, dtype=BF16),
        lambda: xpgrad.randn(2, dtype=BF16),
        lambda: xpgrad.ones(2).bfloat16(),
    ],
)
def test_creation(made) -> None:
    assert made().dtype is BF16


def test_printing() -> None:
    assert repr(example(False)) == "tensor([ 1.5000, -2.2500,  3.0000], dtype=torch.bfloat16)"
    assert repr(xpgrad.finfo(BF16).eps) == "0.0078125"


def test_a_layer_learns_and_is_saved(tmp_path) -> None:
    layer = xpgrad.nn.Linear(3, 2).to(BF16)
    optimizer = xpgrad.optim.Adam(layer.parameters(), lr=0.1)
    before = layer.weight.detach().clone()
    layer(xpgrad.ones(4, 3, dtype=BF16)).sum().backward()
    optimizer.step()
    state = layer.state_dict()
    assert state["weight"].dtype is BF16
    assert not xpgrad.equal(state["weight"], before)
    save_file(state, tmp_path / "layer.safetensors")
    assert xpgrad.equal(load_file(tmp_path / "layer.safetensors")["weight"], state["weight"])


def test_copies() -> None:
    x = example()
    assert copy.deepcopy(x).dtype is BF16
    assert pickle.loads(pickle.dumps(x)).tolist() == x.tolist()


def test_as_the_default() -> None:
    try:
        xpgrad.set_default_dtype(BF16)
        assert (xpgrad.tensor([1.0]) + 1.5).dtype is BF16
        assert xpgrad.ones(2).dtype is BF16
    finally:
        xpgrad.set_default_dtype(xpgrad.float32)
