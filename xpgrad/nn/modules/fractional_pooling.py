"""Pooling by windows at random steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from xpgrad.errors import ArgumentError
from xpgrad.nn.functional import fractional_pooling as F
from xpgrad.nn.functional.checks import per_dimension
from xpgrad.nn.functional.fractional_pooling import Ratios
from xpgrad.nn.functional.pooling import Sizes
from xpgrad.nn.modules.module import Module


class _FractionalMaxPoolNd(Module):
    pool: ClassVar[Callable[..., Any]]
    ndim: ClassVar[int]

    def __init__(
        self, kernel_size: Sizes, output_size: Sizes | None = None, output_ratio: Ratios = None,
        return_indices: bool = False, _random_samples: Any = None,
    ) -> None:  # fmt: skip
        super().__init__()
        name = type(self).__name__
        if output_size is None and output_ratio is None:
            raise ArgumentError(f"{name} requires specifying either an output size, or a pooling ratio")
        if output_size is not None and output_ratio is not None:
            raise ArgumentError("only one of output_size and output_ratio may be specified")
        if isinstance(output_ratio, (int, float)):
            output_ratio = (output_ratio,) * self.ndim
        if output_ratio is not None and not all(0 < ratio < 1 for ratio in output_ratio):
            raise ArgumentError(f"output_ratio must be between 0 and 1 (got {output_ratio})")
        self.kernel_size = per_dimension(name, "kernel_size", kernel_size, self.ndim)
        self.return_indices = return_indices
        self.register_buffer("_random_samples", _random_samples)
        self.output_size: tuple[int, ...] | None = None
        if output_size is not None:
            self.output_size = per_dimension(name, "output_size", output_size, self.ndim)
        self.output_ratio = output_ratio

    def forward(self, input: Any) -> Any:
        """The largest element of each window, with ``return_indices`` also where each is."""
        return type(self).pool(
            input, self.kernel_size, self.output_size, self.output_ratio, self.return_indices,
            _random_samples=self._random_samples,
        )  # fmt: skip


class FractionalMaxPool2d(_FractionalMaxPoolNd):
    """The largest element of each of so many windows at random steps. Mirrors ``torch.nn.FractionalMaxPool2d``.

    Args:
        kernel_size: The size of a window, one number or one for each spatial dimension.
        output_size: The size of the result, likewise; or else
        output_ratio: Its size as a fraction, between 0 and 1, of that of the input.
        return_indices: Return where each is, too: its flat spatial index.
        _random_samples: (N, C, 2), in place of random numbers.

    Raises:
        ArgumentError: Neither or both of ``output_size`` and ``output_ratio``, or a ratio out of range.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.FractionalMaxPool2d(3, output_ratio=0.5)(xpgrad.randn(20, 16, 50, 32)).shape
        torch.Size([20, 16, 25, 16])
    """

    ndim, pool = 2, F.fractional_max_pool2d


class FractionalMaxPool3d(_FractionalMaxPoolNd):
    """The same of (N, C, D, H, W); see `FractionalMaxPool2d`. Mirrors ``torch.nn.FractionalMaxPool3d``."""

    ndim, pool = 3, F.fractional_max_pool3d
