"""Attention. Mirrors that of ``torch.nn.functional``.

Query, key and value are sequences of L, S and S vectors; a mask (L, S) says which of them may meet.
"""

from __future__ import annotations

import math
import warnings
from typing import Any

from xpgrad.array_api.operands import cast
from xpgrad.backends.dtypes import float32
from xpgrad.errors import AttentionError, DtypeError, SettingError, ShapeError
from xpgrad.functions.activation import _safe_softmax
from xpgrad.functions.affine import baddbmm
from xpgrad.functions.broadcasting import repeat_interleave
from xpgrad.functions.checks import kind_of
from xpgrad.functions.joining import cat
from xpgrad.functions.linalg import bmm, matmul
from xpgrad.functions.pointwise import where
from xpgrad.functions.reduction import softmax
from xpgrad.functions.shape import unflatten
from xpgrad.nn.functional.dropout import dropout
from xpgrad.nn.functional.linear import linear
from xpgrad.nn.functional.padding import pad


def scaled_dot_product_attention(
    query: Any, key: Any, value: Any, attn_mask: Any = None, dropout_p: float = 0.0, is_causal: bool = False,
    scale: float | None = None, enable_gqa: bool = False,
) -> Any:  # fmt: skip
    """``softmax(query @ key.T * scale + mask) @ value`` (Vaswani et al. 2017, 3.2.1).

    Args:
        query: (..., H, L, E).
        key: (..., H, S, E).
        value: (..., H, S, V).
        attn_mask: What is added to the products, or as booleans which of them count, broadcasting to (..., L, S).
        dropout_p: The probability with which a weight is zeroed.
        is_causal: Whether a query meets only the keys up to its own position.
        scale: ``1 / sqrt(E)`` by default.
        enable_gqa: Whether key and value may have fewer heads, each of which serves several of the query.

    Returns:
        (..., H, L, V); zeros for a query that meets nothing.

    Raises:
        DtypeError: The dtypes differ.
        SettingError: Both ``attn_mask`` and ``is_causal`` are given.
        ShapeError: The shapes do not fit.
    """
    _check(query, key, value)
    if is_causal:
        if attn_mask is not None:
            raise SettingError(
                "scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True: give one"
            )
        attn_mask = query.new_ones(query.shape[-2], key.shape[-2]).bool().tril()
    if enable_gqa:
        heads = query.shape[-3]
        key, value = (repeat_interleave(x, heads // x.shape[-3], -3) for x in (key, value))
    narrow = query.dtype if query.dtype.itemsize == 2 else None
    if narrow is not None:
        query, key, value = (cast(x, float32) for x in (query, key, value))
    # Half of the scale on either side keeps the products in range.
    share = math.sqrt(1.0 / math.sqrt(query.shape[-1]) if scale is None else abs(scale))
    left = query * (-share if scale is not None and scale < 0 else share)
    scores = matmul(left, (key * share).mT)
    if attn_mask is None:
        weights = softmax(scores, -1)
    else:
        weights = _safe_softmax(scores + _additive("attn_mask", attn_mask, query.dtype, keeps=True), -1)
    result = matmul(dropout(weights, dropout_p) if dropout_p > 0.0 else weights, value)
    return result if narrow is None else cast(result, narrow)


def _check(query: Any, key: Any, value: Any) -> None:
    if not query.dtype is key.dtype is value.dtype:
        raise DtypeError(
            "Expected query, key, and value to have the same dtype, but got query.dtype: "
            f"{kind_of(query)} key.dtype: {kind_of(key)} and value.dtype: {kind_of(value)} instead."
        )
    if min(query.ndim, key.ndim, value.ndim) < 2:
        raise ShapeError(
            "Expected query, key, and value to all be at least 2 dimensional, but got query.dim(): "
            f"{query.ndim}, key.dim(): {key.ndim} and value.dim(): {value.ndim} instead."
        )


def _additive(name: str, mask: Any, dtype: Any, *, keeps: bool = False) -> Any:
    """A mask to add to scores: a boolean one as 0 and minus infinity.

    Args:
        name: What to call it in errors.
        mask: Booleans, or floats, which are taken as they are.
        dtype: The dtype of the scores.
        keeps: Whether True means that the score counts, rather than that it does not.

    Raises:
        AttentionError: The mask holds integers.
    """
    if mask.dtype.is_floating_point:
        return mask
    if mask.dtype.kind != "bool":
        raise AttentionError(f"only bool and floating types of {name} are supported, got {mask.dtype}")
    return where(~mask if keeps else mask, -math.inf, mask.new_zeros((), dtype=dtype))


def canonical_masks(query: Any, key_padding_mask: Any, attn_mask: Any) -> tuple[Any, Any]:
    """The two masks of multi-head attention as floats to add, None where there is none."""
    if key_padding_mask is not None:
        if attn_mask is not None and attn_mask.dtype is not key_padding_mask.dtype:
            warnings.warn(
                "Support for mismatched key_padding_mask and attn_mask is deprecated. Use same type for both instead.",
                stacklevel=3,
            )
        key_padding_mask = _additive("key_padding_mask", key_padding_mask, query.dtype)
    return key_padding_mask, None if attn_mask is None else _additive("attn_mask", attn_mask, query.dtype)


def multi_head_attention_forward(
    query: Any, key: Any, value: Any, embed_dim_to_check: int, num_heads: int, in_proj_weight: Any, in_proj_bias: Any,
    bias_k: Any, bias_v: Any, add_zero_attn: bool, dropout_p: float, out_proj_weight: Any, out_proj_bias: Any,
    training: bool = True, key_padding_mask: Any = None, need_weights: bool = True, attn_mask: Any = None,
    use_separate_proj_weight: bool = False, q_proj_weight: Any = None, k_proj_weight: Any = None,
    v_proj_weight: Any = None, static_k: Any = None, static_v: Any = None, average_attn_weights: bool = True,
    is_causal: bool = False,
) -> tuple[Any, Any]:  # fmt: skip
    """Attention of several heads, each on projections of its own (Vaswani et al. 2017, 3.2.2).

    Args:
        query: (L, N, E) or (L, E).
        key: (S, N, kdim) or (S, kdim).
        value: (S, N, vdim) or (S, vdim).
        embed_dim_to_check: E.
        num_heads: How many heads share the E features.
        in_proj_weight: (3 E, E), the three projections.
        in_proj_bias: (3 E,) or None.
        bias_k: (1, 1, E), a key put to the others, or None.
        bias_v: (1, 1, E), its value, or None.
        add_zero_attn: Whether a key and a value of zeros are put to the others.
        dropout_p: The probability with which a weight is zeroed while ``training``.
        out_proj_weight: (E, E), the last projection.
        out_proj_bias: (E,) or None.
        training: Whether there is dropout.
        key_padding_mask: (N, S) or (S,): True, or minus infinity, at keys that do not count.
        need_weights: Whether the weights are returned too.
        attn_mask: (L, S) or (N * num_heads, L, S): True, or minus infinity, where a query does not meet a key.
        use_separate_proj_weight: Whether the projections are the next three instead of ``in_proj_weight``.
        q_proj_weight: (E, E).
        k_proj_weight: (E, kdim).
        v_proj_weight: (E, vdim).
        static_k: (N * num_heads, S, E / num_heads), keys in place of the projected ones.
        static_v: (N * num_heads, S, E / num_heads), values in place of the projected ones.
        average_attn_weights: Whether the weights are those of all heads together.
        is_causal: Says that ``attn_mask`` is the causal mask.

    Returns:
        The result (L, N, E) or (L, E), and the weights (N, L, S), (N, num_heads, L, S), without N for one sample, or
        None.

    Raises:
        AttentionError: The arguments do not go together.
        SettingError: ``is_causal`` without ``attn_mask``.
        ShapeError: The mask has another shape.
    """
    batched = _check_dimensions(query, key, value, key_padding_mask, attn_mask, num_heads)
    if is_causal and attn_mask is None:
        raise SettingError(
            "Need attn_mask if specifying the is_causal hint. You may use the Transformer module method "
            "`generate_square_subsequent_mask` to create this mask."
        )
    if not batched:
        query, key, value = (x.unsqueeze(1) for x in (query, key, value))
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    length, count, features = query.shape
    key_padding_mask, attn_mask = canonical_masks(query, key_padding_mask, attn_mask)
    # The hint is taken for the mask where nothing else needs that, as in PyTorch.
    is_causal = is_causal and key_padding_mask is None and not need_weights
    _check_sizes(query, key, value, embed_dim_to_check, num_heads, use_separate_proj_weight)
    if is_causal:
        attn_mask = None
    elif attn_mask is not None:
        attn_mask = _three_dimensional(attn_mask, (length, key.shape[0]), count * num_heads)

    if use_separate_proj_weight:
        weights = [q_proj_weight, k_proj_weight, v_proj_weight]
        if any(w is None for w in weights):
            raise AttentionError("use_separate_proj_weight is True but q_proj_weight, k_proj_weight or v_proj_weight "
                                 "is None")  # fmt: skip
    elif in_proj_weight is None:
        raise AttentionError("use_separate_proj_weight is False but in_proj_weight is None")
    else:
        weights = in_proj_weight.chunk(3)
    biases = (None,) * 3 if in_proj_bias is None else in_proj_bias.chunk(3)
    q, k, v = (linear(x, w, b) for x, w, b in zip((query, key, value), weights, biases, strict=True))

    added = 0
    if bias_k is not None or bias_v is not None:
        if bias_k is None or bias_v is None or static_k is not None or static_v is not None:
            raise AttentionError("bias_k and bias_v go together, and cannot be added to static keys or values")
        k, v = (cat([x, bias.repeat(1, count, 1)]) for x, bias in ((k, bias_k), (v, bias_v)))
        added += 1
    heads = count * num_heads
    q, k, v = (x.reshape(x.shape[0], heads, features // num_heads).transpose(0, 1) for x in (q, k, v))
    k = k if static_k is None else _static("static_k", static_k, heads, features // num_heads)
    v = v if static_v is None else _static("static_v", static_v, heads, features // num_heads)
    if add_zero_attn:
        k, v = (cat([x, x.new_zeros(heads, 1, x.shape[2])], 1) for x in (k, v))
        added += 1
    mask = _merged(attn_mask, key_padding_mask, added, num_heads, k.shape[1])

    p = dropout_p if training else 0.0
    if need_weights:
        scale = math.sqrt(1.0 / q.shape[-1])
        scores = bmm(q * scale, k.mT) if mask is None else baddbmm(mask, q * scale, k.mT)
        attention = softmax(scores, -1)
        mixed = bmm(dropout(attention, p) if p > 0.0 else attention, v)
        attention = unflatten(attention, 0, (count, num_heads))
        attention = attention.mean(1) if average_attn_weights else attention
    else:
        q, k, v = (unflatten(x, 0, (count, num_heads)) for x in (q, k, v))
        mask = unflatten(mask, 0, (count, num_heads)) if mask is not None and mask.shape[0] > 1 else mask
        mixed = scaled_dot_product_attention(q, k, v, mask, p, is_causal).flatten(0, 1)
        attention = None
    out = linear(mixed.transpose(0, 1).reshape(length * count, features), out_proj_weight, out_proj_bias)
    out = out.reshape(length, count, out.shape[1])
    if batched:
        return out, attention
    return out.squeeze(1), None if attention is None else attention.squeeze(0)


def _check_dimensions(query: Any, key: Any, value: Any, key_padding_mask: Any, attn_mask: Any, num_heads: int) -> bool:
    """Whether there is a batch dimension.

    Raises:
        AttentionError: The numbers of dimensions do not go together.
    """
    if query.ndim not in (2, 3):
        raise AttentionError(
            f"query should be unbatched 2D or batched 3D tensor but received {query.ndim}-D query tensor"
        )
    kind = f"For {'batched (3-D)' if query.ndim == 3 else 'unbatched (2-D)'} `query`"
    if key.ndim != query.ndim or value.ndim != query.ndim:
        raise AttentionError(
            f"{kind}, expected `key` and `value` to be {query.ndim}-D but found {key.ndim}-D and {value.ndim}-D "
            "tensors respectively"
        )
    if key_padding_mask is not None and key_padding_mask.ndim != query.ndim - 1:
        raise AttentionError(
            f"{kind}, expected `key_padding_mask` to be `None` or {query.ndim - 1}-D but found "
            f"{key_padding_mask.ndim}-D tensor instead"
        )
    if attn_mask is not None and attn_mask.ndim not in (2, 3):
        raise AttentionError(
            f"{kind}, expected `attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.ndim}-D tensor instead"
        )
    expected = (num_heads, query.shape[0], key.shape[0])
    if query.ndim == 2 and attn_mask is not None and attn_mask.ndim == 3 and tuple(attn_mask.shape) != expected:
        raise AttentionError(f"Expected `attn_mask` shape to be {expected} but got {tuple(attn_mask.shape)}")
    return bool(query.ndim == 3)


def _check_sizes(query: Any, key: Any, value: Any, embed_dim: int, num_heads: int, separate: bool) -> None:
    if query.shape[-1] != embed_dim:
        raise AttentionError(f"was expecting embedding dimension of {embed_dim}, but got {query.shape[-1]}")
    if embed_dim % num_heads:
        raise AttentionError(f"embed_dim {embed_dim} not divisible by num_heads {num_heads}")
    if separate and key.shape[:2] != value.shape[:2]:
        raise AttentionError(f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}")
    if not separate and key.shape != value.shape:
        raise AttentionError(f"key shape {key.shape} does not match value shape {value.shape}")


def _three_dimensional(mask: Any, lengths: tuple[int, int], heads: int) -> Any:
    """An ``attn_mask`` as (heads, L, S), or (1, L, S) for all heads.

    Raises:
        ShapeError: It has another shape.
    """
    wanted = lengths if mask.ndim == 2 else (heads, *lengths)
    if tuple(mask.shape) != wanted:
        raise ShapeError(f"The shape of the {mask.ndim}D attn_mask is {mask.shape}, but should be {wanted}.")
    return mask.unsqueeze(0) if mask.ndim == 2 else mask


def _static(name: str, x: Any, heads: int, features: int) -> Any:
    if (x.shape[0], x.shape[2]) != (heads, features):
        raise AttentionError(f"expecting {name} of size ({heads}, *, {features}), but got {tuple(x.shape)}")
    return x


def _merged(attn_mask: Any, key_padding_mask: Any, added: int, num_heads: int, keys: int) -> Any:
    """Both masks as one to add to the scores of all heads, or None; ``added`` keys come after what they know."""
    if added:
        attn_mask, key_padding_mask = (
            None if mask is None else pad(mask, (0, added)) for mask in (attn_mask, key_padding_mask)
        )
    if key_padding_mask is None:
        return attn_mask
    count = key_padding_mask.shape[0]
    if key_padding_mask.shape[1] != keys:
        raise AttentionError(f"Expected key_padded_mask.shape[1] to be {keys}, but got {key_padding_mask.shape[1]}")
    spread = key_padding_mask.reshape(count, 1, 1, keys).expand(-1, num_heads, -1, -1)
    spread = spread.reshape(count * num_heads, 1, keys)
    return spread if attn_mask is None else attn_mask + spread
