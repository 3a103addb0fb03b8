"""Normalising layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from xpgrad.backends.dtypes import int64
from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError
from xpgrad.functions.creation import empty, zeros
from xpgrad.nn import init
from xpgrad.nn.functional import normalization as F
from xpgrad.nn.modules.module import Module
from xpgrad.nn.parameter import Parameter


class _RunningNorm(Module):
    """What batch and instance normalisation have in common: scale, shift and running statistics of each channel."""

    _version = 2

    # How many dimensions the input may have.
    dimensions: ClassVar[tuple[int, ...]]

    weight: Parameter | None  # (num_features,), ones
    bias: Parameter | None  # (num_features,), zeros
    running_mean: Any  # (num_features,), zeros
    running_var: Any  # (num_features,), ones
    num_batches_tracked: Any  # (), int64

    def __init__(
        self, num_features: int, eps: float, momentum: float | None, affine: bool, track_running_stats: bool,
        device: Any, dtype: Any, bias: bool,
    ) -> None:  # fmt: skip
        super().__init__()
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        options = {"device": device, "dtype": dtype}
        self.register_parameter("weight", Parameter(empty(num_features, **options)) if affine else None)
        self.register_parameter("bias", Parameter(empty(num_features, **options)) if affine and bias else None)
        tracked = track_running_stats
        self.register_buffer("running_mean", empty(num_features, **options) if tracked else None)
        self.register_buffer("running_var", empty(num_features, **options) if tracked else None)
        self.register_buffer("num_batches_tracked", zeros((), dtype=int64, device=device) if tracked else None)
        self.reset_parameters()

    def reset_running_stats(self) -> None:
        """Forget what was seen."""
        if self.track_running_stats:
            self.running_mean.zero_()
            self.running_var.fill_(1)
            self.num_batches_tracked.zero_()

    def reset_parameters(self) -> None:
        """Scale 1 and shift 0, and nothing seen."""
        self.reset_running_stats()
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def _check_dimensions(self, input: Any) -> None:
        """Raise an ArgumentError if ``input`` has another number of dimensions than the layer takes."""
        if input.ndim not in self.dimensions:
            wanted = " or ".join(f"{n}D" for n in self.dimensions)
            raise ArgumentError(f"expected {wanted} input (got {input.ndim}D input)")

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={self.affine}, "
            f"bias={self.bias is not None}, track_running_stats={self.track_running_stats}"
        )

    def _load_from_state_dict(
        self, state_dict: Mapping[str, Any], prefix: str, local_metadata: dict[str, Any], *rest: Any
    ) -> None:
        key = f"{prefix}num_batches_tracked"
        if self.track_running_stats and key not in state_dict and local_metadata.get("version", 1) < 2:
            # Saved by a PyTorch before 0.4.1, which did not count the batches.
            state_dict = {**state_dict, key: self.num_batches_tracked}
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)


class _BatchNorm(_RunningNorm):
    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float | None = 0.1, affine: bool = True,
        track_running_stats: bool = True, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Any) -> Any:
        """``input`` normalised in each channel, then scaled and shifted."""
        self._check_dimensions(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        training, mean, variance = self.training, self.running_mean, self.running_var
        if training:
            if not self.track_running_stats:
                mean = variance = None
            elif self.num_batches_tracked is not None:
                with no_grad():
                    self.num_batches_tracked.add_(1)
                if self.momentum is None:
                    # The mean of all batches, each counting the same.
                    momentum = 1.0 / float(self.num_batches_tracked)
        by_batch = training or (mean is None and variance is None)
        return F.batch_norm(input, mean, variance, self.weight, self.bias, by_batch, momentum, self.eps)


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of (N, C) or (N, C, L); see `BatchNorm2d`. Mirrors ``torch.nn.BatchNorm1d``."""

    dimensions = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of (N, C, H, W): each channel to mean 0 and variance 1. Mirrors ``torch.nn.BatchNorm2d``.

    While training by the statistics of the batch, of which running means are kept; in evaluation by these.

    Args:
        num_features: C.
        eps: What is added to the variance.
        momentum: How far the running statistics move towards those of a batch; None for the mean of all batches.
        affine: Whether to scale and shift afterwards.
        track_running_stats: Whether to keep running statistics; without, evaluation uses the batch's too.
        device: Where the parameters are.
        dtype: Their dtype.
        bias: Whether to shift, if ``affine``.

    Source: Ioffe and Szegedy 2015.

    Example:
        >>> import xpgrad
        >>> x = xpgrad.nn.BatchNorm2d(3)(xpgrad.randn(8, 3, 4, 4) * 5 + 2)
        >>> bool(x.mean((0, 2, 3)).abs().max() < 1e-5)
        True
    """

    dimensions = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of (N, C, D, H, W); see `BatchNorm2d`. Mirrors ``torch.nn.BatchNorm3d``."""

    dimensions = (5,)


class _InstanceNorm(_RunningNorm):
    def __init__(
        self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = False,
        track_running_stats: bool = False, device: Any = None, dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias)

    def forward(self, input: Any) -> Any:
        """``input`` normalised in each channel of each sample, then scaled and shifted."""
        self._check_dimensions(input)
        unbatched, batched = self.dimensions
        batch = input if input.ndim == batched else input.unsqueeze(0)
        if self.affine and batch.shape[1] != self.num_features:
            raise ArgumentError(
                f"expected input's size at dim={1 - (input.ndim == unbatched)} to match num_features "
                f"({self.num_features}), but got: {batch.shape[1]}."
            )
        by_instance = self.training or not self.track_running_stats
        out = F.instance_norm(
            batch, self.running_mean, self.running_var, self.weight, self.bias, by_instance, self.momentum or 0.0,
            self.eps,
        )  # fmt: skip
        return out if input.ndim == batched else out.squeeze(0)


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of (N, C, L) or (C, L); see `InstanceNorm2d`. Mirrors ``torch.nn.InstanceNorm1d``."""

    dimensions = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Each channel of each sample of (N, C, H, W) or (C, H, W) to mean 0 and variance 1.

    Mirrors ``torch.nn.InstanceNorm2d``.

    The arguments are those of `BatchNorm2d`; by default it neither scales nor keeps running statistics.

    Source: Ulyanov, Vedaldi and Lempitsky 2016.
    """

    dimensions = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of (N, C, D, H, W); see `InstanceNorm2d`. Mirrors ``torch.nn.InstanceNorm3d``."""

    dimensions = (4, 5)


class LayerNorm(Module):
    """The last dimensions of each sample to mean 0 and variance 1. Mirrors ``torch.nn.LayerNorm``.

    Args:
        normalized_shape: The lengths of these dimensions; a number for the last one alone.
        eps: What is added to the variance.
        elementwise_affine: Whether to scale and shift afterwards.
        bias: Whether to shift, if ``elementwise_affine``.
        device: Where the parameters are.
        dtype: Their dtype.

    Source: Ba, Kiros and Hinton 2016.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.LayerNorm(2)(xpgrad.tensor([[1.0, 3.0], [10.0, 30.0]]))
        tensor([[-1.0000,  1.0000],
                [-1.0000,  1.0000]], grad_fn=<NativeLayerNormBackward0>)
    """

    weight: Parameter | None  # normalized_shape, ones
    bias: Parameter | None  # normalized_shape, zeros

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float = 1e-5, elementwise_affine: bool = True,
        bias: bool = True, device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        made = [Parameter(empty(self.normalized_shape, device=device, dtype=dtype)) for _ in range(2)]
        self.register_parameter("weight", made[0] if elementwise_affine else None)
        self.register_parameter("bias", made[1] if elementwise_affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Scale 1 and shift 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Any) -> Any:
        """``input`` normalised over its last dimensions, then scaled and shifted."""
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}, "
            f"bias={self.bias is not None}"
        )


class RMSNorm(Module):
    """The last dimensions of each sample divided by the root of their mean square. Mirrors ``torch.nn.RMSNorm``.

    Args:
        normalized_shape: The lengths of these dimensions; a number for the last one alone.
        eps: What is added to the mean square; the dtype's epsilon by default.
        elementwise_affine: Whether to scale afterwards.
        device: Where the parameter is.
        dtype: Its dtype.

    Source: Zhang and Sennrich 2019.
    """

    weight: Parameter | None  # normalized_shape, ones

    def __init__(
        self, normalized_shape: int | Sequence[int], eps: float | None = None, elementwise_affine: bool = True,
        device: Any = None, dtype: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.normalized_shape = _shape(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        made = Parameter(empty(self.normalized_shape, device=device, dtype=dtype)) if elementwise_affine else None
        self.register_parameter("weight", made)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Scale 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: Any) -> Any:
        """``input`` normalised over its last dimensions, then scaled."""
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)

    def extra_repr(self) -> str:
        """The settings."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.elementwise_affine}"


class GroupNorm(Module):
    """Each group of channels of each sample of (N, C, *) to mean 0 and variance 1. Mirrors ``torch.nn.GroupNorm``.

    Args:
        num_groups: How many groups; it divides ``num_channels``.
        num_channels: C.
        eps: What is added to the variance.
        affine: Whether to scale and shift each channel afterwards.
        device: Where the parameters are.
        dtype: Their dtype.
        bias: Whether to shift, if ``affine``.

    Raises:
        ArgumentError: ``num_groups`` does not divide ``num_channels``.

    Source: Wu and He 2018.
    """

    weight: Parameter | None  # (num_channels,), ones
    bias: Parameter | None  # (num_channels,), zeros

    def __init__(
        self, num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True, device: Any = None,
        dtype: Any = None, *, bias: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        if num_channels % num_groups:
            raise ArgumentError(f"num_channels ({num_channels}) must be divisible by num_groups ({num_groups})")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        made = [Parameter(empty(num_channels, device=device, dtype=dtype)) for _ in range(2)]
        self.register_parameter("weight", made[0] if affine else None)
        self.register_parameter("bias", made[1] if affine and bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Scale 1 and shift 0."""
        if self.weight is not None:
            init.ones_(self.weight)
        if self.bias is not None:
            init.zeros_(self.bias)

    def forward(self, input: Any) -> Any:
        """``input`` normalised in each group of channels, then scaled and shifted."""
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.affine}, "
            f"bias={self.bias is not None}"
        )


class LocalResponseNorm(Module):
    """Each element of (N, C, *) divided by a power of the mean square over neighbouring channels.

    Mirrors ``torch.nn.LocalResponseNorm``.

    Args:
        size: How many channels count as neighbours.
        alpha, beta, k: The divisor is ``(k + alpha * mean_square) ** beta``.

    Source: Krizhevsky, Sutskever and Hinton 2012, section 3.3.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Any) -> Any:
        """``input`` divided by what its neighbours say."""
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)

    def extra_repr(self) -> str:
        """The settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


class CrossMapLRN2d(Module):
    """`LocalResponseNorm` of (N, C, H, W) as old Torch networks have it. Mirrors ``torch.nn.CrossMapLRN2d``.

    As there, the first channel stays a neighbour of all that come after it.

    Args:
        size: How many channels count as neighbours.
        alpha, beta, k: The divisor is ``(k + alpha / size * sum_of_squares) ** beta``.
    """

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Any) -> Any:
        """``input`` divided by what its neighbours say."""
        channels, reach = input.shape[1], (self.size - 1) // 2 + 1
        near = [
            [float(j < c + reach and (j == 0 or c <= reach or j > c - reach)) for j in range(channels)]
            for c in range(channels)
        ]
        squares = (input * input).flatten(2)
        sums = (input.new_tensor(near) @ squares).reshape(input.shape)
        return input * (sums * (self.alpha / self.size) + self.k) ** -self.beta

    def extra_repr(self) -> str:
        """The settings."""
        return f"{self.size}, alpha={self.alpha}, beta={self.beta}, k={self.k}"


def _shape(normalized_shape: int | Sequence[int]) -> tuple[int, ...]:
    return (normalized_shape,) if isinstance(normalized_shape, int) else tuple(normalized_shape)
