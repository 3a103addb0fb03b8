"""Pooling by norms. Their results are those of the functions of like names in `xpgrad.nn.functional`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from xpgrad.nn.functional import power_pooling as F
from xpgrad.nn.functional.pooling import Sizes
from xpgrad.nn.modules.module import Module


class _LPPoolNd(Module):
    pool: ClassVar[Callable[..., Any]]

    def __init__(
        self, norm_type: float, kernel_size: Sizes, stride: Sizes | None = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def forward(self, input: Any) -> Any:
        """The norm of each window."""
        return type(self).pool(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)

    def extra_repr(self) -> str:
        """The settings."""
        return (
            f"norm_type={self.norm_type}, kernel_size={self.kernel_size}, stride={self.stride}, "
            f"ceil_mode={self.ceil_mode}"
        )


class LPPool1d(_LPPoolNd):
    """The ``norm_type``-norm of each window of (N, C, L). Mirrors ``torch.nn.LPPool1d``."""

    pool = F.lp_pool1d


class LPPool2d(_LPPoolNd):
    """The ``norm_type``-norm of each window of (N, C, H, W). Mirrors ``torch.nn.LPPool2d``."""

    pool = F.lp_pool2d


class LPPool3d(_LPPoolNd):
    """The ``norm_type``-norm of each window of (N, C, D, H, W). Mirrors ``torch.nn.LPPool3d``."""

    pool = F.lp_pool3d
