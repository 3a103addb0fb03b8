"""Packed sequences, recurrent layers on them, and attention: what PyTorch's databases do not ask."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import xpgrad
from xpgrad.errors import ArgumentError, AttentionError, SettingError, ShapeError

torch = pytest.importorskip("torch")

random = np.random.default_rng(5)
PADDED = random.standard_normal((4, 5, 3)).astype(np.float32)
LENGTHS = [3, 5, 1, 4]


def both(make: Any) -> tuple[Any, Any]:
    """What ``make`` gives for our library and for PyTorch."""
    return make(xpgrad), make(torch)


def same(a: Any, b: Any) -> None:
    if isinstance(b, (tuple, list)):
        assert len(a) == len(b)
        for x, y in zip(a, b, strict=True):
            same(x, y)
    elif b is None or isinstance(b, str):
        assert a == b
    else:
        assert (str(a.dtype), tuple(a.shape)) == (str(b.dtype), tuple(b.shape))
        np.testing.assert_allclose(a.detach().numpy(), b.detach().numpy(), rtol=1e-5, atol=1e-6)


def packed(library: Any, data: Any = PADDED, lengths: Any = LENGTHS, **settings: Any) -> Any:
    settings = {"batch_first": True, "enforce_sorted": False} | settings
    return library.nn.utils.rnn.pack_padded_sequence(library.tensor(data), lengths, **settings)


def test_packing_is_pytorchs():
    same(*both(packed))
    same(*both(lambda library: packed(library, lengths=library.tensor(LENGTHS))))
    same(*both(lambda library: packed(library, PADDED.swapaxes(0, 1), batch_first=False)))
    same(*both(lambda library: packed(library, lengths=[5, 4, 4, 1], enforce_sorted=True)))


@pytest.mark.parametrize("settings", [{}, {"batch_first": True}, {"padding_value": -2.0}, {"total_length": 7}])
def test_unpacking_is_pytorchs(settings):
    same(*both(lambda library: library.nn.utils.rnn.pad_packed_sequence(packed(library), **settings)))


def test_gradients_pass_packing_and_unpacking():
    def gradient(library: Any) -> Any:
        x = library.tensor(PADDED, requires_grad=True)
        rnn = library.nn.utils.rnn
        out, _ = rnn.pad_packed_sequence(rnn.pack_padded_sequence(x, LENGTHS, True, False))
        (out * out).sum().backward()
        return x.grad

    same(*both(gradient))


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("padding_side", ["left", "right"])
def test_padding_is_pytorchs(batch_first, padding_side):
    def pad(library: Any) -> Any:
        parts = [library.tensor(row[:n]) for row, n in zip(PADDED, LENGTHS, strict=True)]
        return library.nn.utils.rnn.pad_sequence(parts, batch_first, 0.5, padding_side)

    same(*both(pad))


def test_sequences_come_back():
    def there_and_back(library: Any) -> Any:
        rnn = library.nn.utils.rnn
        parts = [library.tensor(row[:n]) for row, n in zip(PADDED, LENGTHS, strict=True)]
        packed = rnn.pack_sequence(parts, enforce_sorted=False)
        padded = rnn.pad_sequence(parts)
        return [*rnn.unpack_sequence(packed), *rnn.unpad_sequence(padded, library.tensor(LENGTHS))]

    same(*both(there_and_back))


def test_packed_sequences_convert():
    sequence = packed(xpgrad)
    assert sequence.double().data.dtype is xpgrad.float64
    assert sequence.half().float().to("cpu").data.dtype is xpgrad.float32
    assert sequence.long().data.dtype is xpgrad.int64
    assert sequence.cpu() is sequence
    assert not sequence.is_cuda


@pytest.mark.parametrize(
    ("lengths", "error"),
    [([3, 5, 1, 4], SettingError), ([5, 4, 3, 0], SettingError), ([5, 4, 3], ShapeError), ([6, 5, 4, 3], SettingError)],
)
def test_lengths_that_do_not_fit_are_refused(lengths, error):
    with pytest.raises(error):
        packed(xpgrad, lengths=lengths, enforce_sorted=True)


def test_settings_of_padding_that_do_not_fit_are_refused():
    with pytest.raises(ArgumentError, match="total_length"):
        xpgrad.nn.utils.rnn.pad_packed_sequence(packed(xpgrad), total_length=4)
    with pytest.raises(SettingError, match="padding_side"):
        xpgrad.nn.utils.rnn.pad_sequence([xpgrad.ones(2)], padding_side="top")


LAYERS = [
    ("RNN", {"nonlinearity": "relu"}),
    ("RNN", {"num_layers": 2, "bidirectional": True}),
    ("GRU", {"num_layers": 2, "bias": False}),
    ("GRU", {"bidirectional": True}),
    ("LSTM", {"num_layers": 2, "bidirectional": True, "proj_size": 2}),
    ("LSTM", {"bidirectional": True}),
]


@pytest.mark.parametrize(("name", "settings"), LAYERS)
@pytest.mark.parametrize("given", [False, True])
def test_recurrent_layers_of_packed_sequences_are_pytorchs(name, settings, given):
    theirs = getattr(torch.nn, name)(3, 4, **settings)
    ours = getattr(xpgrad.nn, name)(3, 4, **settings)
    assert repr(ours) == repr(theirs)
    ours.load_state_dict({k: xpgrad.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    depth = settings.get("num_layers", 1) * (1 + settings.get("bidirectional", False))
    states = [random.standard_normal((depth, 4, n)).astype(np.float32) for n in (settings.get("proj_size", 4), 4)]

    def run(library: Any, layer: Any) -> Any:
        hx = tuple(library.tensor(s) for s in states)
        out, last = layer(packed(library), (hx if name == "LSTM" else hx[0]) if given else None)
        loss = (out.data**2).sum() + (last[0] * 0.3).sum()
        gradients = library.autograd.grad(loss, list(layer.parameters()))
        return [out, last, list(gradients)]

    same(run(xpgrad, ours), run(torch, theirs))


def test_recurrent_layers_have_second_derivatives():
    cell = xpgrad.nn.LSTM(2, 3).double()
    x = xpgrad.randn(3, 2, 2, dtype=xpgrad.float64, requires_grad=True)
    assert xpgrad.autograd.gradgradcheck(lambda x: cell(x)[0], (x,))


def test_dropout_between_recurrent_layers_is_drawn_in_training_only():
    xpgrad.manual_seed(0)
    layer = xpgrad.nn.GRU(3, 4, 2, dropout=0.5)
    x = xpgrad.ones(5, 1, 3)
    assert not bool(xpgrad.equal(layer(x)[0], layer(x)[0]))
    layer.eval()
    assert bool(xpgrad.equal(layer(x)[0], layer(x)[0]))
    with pytest.warns(UserWarning, match="num_layers"):
        xpgrad.nn.GRU(3, 4, dropout=0.5)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda nn: nn.RNN(0, 2), ArgumentError),
        (lambda nn: nn.RNN(2, 2, nonlinearity="sin"), ArgumentError),
        (lambda nn: nn.GRU(2, 2, proj_size=1), ArgumentError),
        (lambda nn: nn.LSTM(2, 2, proj_size=2), ArgumentError),
        (lambda nn: nn.LSTM(2, 2, dropout=2), ArgumentError),
        (lambda nn: nn.LSTM(2.0, 2), TypeError),
        (lambda nn: nn.RNNCell(2, 2, nonlinearity="sin")(xpgrad.ones(1, 2)), SettingError),
        (lambda nn: nn.RNN(2, 2)(xpgrad.ones(3, 1, 4)), ShapeError),
        (lambda nn: nn.RNN(2, 2)(xpgrad.ones(2)), ArgumentError),
        (lambda nn: nn.RNN(2, 2)(xpgrad.ones(3, 1, 2), xpgrad.ones(1, 2)), ShapeError),
        (lambda nn: nn.RNN(2, 2)(xpgrad.ones(3, 1, 2), xpgrad.ones(1, 2, 2)), ShapeError),
        (lambda nn: nn.RNN(2, 2)(xpgrad.ones(3, 1, 2).double()), ArgumentError),
        (lambda nn: nn.LSTMCell(2, 2)(xpgrad.ones(1, 3)), ShapeError),
        (lambda nn: nn.LSTMCell(2, 2)(xpgrad.ones(1, 1, 2)), ArgumentError),
        (lambda nn: nn.GRUCell(2, 2)(xpgrad.ones(1, 2), xpgrad.ones(2, 2)), ShapeError),
        (lambda nn: nn.MultiheadAttention(5, 2), AttentionError),
        (lambda nn: nn.MultiheadAttention(0, 2), ArgumentError),
        (lambda nn: nn.Transformer(4, 2, 1, 1)(xpgrad.ones(3, 2, 4), xpgrad.ones(3, 1, 4)), ShapeError),
        (lambda nn: nn.Transformer(4, 2, 1, 1)(xpgrad.ones(3, 2, 3), xpgrad.ones(3, 2, 3)), ShapeError),
        (lambda nn: nn.TransformerEncoderLayer(4, 2, activation="tanh"), SettingError),
    ],
)
def test_what_does_not_fit_is_refused(make, error):
    with pytest.raises(error):
        make(xpgrad.nn)


def attended(library: Any, **settings: Any) -> Any:
    q, k, v = (library.tensor(np.cos(np.arange(24.0) * s).reshape(2, 3, 4), requires_grad=True) for s in (1, 2, 3))
    made = {name: library.tensor(x) if isinstance(x, np.ndarray) else x for name, x in settings.items()}
    out = library.nn.functional.scaled_dot_product_attention(q, k, v, **made)
    return [out, *library.autograd.grad((out * out).sum(), [q, k, v])]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"scale": 0.3},
        {"is_causal": True},
        {"attn_mask": np.tri(3).astype(bool)},
        # The first query meets nothing.
        {"attn_mask": np.tri(3, k=-1).astype(bool)},
        {"attn_mask": np.sin(np.arange(9.0)).reshape(3, 3), "scale": 2.0},
    ],
)
def test_attention_is_pytorchs(settings):
    same(attended(xpgrad, **settings), attended(torch, **settings))


def test_heads_may_be_shared():
    def grouped(library: Any) -> Any:
        q = library.tensor(np.cos(np.arange(48.0)).reshape(1, 4, 3, 4))
        k, v = (library.tensor(np.cos(np.arange(24.0) * s).reshape(1, 2, 3, 4)) for s in (2, 3))
        return library.nn.functional.scaled_dot_product_attention(q, k, v, enable_gqa=True)

    same(*both(grouped))


def test_attention_refuses_two_masks():
    x = xpgrad.ones(1, 2, 2)
    with pytest.raises(SettingError, match="is_causal"):
        xpgrad.nn.functional.scaled_dot_product_attention(x, x, x, xpgrad.ones(2, 2), is_causal=True)


MASKS = [
    {"key_padding_mask": np.asarray([[False, False, True], [False, True, True]])},
    {"attn_mask": np.triu(np.ones((3, 3), bool), 1)},
    {"attn_mask": np.triu(np.full((3, 3), -np.inf, np.float32), 1), "is_causal": True, "need_weights": False},
    {"attn_mask": np.zeros((4, 3, 3), bool), "key_padding_mask": np.asarray([[False, False, True], [False] * 3])},
    {"average_attn_weights": False},
]


@pytest.mark.parametrize("settings", MASKS)
@pytest.mark.parametrize("options", [{}, {"add_bias_kv": True, "add_zero_attn": True}, {"kdim": 4, "vdim": 4}])
def test_masked_multi_head_attention_is_pytorchs(settings, options):
    theirs = torch.nn.MultiheadAttention(4, 2, **options)
    ours = xpgrad.nn.MultiheadAttention(4, 2, **options)
    ours.load_state_dict({k: xpgrad.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    x = random.standard_normal((3, 2, 4)).astype(np.float32)

    def run(library: Any, layer: Any) -> Any:
        made = {k: library.tensor(v) if isinstance(v, np.ndarray) else v for k, v in settings.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = library.tensor(x)
            out, weights = layer(y, y + 1 if options.get("kdim") else y, y * 1 if options.get("kdim") else y, **made)
        return [out, weights, *library.autograd.grad((out**2).sum(), list(layer.parameters()))]

    same(run(xpgrad, ours), run(torch, theirs))


def test_the_decoder_finds_the_causal_mask():
    mask = xpgrad.nn.Transformer.generate_square_subsequent_mask(3)
    assert mask.tolist()[0] == [0.0, -np.inf, -np.inf]
    theirs, ours = both(lambda library: library.nn.TransformerDecoderLayer(4, 2, 8, 0.0))[::-1]
    ours.load_state_dict({k: xpgrad.tensor(v.numpy()) for k, v in theirs.state_dict().items()})
    x = random.standard_normal((3, 2, 4)).astype(np.float32)

    def run(library: Any, layer: Any) -> Any:
        y = library.tensor(x)
        decoder = library.nn.TransformerDecoder(layer, 2, library.nn.LayerNorm(4))
        return decoder(y, y, library.nn.Transformer.generate_square_subsequent_mask(3))

    same(run(xpgrad, ours), run(torch, theirs))


@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_writing_to_outputs_is_pytorchs(kind):
    def gradient(library: Any) -> Any:
        layer = getattr(library.nn, kind)(3, 2)
        with library.no_grad():
            for parameter in layer.parameters():
                parameter.fill_(0.1)
        x = library.tensor(PADDED, requires_grad=True)
        out, _ = layer(x)
        out.mul_(2.0)
        try:
            (out * out).sum().backward()
        except RuntimeError as error:
            return str(error)[:60]
        return x.grad

    same(*both(gradient))


@pytest.mark.parametrize("settings", [{}, {"num_layers": 2, "bidirectional": True}, {"bias": False}], ids=str)
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_second_derivatives_of_layers_are_pytorchs(kind, settings):
    def derivatives(library: Any) -> Any:
        layer = getattr(library.nn, kind)(3, 2, **settings).double()
        with library.no_grad():
            for i, parameter in enumerate(layer.parameters()):
                parameter.copy_(library.linspace(-1.0 + 0.1 * i, 1.0, parameter.numel()).reshape(parameter.shape))
        leaves = [library.tensor(PADDED).double().requires_grad_(), *layer.parameters()]
        out, _ = layer(leaves[0])
        first = library.autograd.grad((out * out).sum(), leaves, create_graph=True)
        second = library.autograd.grad(sum((g * g).sum() for g in first), leaves)
        return [*first, *second]

    same(*both(derivatives))
