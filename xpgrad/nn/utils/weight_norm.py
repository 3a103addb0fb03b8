"""Weight normalisation by hooks, PyTorch's way before `parametrizations`, for checkpoints of that time."""

from __future__ import annotations

import warnings
from typing import Any

from xpgrad.errors import ArgumentError, HookError
from xpgrad.nn.parameter import Parameter
from xpgrad.nn.utils.parametrizations import norm_except_dim


class _WeightNormHook:
    """Computes the weight before each pass from ``<name>_g``, its norms, and ``<name>_v``, its direction."""

    def __init__(self, name: str, dim: int | None) -> None:
        self.name = name
        self.dim = -1 if dim is None else dim

    def compute(self, module: Any) -> Any:
        g, v = (getattr(module, self.name + suffix) for suffix in ("_g", "_v"))
        return v * (g / norm_except_dim(v, self.dim))

    def __call__(self, module: Any, inputs: Any) -> None:
        setattr(module, self.name, self.compute(module))


def weight_norm(module: Any, name: str = "weight", dim: int | None = 0) -> Any:
    """Replace a parameter by its norms ``<name>_g`` and its direction ``<name>_v``.

    Mirrors ``torch.nn.utils.weight_norm``.

    Deprecated there and here: `parametrizations.weight_norm` is the same without hooks.

    Raises:
        HookError: The parameter is normalised already.
    """
    warnings.warn(
        "`torch.nn.utils.weight_norm` is deprecated in favor of `torch.nn.utils.parametrizations.weight_norm`.",
        FutureWarning,
        stacklevel=2,
    )
    if _hooks(module, name):
        raise HookError(f"Cannot register two weight_norm hooks on the same parameter {name}")
    hook = _WeightNormHook(name, dim)
    weight = getattr(module, name)
    delattr(module, name)
    module.register_parameter(name + "_g", Parameter(norm_except_dim(weight.detach(), hook.dim)))
    module.register_parameter(name + "_v", Parameter(weight.data))
    setattr(module, name, hook.compute(module))
    module.register_forward_pre_hook(hook)
    return module


def remove_weight_norm(module: Any, name: str = "weight") -> Any:
    """Undo `weight_norm`. Mirrors ``torch.nn.utils.remove_weight_norm``.

    Raises:
        ArgumentError: The parameter is not normalised.
    """
    found = _hooks(module, name)
    if not found:
        raise ArgumentError(f"weight_norm of '{name}' not found in {module!r}")
    for key, hook in found.items():
        weight = hook.compute(module).detach()
        for part in (name, name + "_g", name + "_v"):
            delattr(module, part)
        module.register_parameter(name, Parameter(weight))
        del module._forward_pre_hooks[key]
    return module


def _hooks(module: Any, name: str) -> dict[int, _WeightNormHook]:
    return {
        key: hook
        for key, hook in module._forward_pre_hooks.items()
        if isinstance(hook, _WeightNormHook) and hook.name == name
    }
