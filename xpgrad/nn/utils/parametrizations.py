"""Weights of a given norm. Mirrors ``torch.nn.utils.parametrizations``."""

from __future__ import annotations

from typing import Any

from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError, IndexingError
from xpgrad.nn.functional.normalization import normalize
from xpgrad.nn.modules.convolution import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from xpgrad.nn.modules.module import Module
from xpgrad.nn.utils.orthogonal import orthogonal as orthogonal
from xpgrad.nn.utils.parametrize import register_parametrization

__all__ = ["spectral_norm", "weight_norm"]


class _WeightNorm(Module):
    def __init__(self, dim: int | None = 0) -> None:
        super().__init__()
        self.dim = -1 if dim is None else dim

    def forward(self, weight_g: Any, weight_v: Any) -> Any:
        """``weight_v`` with the norms ``weight_g``."""
        return weight_v * (weight_g / norm_except_dim(weight_v, self.dim))

    def right_inverse(self, weight: Any) -> tuple[Any, Any]:
        """The norms of ``weight``, and itself."""
        return norm_except_dim(weight, self.dim), weight


def norm_except_dim(v: Any, dim: int) -> Any:
    """The norms over all dimensions of ``v`` but ``dim``, which keep length 1; over all of them for -1."""
    if dim == -1:
        return v.norm()
    return v.norm(2, [d for d in range(v.ndim) if d != dim % v.ndim], keepdim=True)


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Train the size and the direction of a weight apart (Salimans and Kingma 2016).

    Mirrors ``torch.nn.utils.parametrizations.weight_norm``.

    Args:
        module: The module.
        name: Which parameter of it.
        dim: The dimension whose slices each have a size, or None for a single size.
    """
    register_parametrization(module, name, _WeightNorm(dim), unsafe=True)
    return module


class _SpectralNorm(Module):
    _u: Any  # (rows,), the left singular vector
    _v: Any  # (columns,), the right one

    def __init__(self, weight: Any, n_power_iterations: int = 1, dim: int = 0, eps: float = 1e-12) -> None:
        super().__init__()
        if not -weight.ndim <= dim < max(weight.ndim, 1):
            raise IndexingError(
                f"Dimension out of range (expected to be in range of [-{weight.ndim}, {weight.ndim - 1}] but got {dim})"
            )
        if n_power_iterations <= 0:
            raise ArgumentError(f"Expected n_power_iterations to be positive, but got {n_power_iterations}")
        self.dim = dim % max(weight.ndim, 1)
        self.n_power_iterations = n_power_iterations
        self.eps = eps
        if weight.ndim > 1:
            matrix = self._matrix(weight.detach())
            self.register_buffer("_u", normalize(matrix.new_empty(matrix.shape[0]).normal_(), dim=0, eps=eps))
            self.register_buffer("_v", normalize(matrix.new_empty(matrix.shape[1]).normal_(), dim=0, eps=eps))
            self._iterate(matrix, 15)

    def _matrix(self, weight: Any) -> Any:
        return weight.movedim(self.dim, 0).flatten(1)

    def _iterate(self, matrix: Any, count: int) -> None:
        with no_grad():
            for _ in range(count):
                self._u.copy_(normalize(matrix.mv(self._v), dim=0, eps=self.eps))
                self._v.copy_(normalize(matrix.t().mv(self._u), dim=0, eps=self.eps))

    def forward(self, weight: Any) -> Any:
        """``weight`` divided by its largest singular value, of which training sharpens the estimate."""
        if weight.ndim == 1:
            return normalize(weight, dim=0, eps=self.eps)
        matrix = self._matrix(weight)
        if self.training:
            self._iterate(matrix.detach(), self.n_power_iterations)
        # Clones, since the next pass writes to the buffers.
        return weight / self._u.clone().dot(matrix.mv(self._v.clone()))

    def right_inverse(self, value: Any) -> Any:
        """``value``, for want of a better one."""
        return value


def spectral_norm(
    module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Any:
    """Divide a weight by its largest singular value (Miyato et al. 2018).

    Mirrors ``torch.nn.utils.parametrizations.spectral_norm``.

    Args:
        module: The module.
        name: Which parameter of it.
        n_power_iterations: How often the estimate of the singular vectors is sharpened in each pass of training.
        eps: The least norm that is divided by.
        dim: The dimension of the outputs: 0, but 1 for transposed convolutions.

    Raises:
        ArgumentError: There is no such parameter.
    """
    weight = module._parameters.get(name)
    if weight is None:
        raise ArgumentError(f"Module '{module!r}' has no parameter with name '{name}'")
    if dim is None:
        dim = 1 if isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)) else 0
    register_parametrization(module, name, _SpectralNorm(weight, n_power_iterations, dim, eps))
    return module
