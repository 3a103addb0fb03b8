"""float16, and bfloat16, which NumPy has from ml_dtypes: they stay what they are, and long sums are right in them."""

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


HALVES = [BF16, xpgrad.float16]
MANY = 2000


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: x.sum(), MANY),
        (lambda x: x.reshape(MANY, 1).sum(0)[0], MANY),
        (lambda x: x.mean(), 1.0),
        (lambda x: x.var(), 0.0),
        (lambda x: x.std(), 0.0),
        (lambda x: x.prod(), 1.0),
        (lambda x: x.cumsum(0)[-1], MANY),
        (lambda x: x.cumprod(0)[-1], 1.0),
        (lambda x: (x * 200.0).norm(), 200.0 * MANY**0.5),
        (lambda x: (x * 20.0).norm(6), 20.0 * MANY ** (1 / 6)),
        (lambda x: x.new_zeros(1).index_add(0, xpgrad.zeros(MANY, dtype=xpgrad.int64), x)[0], MANY),
        (lambda x: x.new_zeros(1).scatter_add(0, xpgrad.zeros(MANY, dtype=xpgrad.int64), x)[0], MANY),
        (lambda x: F.rms_norm(x * 300.0, (MANY,))[0], 1.0),
    ],
)
def test_many_elements_add_up(function, expected, dtype) -> None:
    result = function(xpgrad.ones(MANY, dtype=dtype))
    assert result.dtype is dtype
    assert result.item() == pytest.approx(expected, rel=5e-3)


@pytest.mark.parametrize("dtype", HALVES)
def test_gradients_of_what_is_broadcast_add_up(dtype) -> None:
    x = xpgrad.zeros((), dtype=dtype, requires_grad=True)
    (xpgrad.ones(MANY, dtype=dtype) + x).sum().backward()
    assert x.grad.item() == MANY


@pytest.mark.parametrize("dtype", HALVES)
def test_attention_rounds_once(dtype) -> None:
    xpgrad.manual_seed(0)
    narrow = [(xpgrad.randn(2, 6, 8) * 5).to(dtype) for _ in range(3)]
    expected = F.scaled_dot_product_attention(*[x.double() for x in narrow])
    result = F.scaled_dot_product_attention(*narrow)
    assert result.dtype is dtype
    assert xpgrad.allclose(result.double(), expected, rtol=1e-2, atol=1e-2)


@pytest.mark.parametrize("dtype", HALVES)
def test_not_a_number_is_sorted_last(dtype) -> None:
    x = xpgrad.tensor([float("nan"), 3, 1, float("nan"), 2, 0], dtype=dtype)
    values, indices = x.sort()
    assert values[:4].tolist() == [0, 1, 2, 3]
    assert indices.tolist() == [5, 2, 4, 1, 0, 3]
    assert x.topk(2, largest=False).values.tolist() == [0, 1]
    assert x.nanmedian().item() == 1
    assert xpgrad.searchsorted(values, x[1:3]).tolist() == [3, 1]


@pytest.mark.parametrize("dtype", HALVES)
@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.clone().normal_(1.0, 2.0),
        lambda x: x.clone().uniform_(-1.0, 2.0),
        lambda x: xpgrad.normal(x, 2.0),
        lambda x: xpgrad.normal(0.0, 2.0, (3,), dtype=x.dtype),
        lambda x: F.dropout(x),
        lambda x: F.alpha_dropout(x, training=True),
        lambda x: F.rrelu(-x, training=True),
        lambda x: x.nan_to_num(),
        lambda x: x.lgamma(),
        lambda x: (x * 1.3).polygamma(5),
        lambda x: F.rms_norm(x, (3,)),
        lambda x: F.max_pool1d(x[None], 3, 1, 1),
        lambda x: xpgrad.nn.Linear(3, 2, dtype=x.dtype)(x),
        lambda x: xpgrad.nn.TransformerEncoderLayer(4, 2, 8, dtype=x.dtype)(x.new_ones(2, 1, 4)),
    ],
)
def test_functions_keep_it(function, dtype) -> None:
    result = function(xpgrad.ones(3, dtype=dtype))
    assert result.dtype is dtype
    assert result.isfinite().all()


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
