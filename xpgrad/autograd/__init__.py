"""Differentiation: `grad`, `backward`, custom operations, numerical checks and anomaly detection."""

from __future__ import annotations

from xpgrad.autograd import functional, graph
from xpgrad.autograd.anomaly import detect_anomaly, is_anomaly_enabled, set_detect_anomaly
from xpgrad.autograd.calls import backward, grad
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
]
