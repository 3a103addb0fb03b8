"""Multi-head attention."""

from __future__ import annotations

from typing import Any

from xpgrad.errors import ArgumentError, AttentionError
from xpgrad.functions.creation import empty
from xpgrad.nn import init
from xpgrad.nn.functional.attention import multi_head_attention_forward
from xpgrad.nn.modules.linear import Linear
from xpgrad.nn.modules.module import Module
from xpgrad.nn.parameter import Parameter


class NonDynamicallyQuantizableLinear(Linear):
    """A `Linear` under the name that PyTorch's text has for the last projection of attention."""


class MultiheadAttention(Module):
    """Attention of several heads, each on projections of its own. Mirrors ``torch.nn.MultiheadAttention``.

    Args:
        embed_dim: E, the features of query and result.
        num_heads: How many heads share them.
        dropout: The probability with which a weight is zeroed in training.
        bias: Whether the projections have biases.
        add_bias_kv: Whether a trained key and value are put to the others.
        add_zero_attn: Whether a key and value of zeros are put to the others.
        kdim: The features of keys, E by default.
        vdim: The features of values, E by default.
        batch_first: Whether the batch comes before the sequence.
        device: Where the parameters are.
        dtype: Their dtype.

    Raises:
        ArgumentError: A size is not positive.
        AttentionError: The heads do not divide the features.

    Source: Vaswani et al. 2017, section 3.2.2.

    Example:
        >>> import xpgrad
        >>> x = xpgrad.randn(2, 5, 8)
        >>> out, weights = xpgrad.nn.MultiheadAttention(8, 2, batch_first=True)(x, x, x)
        >>> out.shape, weights.shape
        (torch.Size([2, 5, 8]), torch.Size([2, 5, 5]))
    """

    in_proj_weight: Parameter | None  # (3 E, E), or None and the next three
    q_proj_weight: Parameter | None  # (E, E)
    k_proj_weight: Parameter | None  # (E, kdim)
    v_proj_weight: Parameter | None  # (E, vdim)
    in_proj_bias: Parameter | None  # (3 E,)
    out_proj: Linear  # E to E
    bias_k: Parameter | None  # (1, 1, E)
    bias_v: Parameter | None  # (1, 1, E)

    def __init__(
        self, embed_dim: int, num_heads: int, dropout: float = 0.0, bias: bool = True, add_bias_kv: bool = False,
        add_zero_attn: bool = False, kdim: int | None = None, vdim: int | None = None, batch_first: bool = False,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        if embed_dim <= 0 or num_heads <= 0:
            raise ArgumentError(
                f"embed_dim and num_heads must be greater than 0, got embed_dim={embed_dim} and num_heads={num_heads} "
                "instead"
            )
        super().__init__()
        self.embed_dim = embed_dim
        self.kdim = embed_dim if kdim is None else kdim
        self.vdim = embed_dim if vdim is None else vdim
        self._qkv_same_embed_dim = self.kdim == self.vdim == embed_dim
        self.num_heads = num_heads
        self.dropout = dropout
        self.batch_first = batch_first
        self.head_dim = embed_dim // num_heads
        if self.head_dim * num_heads != embed_dim:
            raise AttentionError(f"embed_dim must be divisible by num_heads, got {embed_dim} and {num_heads}")

        shapes: dict[str, Any] = {"in_proj_weight": (3 * embed_dim, embed_dim)}
        if not self._qkv_same_embed_dim:
            sizes = {"q": embed_dim, "k": self.kdim, "v": self.vdim}
            shapes = {f"{name}_proj_weight": (embed_dim, size) for name, size in sizes.items()}
        shapes["in_proj_bias"] = (3 * embed_dim,) if bias else None
        shapes["bias_k"] = shapes["bias_v"] = (1, 1, embed_dim) if add_bias_kv else None
        for name in _PARAMETERS:
            shape = shapes.get(name)
            made = None if shape is None else Parameter(empty(shape, device=device, dtype=dtype))
            self.register_parameter(name, made)
        self.out_proj = NonDynamicallyQuantizableLinear(embed_dim, embed_dim, bias, device, dtype)
        self.add_zero_attn = add_zero_attn
        self._reset_parameters()

    def _reset_parameters(self) -> None:
        """Draw the parameters anew; the biases of the projections are zero."""
        for weight in (self.in_proj_weight, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight):
            if weight is not None:
                init.xavier_uniform_(weight)
        for bias in (self.in_proj_bias, self.out_proj.bias):
            if bias is not None:
                init.constant_(bias, 0.0)
        for extra in (self.bias_k, self.bias_v):
            if extra is not None:
                init.xavier_normal_(extra)

    def forward(
        self, query: Any, key: Any, value: Any, key_padding_mask: Any = None, need_weights: bool = True,
        attn_mask: Any = None, average_attn_weights: bool = True, is_causal: bool = False,
    ) -> tuple[Any, Any]:  # fmt: skip
        """What the queries find, and with which weights; see `multi_head_attention_forward`.

        Sequences are (L, N, E), (N, L, E) with ``batch_first``, or (L, E).
        """
        turned = self.batch_first and query.ndim == 3
        if turned:
            query, key, value = (x.transpose(0, 1) for x in (query, key, value))
        out, weights = multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight, self.in_proj_bias, self.bias_k,
            self.bias_v, self.add_zero_attn, self.dropout, self.out_proj.weight, self.out_proj.bias,
            training=self.training, key_padding_mask=key_padding_mask, need_weights=need_weights,
            attn_mask=attn_mask, use_separate_proj_weight=not self._qkv_same_embed_dim,
            q_proj_weight=self.q_proj_weight, k_proj_weight=self.k_proj_weight, v_proj_weight=self.v_proj_weight,
            average_attn_weights=average_attn_weights, is_causal=is_causal,
        )  # fmt: skip
        return (out.transpose(0, 1) if turned else out), weights


# In PyTorch's order, which is that of `state_dict`.
_PARAMETERS = (
    "q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_weight", "in_proj_bias", "bias_k", "bias_v",
)  # fmt: skip
