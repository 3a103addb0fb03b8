"""Transformers (Vaswani et al. 2017)."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

from xpgrad.errors import SettingError, ShapeError
from xpgrad.functions.creation import full
from xpgrad.nn import init
from xpgrad.nn.functional import activation as F
from xpgrad.nn.functional.attention import canonical_masks
from xpgrad.nn.modules.activation import GELU, ReLU
from xpgrad.nn.modules.attention import MultiheadAttention
from xpgrad.nn.modules.container import ModuleList
from xpgrad.nn.modules.dropout import Dropout
from xpgrad.nn.modules.linear import Linear
from xpgrad.nn.modules.module import Module
from xpgrad.nn.modules.normalization import LayerNorm

Activation = Callable[[Any], Any]


class _Layer(Module):
    """What encoder and decoder layers have in common: attention to themselves, and two affine maps.

    Args:
        d_model: The features of the sequences.
        nhead: The heads of attention.
        dim_feedforward: The features between the two maps.
        dropout: The probability of dropout.
        activation: What comes between the maps: a function, or ``"relu"`` or ``"gelu"``.
        layer_norm_eps: The ``eps`` of the normalisations.
        batch_first: Whether the batch comes before the sequence.
        norm_first: Whether each part normalises what comes in, rather than what goes out (Xiong et al. 2020).
        bias: Whether there are biases.
        device: Where the parameters are.
        dtype: Their dtype.
    """

    self_attn: MultiheadAttention
    linear1: Linear
    dropout: Dropout
    linear2: Linear
    activation: Activation

    def _attention(self, x: Any, mask: Any, key_padding_mask: Any, is_causal: bool) -> Any:
        """``x`` attending to itself."""
        out, _ = self.self_attn(
            x, x, x, attn_mask=mask, key_padding_mask=key_padding_mask, need_weights=False, is_causal=is_causal
        )
        return out

    def _feedforward(self, x: Any) -> Any:
        """The two maps."""
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, then two affine maps. Mirrors ``torch.nn.TransformerEncoderLayer``.

    Args:
        d_model: The features of the sequences.
        nhead: The heads of attention.
        dim_feedforward: The features between the two maps.
        dropout: The probability of dropout.
        activation: What comes between the maps: a function, or ``"relu"`` or ``"gelu"``.
        layer_norm_eps: The ``eps`` of the normalisations.
        batch_first: Whether the batch comes before the sequence.
        norm_first: Whether each part normalises what comes in, rather than what goes out (Xiong et al. 2020).
        bias: Whether there are biases.
        device: Where the parameters are.
        dtype: Their dtype.

    Example:
        >>> import xpgrad
        >>> layer = xpgrad.nn.TransformerEncoderLayer(d_model=8, nhead=2, batch_first=True)
        >>> layer(xpgrad.randn(3, 5, 8)).shape
        torch.Size([3, 5, 8])
    """

    norm1: LayerNorm
    norm2: LayerNorm
    dropout1: Dropout
    dropout2: Dropout

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Activation = F.relu, layer_norm_eps: float = 1e-5, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        where = {"device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **where)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **where)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **where)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, **where)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, **where)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.activation = _function(activation)
        self.activation_relu_or_gelu = (
            1 if self.activation is F.relu or isinstance(activation, ReLU)
            else 2 if self.activation is F.gelu or isinstance(activation, GELU) else 0
        )  # fmt: skip

    def forward(self, src: Any, src_mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool = False) -> Any:
        """The sequence ``src`` after the layer; the masks are those of `MultiheadAttention`."""
        src_key_padding_mask, src_mask = canonical_masks(src, src_key_padding_mask, src_mask)

        def attention(x: Any) -> Any:
            return self.dropout1(self._attention(x, src_mask, src_key_padding_mask, is_causal))

        def feedforward(x: Any) -> Any:
            return self.dropout2(self._feedforward(x))

        return _in_turn(src, self.norm_first, (attention, self.norm1), (feedforward, self.norm2))


class TransformerDecoderLayer(_Layer):
    """Attention of a sequence to itself, then to the encoder's, then two affine maps.

    Mirrors ``torch.nn.TransformerDecoderLayer``; the arguments are those of `TransformerEncoderLayer`.
    """

    multihead_attn: MultiheadAttention
    norm1: LayerNorm
    norm2: LayerNorm
    norm3: LayerNorm
    dropout1: Dropout
    dropout2: Dropout
    dropout3: Dropout

    def __init__(
        self, d_model: int, nhead: int, dim_feedforward: int = 2048, dropout: float = 0.1,
        activation: str | Activation = F.relu, layer_norm_eps: float = 1e-5, batch_first: bool = False,
        norm_first: bool = False, bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        where = {"device": device, "dtype": dtype}
        self.self_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **where)
        self.multihead_attn = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, **where)
        self.linear1 = Linear(d_model, dim_feedforward, bias, **where)
        self.dropout = Dropout(dropout)
        self.linear2 = Linear(dim_feedforward, d_model, bias, **where)
        self.norm_first = norm_first
        self.norm1 = LayerNorm(d_model, layer_norm_eps, bias=bias, **where)
        self.norm2 = LayerNorm(d_model, layer_norm_eps, bias=bias, **where)
        self.norm3 = LayerNorm(d_model, layer_norm_eps, bias=bias, **where)
        self.dropout1 = Dropout(dropout)
        self.dropout2 = Dropout(dropout)
        self.dropout3 = Dropout(dropout)
        self.activation = _function(activation)

    def forward(
        self, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None, tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None, tgt_is_causal: bool = False, memory_is_causal: bool = False,
    ) -> Any:  # fmt: skip
        """The sequence ``tgt`` after the layer, having attended to the encoder's result ``memory``."""

        def attention(x: Any) -> Any:
            return self.dropout1(self._attention(x, tgt_mask, tgt_key_padding_mask, tgt_is_causal))

        def memories(x: Any) -> Any:
            out, _ = self.multihead_attn(
                x, memory, memory, attn_mask=memory_mask, key_padding_mask=memory_key_padding_mask,
                need_weights=False, is_causal=memory_is_causal,
            )  # fmt: skip
            return self.dropout2(out)

        def feedforward(x: Any) -> Any:
            return self.dropout3(self._feedforward(x))

        return _in_turn(
            tgt, self.norm_first, (attention, self.norm1), (memories, self.norm2), (feedforward, self.norm3)
        )


def _in_turn(x: Any, norm_first: bool, *parts: tuple[Activation, LayerNorm]) -> Any:
    """``x`` with what each part makes of it added, normalised before or after."""
    for part, norm in parts:
        x = x + part(norm(x)) if norm_first else norm(x + part(x))
    return x


def _function(activation: str | Activation) -> Activation:
    """An activation, also by its name.

    Raises:
        SettingError: It is neither of the two names.
    """
    if not isinstance(activation, str):
        return activation
    if activation not in ("relu", "gelu"):
        raise SettingError(f"activation should be relu/gelu, not {activation}")
    return F.relu if activation == "relu" else F.gelu


class TransformerEncoder(Module):
    """Copies of an encoder layer one after the other. Mirrors ``torch.nn.TransformerEncoder``.

    Args:
        encoder_layer: What is copied, a `TransformerEncoderLayer`.
        num_layers: How often.
        norm: A normalisation at the end, or None.
        enable_nested_tensor: Accepted for PyTorch's sake: there are no nested tensors.
        mask_check: Likewise.
    """

    layers: ModuleList

    def __init__(
        self, encoder_layer: Any, num_layers: int, norm: Module | None = None, enable_nested_tensor: bool = True,
        mask_check: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.layers = _copies(encoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm
        self.enable_nested_tensor = enable_nested_tensor
        self.mask_check = mask_check

    def forward(
        self, src: Any, mask: Any = None, src_key_padding_mask: Any = None, is_causal: bool | None = None
    ) -> Any:
        """The sequence ``src`` after all layers; whether ``mask`` is the causal one is found out if not said."""
        src_key_padding_mask, mask = canonical_masks(src, src_key_padding_mask, mask)
        causal = _is_causal(mask, is_causal)
        for layer in self.layers:
            src = layer(src, src_mask=mask, is_causal=causal, src_key_padding_mask=src_key_padding_mask)
        return src if self.norm is None else self.norm(src)


class TransformerDecoder(Module):
    """Copies of a decoder layer one after the other. Mirrors ``torch.nn.TransformerDecoder``.

    Args:
        decoder_layer: What is copied, a `TransformerDecoderLayer`.
        num_layers: How often.
        norm: A normalisation at the end, or None.
    """

    layers: ModuleList

    def __init__(self, decoder_layer: Any, num_layers: int, norm: Module | None = None) -> None:
        super().__init__()
        self.layers = _copies(decoder_layer, num_layers)
        self.num_layers = num_layers
        self.norm = norm

    def forward(
        self, tgt: Any, memory: Any, tgt_mask: Any = None, memory_mask: Any = None, tgt_key_padding_mask: Any = None,
        memory_key_padding_mask: Any = None, tgt_is_causal: bool | None = None, memory_is_causal: bool = False,
    ) -> Any:  # fmt: skip
        """The sequence ``tgt`` after all layers, each of which attends to ``memory``."""
        causal = _is_causal(tgt_mask, tgt_is_causal)
        for layer in self.layers:
            tgt = layer(
                tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
                memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=causal,
                memory_is_causal=memory_is_causal,
            )  # fmt: skip
        return tgt if self.norm is None else self.norm(tgt)


def _copies(layer: Any, count: int) -> ModuleList:
    return ModuleList([copy.deepcopy(layer) for _ in range(count)])


def _is_causal(mask: Any, said: bool | None) -> bool:
    """Whether ``mask`` forbids what comes later, and nothing else."""
    if said is not None or mask is None:
        return bool(said)
    if mask.ndim != 2 or mask.shape[0] != mask.shape[1]:
        return False
    return bool((mask == _causal(mask.shape[0], mask.device, mask.dtype)).all())


def _causal(size: int, device: Any, dtype: Any) -> Any:
    return full((size, size), -math.inf, device=device, dtype=dtype).triu(1)


class Transformer(Module):
    """An encoder and a decoder. Mirrors ``torch.nn.Transformer``.

    Args:
        d_model: The features of the sequences.
        nhead: The heads of attention.
        num_encoder_layers: How many encoder layers.
        num_decoder_layers: How many decoder layers.
        dim_feedforward: The features between the two affine maps of each layer.
        dropout: The probability of dropout.
        activation: What comes between the maps: a function, or ``"relu"`` or ``"gelu"``.
        custom_encoder: In place of the encoder.
        custom_decoder: In place of the decoder.
        layer_norm_eps: The ``eps`` of the normalisations.
        batch_first: Whether the batch comes before the sequence.
        norm_first: Whether each part normalises what comes in, rather than what goes out.
        bias: Whether there are biases.
        device: Where the parameters are.
        dtype: Their dtype.

    Example:
        >>> import xpgrad
        >>> model = xpgrad.nn.Transformer(d_model=8, nhead=2, num_encoder_layers=1, num_decoder_layers=1)
        >>> model(xpgrad.randn(5, 3, 8), xpgrad.randn(4, 3, 8)).shape
        torch.Size([4, 3, 8])
    """

    encoder: Any
    decoder: Any

    def __init__(
        self, d_model: int = 512, nhead: int = 8, num_encoder_layers: int = 6, num_decoder_layers: int = 6,
        dim_feedforward: int = 2048, dropout: float = 0.1, activation: str | Activation = F.relu,
        custom_encoder: Any = None, custom_decoder: Any = None, layer_norm_eps: float = 1e-5,
        batch_first: bool = False, norm_first: bool = False, bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        where = {"device": device, "dtype": dtype}
        settings: tuple[Any, ...] = (
            d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias,
        )  # fmt: skip
        self.encoder = custom_encoder or TransformerEncoder(
            TransformerEncoderLayer(*settings, **where),
            num_encoder_layers,
            LayerNorm(d_model, layer_norm_eps, bias=bias, **where),
        )
        self.decoder = custom_decoder or TransformerDecoder(
            TransformerDecoderLayer(*settings, **where),
            num_decoder_layers,
            LayerNorm(d_model, layer_norm_eps, bias=bias, **where),
        )
        for parameter in self.parameters():
            if parameter.ndim > 1:
                init.xavier_uniform_(parameter)
        self.d_model = d_model
        self.nhead = nhead
        self.batch_first = batch_first

    def forward(
        self, src: Any, tgt: Any, src_mask: Any = None, tgt_mask: Any = None, memory_mask: Any = None,
        src_key_padding_mask: Any = None, tgt_key_padding_mask: Any = None, memory_key_padding_mask: Any = None,
        src_is_causal: bool | None = None, tgt_is_causal: bool | None = None, memory_is_causal: bool = False,
    ) -> Any:  # fmt: skip
        """The sequence ``tgt`` (T, N, E) decoded beside the encoded ``src`` (S, N, E).

        Raises:
            ShapeError: The batches or the features do not fit.
        """
        batch = 0 if self.batch_first else 1
        if src.ndim == 3 and src.shape[batch] != tgt.shape[batch]:
            raise ShapeError(
                f"the batch number of src and tgt must be equal, got {src.shape[batch]} and {tgt.shape[batch]}"
            )
        if not src.shape[-1] == tgt.shape[-1] == self.d_model:
            raise ShapeError(
                f"the feature number of src and tgt must be equal to d_model, got {src.shape[-1]}, {tgt.shape[-1]} and "
                f"{self.d_model}"
            )
        memory = self.encoder(
            src, mask=src_mask, src_key_padding_mask=src_key_padding_mask, is_causal=src_is_causal
        )  # fmt: skip
        return self.decoder(
            tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
            memory_key_padding_mask=memory_key_padding_mask, tgt_is_causal=tgt_is_causal,
            memory_is_causal=memory_is_causal,
        )  # fmt: skip

    @staticmethod
    def generate_square_subsequent_mask(sz: int, device: Any = None, dtype: Any = None) -> Any:
        """The mask (sz, sz) that lets each position meet itself and what comes before: minus infinity after it."""
        return _causal(sz, device, dtype)
