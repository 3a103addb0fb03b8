"""Recurrent layers and attention."""

from __future__ import annotations

from typing import Any

import numpy as np

from xpgrad.testing.conformance.layers.layer import CELL, L3, WB, Layer, V, normal

LENGTHS = (3, 9, 1, 4)
PADDED = normal(4, 9, 5)
NOT_LATER = np.triu(np.ones((4, 4), bool), 1)
PADDING = np.asarray([[False, False, False, True], [False, False, True, True]])
ATTENTION = ("in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias")
Q, K, S = normal(4, 2, 6), normal(5, 2, 6), normal(2, 4, 6)


def _cells(layers: int, ends: tuple[str, ...] = ("",), names: tuple[str, ...] = CELL) -> tuple[str, ...]:
    return tuple(f"{name}_l{i}{end}" for i in range(layers) for end in ends for name in names)


def _of_packed(torch: Any, layer: Any, x: Any) -> Any:
    """The result, padded, and the last states of a recurrent layer of sequences of different lengths."""
    rnn = torch.nn.utils.rnn
    out, last = layer(rnn.pack_padded_sequence(x, list(LENGTHS), batch_first=True, enforce_sorted=False))
    return rnn.pad_packed_sequence(out, batch_first=True, padding_value=-1.0)[0], last


def _encoder(prefix: str = "") -> tuple[str, ...]:
    attention = tuple(f"self_attn.{name}" for name in ATTENTION)
    rest = tuple(f"{part}.{name}" for part in ("linear1", "linear2", "norm1", "norm2") for name in WB)
    return tuple(prefix + name for name in (*attention, *rest))


def _decoder(prefix: str = "") -> tuple[str, ...]:
    attention = tuple(f"{part}.{name}" for part in ("self_attn", "multihead_attn") for name in ATTENTION)
    parts = ("linear1", "linear2", "norm1", "norm2", "norm3")
    return tuple(prefix + name for name in (*attention, *(f"{part}.{name}" for part in parts for name in WB)))


ROWS = [
    Layer(lambda nn: nn.RNNCell(6, 3), "RNNCell(6, 3)", (V,), CELL),
    Layer(lambda nn: nn.GRUCell(6, 3, bias=False), "GRUCell(6, 3, bias=False)", (V, normal(5, 3)), CELL[:2]),
    Layer(lambda nn: nn.LSTMCell(6, 3), "LSTMCell(6, 3)", (V,), CELL),
    Layer(
        lambda nn: nn.LSTMCell(6, 3),
        "LSTMCell(6, 3)",
        (V, normal(5, 3), normal(3, 5).T.copy()),
        CELL,
        call=lambda torch, cell, x, h, c: cell(x, (h, c)),
        note="from-states",
    ),
    Layer(
        lambda nn: nn.RNN(9, 3, 2, "relu", batch_first=True),
        "RNN(9, 3, num_layers=2, batch_first=True)",
        (L3, normal(2, 2, 3)),
        _cells(2),
    ),
    Layer(
        lambda nn: nn.GRU(9, 3, bidirectional=True),
        "GRU(9, 3, bidirectional=True)",
        (L3,),
        _cells(1, ("", "_reverse")),
    ),
    Layer(
        lambda nn: nn.LSTM(9, 4, 2, bidirectional=True, proj_size=2),
        "LSTM(9, 4, proj_size=2, num_layers=2, bidirectional=True)",
        (L3,),
        _cells(2, ("", "_reverse"), (*CELL, "weight_hr")),
    ),
    Layer(
        lambda nn: nn.LSTM(9, 4, bias=False, batch_first=True),
        "LSTM(9, 4, bias=False, batch_first=True)",
        (L3, normal(1, 2, 4), normal(2, 1, 4).swapaxes(0, 1).copy()),
        _cells(1, names=CELL[:2]),
        call=lambda torch, layer, x, h, c: layer(x, (h, c)),
    ),
    *(
        Layer(
            lambda nn, name=name: getattr(nn, name)(5, 3, bidirectional=True),
            f"{name}(5, 3, bidirectional=True)",
            (PADDED,),
            _cells(1, ("", "_reverse")),
            call=_of_packed,
            note="packed",
        )
        for name in ("RNN", "GRU", "LSTM")
    ),
    Layer(
        lambda nn: nn.MultiheadAttention(6, 3),
        "MultiheadAttention(\n  (out_proj): NonDynamicallyQuantizableLinear(in_features=6, out_features=6, bias=True)"
        "\n)",
        (Q, K, normal(2, 5, 6).swapaxes(0, 1).copy()),
        ATTENTION,
    ),
    Layer(
        lambda nn: nn.MultiheadAttention(6, 2, kdim=5, vdim=3, add_bias_kv=True, add_zero_attn=True, batch_first=True),
        "",
        (S, normal(2, 4, 5), normal(2, 4, 3), NOT_LATER, PADDING),
        (
            "q_proj_weight",
            "k_proj_weight",
            "v_proj_weight",
            "in_proj_bias",
            "bias_k",
            "bias_v",
            *ATTENTION[2:],
        ),
        call=lambda torch, layer, q, k, v, mask, padding: layer(
            q, k, v, attn_mask=mask, key_padding_mask=padding, average_attn_weights=False
        ),
    ),
    Layer(
        lambda nn: nn.TransformerEncoderLayer(6, 2, 8, 0.0),
        "",
        (Q, NOT_LATER),
        _encoder(),
        call=lambda torch, layer, x, mask: layer(x, src_mask=mask),
    ),
    Layer(
        lambda nn: nn.TransformerEncoderLayer(6, 2, 8, 0.1, "gelu", batch_first=True, norm_first=True),
        "",
        (S, PADDING),
        _encoder(),
        training=False,
        call=lambda torch, layer, x, padding: layer(x, src_key_padding_mask=padding)[:, :2],
    ),
    Layer(
        lambda nn: nn.TransformerDecoderLayer(6, 2, 8, 0.0),
        "",
        (Q, K, NOT_LATER),
        _decoder(),
        call=lambda torch, layer, x, memory, mask: layer(x, memory, tgt_mask=mask),
    ),
    Layer(
        lambda nn: nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2, 8, 0.0), 2, nn.LayerNorm(6)),
        "",
        (Q,),
        (*_encoder("layers.0."), *_encoder("layers.1."), "norm.weight", "norm.bias"),
        call=lambda torch, encoder, x: encoder(x, torch.nn.Transformer.generate_square_subsequent_mask(4)),
    ),
    Layer(
        lambda nn: nn.TransformerDecoder(nn.TransformerDecoderLayer(6, 2, 8, 0.0), 1),
        "",
        (Q, K),
        _decoder("layers.0."),
    ),
    Layer(
        lambda nn: nn.Transformer(6, 2, 1, 1, 8, 0.0),
        "",
        (K, Q, NOT_LATER),
        (
            *_encoder("encoder.layers.0."),
            "encoder.norm.weight",
            "encoder.norm.bias",
            *_decoder("decoder.layers.0."),
            "decoder.norm.weight",
            "decoder.norm.bias",
        ),
        call=lambda torch, model, src, tgt, mask: model(src, tgt, tgt_mask=mask),
    ),
]
