"""Spectral normalisation by hooks, PyTorch's way before `parametrizations`, for checkpoints of that time."""

from __future__ import annotations

from typing import Any

from xpgrad.core.grad_mode import no_grad
from xpgrad.errors import ArgumentError, HookError
from xpgrad.nn.functional.normalization import normalize
from xpgrad.nn.modules.convolution import ConvTranspose1d, ConvTranspose2d, ConvTranspose3d
from xpgrad.nn.parameter import Parameter


class _SpectralNormHook:
    """Computes the weight before each pass from ``<name>_orig`` and its singular vectors ``<name>_u``, ``<name>_v``."""

    def __init__(self, name: str, n_power_iterations: int, eps: float, dim: int) -> None:
        self.name, self.n_power_iterations, self.eps, self.dim = name, n_power_iterations, eps, dim

    def matrix(self, weight: Any) -> Any:
        return weight.movedim(self.dim, 0).flatten(1)

    def compute(self, module: Any, iterate: bool) -> Any:
        weight, u, v = (getattr(module, self.name + suffix) for suffix in ("_orig", "_u", "_v"))
        matrix = self.matrix(weight)
        with no_grad():
            for _ in range(self.n_power_iterations if iterate else 0):
                v.copy_(normalize(matrix.t().mv(u), dim=0, eps=self.eps))
                u.copy_(normalize(matrix.mv(v), dim=0, eps=self.eps))
        # Clones, since the next pass writes to the buffers.
        return weight / u.clone().dot(matrix.mv(v.clone()))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute(module, module.training))


def spectral_norm(
    module: Any, name: str = "weight", n_power_iterations: int = 1, eps: float = 1e-12, dim: int | None = None
) -> Any:
    """Divide a weight by its largest singular value before each pass (Miyato et al. 2018).

    Mirrors ``torch.nn.utils.spectral_norm``; `parametrizations.spectral_norm` is the same without hooks.

    Args:
        module: The module.
        name: Which parameter of it.
        n_power_iterations: How often the estimate of the singular vectors is sharpened in each pass of training.
        eps: The least norm that is divided by.
        dim: The dimension of the outputs: 0, but 1 for transposed convolutions.

    Raises:
        HookError: The parameter is normalised already.
        ArgumentError: ``n_power_iterations`` is not positive.
    """
    if _hooks(module, name):
        raise HookError(f"Cannot register two spectral_norm hooks on the same parameter {name}")
    if n_power_iterations <= 0:
        raise ArgumentError(
            f"Expected n_power_iterations to be positive, but got n_power_iterations={n_power_iterations}"
        )
    if dim is None:
        dim = 1 if isinstance(module, (ConvTranspose1d, ConvTranspose2d, ConvTranspose3d)) else 0
    hook = _SpectralNormHook(name, n_power_iterations, eps, dim)
    weight = module._parameters[name]
    matrix = hook.matrix(weight.detach())
    u, v = (normalize(matrix.new_empty(n).normal_(), dim=0, eps=eps) for n in matrix.shape)
    delattr(module, name)
    module.register_parameter(name + "_orig", weight)
    setattr(module, name, weight.data)
    module.register_buffer(name + "_u", u)
    module.register_buffer(name + "_v", v)
    module.register_forward_pre_hook(hook)
    return module


def remove_spectral_norm(module: Any, name: str = "weight") -> Any:
    """Undo `spectral_norm`; the weight stays normalised. Mirrors ``torch.nn.utils.remove_spectral_norm``.

    Raises:
        ArgumentError: The parameter is not normalised.
    """
    found = _hooks(module, name)
    if not found:
        raise ArgumentError(f"spectral_norm of '{name}' not found in {module!r}")
    for key, hook in found.items():
        with no_grad():
            weight = hook.compute(module, iterate=False)
        for part in (name, name + "_orig", name + "_u", name + "_v"):
            delattr(module, part)
        module.register_parameter(name, Parameter(weight.detach()))
        del module._forward_pre_hooks[key]
    return module


def _hooks(module: Any, name: str) -> dict[int, _SpectralNormHook]:
    return {
        key: hook
        for key, hook in module._forward_pre_hooks.items()
        if isinstance(hook, _SpectralNormHook) and hook.name == name
    }
