"""Layers that change the size of images."""

from __future__ import annotations

from typing import Any

from xpgrad.nn.functional.interpolation import Factor, Size, interpolate
from xpgrad.nn.modules.module import Module


class Upsample(Module):
    """(N, C, *S) in another spatial size; see `nn.functional.interpolate`. Mirrors ``torch.nn.Upsample``.

    Args:
        size: The spatial size of the result, one number or one for each dimension; or else
        scale_factor: How many times as large, likewise.
        mode: ``"nearest"``, ``"linear"``, ``"bilinear"``, ``"bicubic"`` or ``"trilinear"``.
        align_corners: Whether the centres of the first and last elements stay where they are, rather than their edges.
        recompute_scale_factor: Whether to weigh by the sizes, not by the ``scale_factor`` they were computed from.

    Example:
        >>> import xpgrad
        >>> xpgrad.nn.Upsample(scale_factor=2)(xpgrad.tensor([[[1.0, 2.0]]]))
        tensor([[[1., 1., 2., 2.]]])
    """

    def __init__(
        self, size: Size = None, scale_factor: Factor = None, mode: str = "nearest",
        align_corners: bool | None = None, recompute_scale_factor: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.name = type(self).__name__
        self.size = size
        if isinstance(scale_factor, (tuple, list)):
            self.scale_factor: Factor = tuple(float(factor) for factor in scale_factor)
        else:
            self.scale_factor = float(scale_factor) if scale_factor else None  # type: ignore[arg-type]
        self.mode = mode
        self.align_corners = align_corners
        self.recompute_scale_factor = recompute_scale_factor

    def forward(self, input: Any) -> Any:
        """``input`` in another size."""
        return interpolate(
            input, self.size, self.scale_factor, self.mode, self.align_corners, self.recompute_scale_factor
        )

    def extra_repr(self) -> str:
        """The factor or size, and the mode."""
        size = f"size={self.size}" if self.scale_factor is None else f"scale_factor={self.scale_factor}"
        return f"{size}, mode={self.mode!r}"


class UpsamplingNearest2d(Upsample):
    """(N, C, H, W) in another size, by the nearest element. Mirrors ``torch.nn.UpsamplingNearest2d``."""

    def __init__(self, size: Size = None, scale_factor: Factor = None) -> None:
        super().__init__(size, scale_factor, mode="nearest")


class UpsamplingBilinear2d(Upsample):
    """(N, C, H, W) in another size, bilinear with corners aligned. Mirrors ``torch.nn.UpsamplingBilinear2d``."""

    def __init__(self, size: Size = None, scale_factor: Factor = None) -> None:
        super().__init__(size, scale_factor, mode="bilinear", align_corners=True)
