"""Limiting gradients, in place."""

from __future__ import annotations

import warnings
from typing import Any

from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import GradientError
from xpgrad.functions.creation import zeros
from xpgrad.functions.joining import stack


@no_grad()
def get_total_norm(tensors: Any, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: Any = None) -> Any:
    """The ``norm_type``-norm of all elements of all tensors together, a 0-d tensor.

    Raises:
        GradientError: It is not finite, with ``error_if_nonfinite``.
    """
    listed = _listed(tensors)
    if not listed:
        return zeros(())
    device = listed[0].device
    norms = [t.norm(float(norm_type)).to(device) for t in listed]
    total = stack(norms).norm(float(norm_type))
    if error_if_nonfinite and not bool(total.isfinite()):
        raise GradientError(
            f"The total norm of order {norm_type} for gradients from `parameters` is non-finite, so it cannot be "
            "clipped. To disable this error and scale the gradients by the non-finite norm anyway, set "
            "`error_if_nonfinite=False`"
        )
    return total


@no_grad()
def clip_grads_with_norm_(parameters: Any, max_norm: float, total_norm: Any, foreach: Any = None) -> None:
    """Scale the gradients of ``parameters``, whose norm is ``total_norm``, down to ``max_norm`` if it is greater."""
    share = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
    for g in _gradients(parameters):
        g.mul_(share.to(device=g.device, dtype=g.dtype))


def clip_grad_norm_(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: Any = None
) -> Any:
    """Scale the gradients down so that their common norm is at most ``max_norm`` (Pascanu, Mikolov and Bengio 2013).

    Args:
        parameters: Tensors, or one.
        max_norm: The greatest norm.
        norm_type: Which norm; ``inf`` is the greatest absolute value.
        error_if_nonfinite: Whether to raise if the norm is NaN or infinite.
        foreach: Accepted for PyTorch's sake.

    Returns:
        The norm before, a 0-d tensor.

    Raises:
        GradientError: The norm is not finite, with ``error_if_nonfinite``.
    """
    parameters = _listed(parameters)
    total = get_total_norm(_gradients(parameters), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(parameters, max_norm, total)
    return total


@no_grad()
def clip_grad_value_(parameters: Any, clip_value: float, foreach: Any = None) -> None:
    """Limit every element of the gradients to between ``-clip_value`` and ``clip_value``."""
    for g in _gradients(parameters):
        g.clamp_(-float(clip_value), float(clip_value))


def _listed(tensors: Any) -> list[Any]:
    return [tensors] if isinstance(tensors, TensorBase) else list(tensors)


def _gradients(parameters: Any) -> list[Any]:
    return [p.grad for p in _listed(parameters) if p.grad is not None]


def clip_grad_norm(
    parameters: Any, max_norm: float, norm_type: float = 2.0, error_if_nonfinite: bool = False, foreach: Any = None
) -> Any:
    """Deprecated: `clip_grad_norm_`."""
    warnings.warn(
        "`torch.nn.utils.clip_grad_norm` is now deprecated in favor of `torch.nn.utils.clip_grad_norm_`.",
        FutureWarning,
        stacklevel=2,
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)
