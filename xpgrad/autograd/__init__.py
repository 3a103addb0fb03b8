"""Differentiation: `grad`, `backward`, custom operations, numerical checks and anomaly detection."""

from __future__ import annotations

import importlib as _importlib
from types import ModuleType as _ModuleType

from xpgrad.autograd.anomaly import detect_anomaly, is_anomaly_enabled, set_detect_anomaly
from xpgrad.autograd.calls import backward, grad
from xpgrad.autograd.engine_settings import enforce_grad_layout_policy, set_multithreading_enabled
from xpgrad.autograd.function import Function, once_differentiable
from xpgrad.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck
from xpgrad.autograd.variable import Variable
from xpgrad.core.grad_mode import (
    enable_grad,
    inference_mode,
    is_grad_enabled,
    is_inference_mode_enabled,
    no_grad,
    set_grad_enabled,
)

__all__ = [
    "Function",
    "GradcheckError",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "enforce_grad_layout_policy",
    "forward_ad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "is_anomaly_enabled",
    "is_grad_enabled",
    "is_inference_mode_enabled",
    "no_grad",
    "once_differentiable",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_multithreading_enabled",
]

# Imported when first reached as attributes.
_SUBMODULES = ("forward_ad", "functional", "graph")


def __getattr__(name: str) -> _ModuleType:
    if name in _SUBMODULES:
        return _importlib.import_module(f"xpgrad.autograd.{name}")
    raise AttributeError(f"module 'xpgrad.autograd' has no attribute {name!r}")
