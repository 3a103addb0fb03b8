"""Functions that make derivatives of functions. Mirrors ``torch.func`` as far as it is there.

``vmap`` is not: it needs a rule for every operation, of which there are none here.
"""

from __future__ import annotations

from xpgrad.func.modules import functional_call, replace_all_batch_norm_modules_, stack_module_state
from xpgrad.func.transforms import grad, grad_and_value, hessian, jacfwd, jacrev, jvp, linearize, vjp, vmap

__all__ = [
    "functional_call",
    "grad",
    "grad_and_value",
    "hessian",
    "jacfwd",
    "jacrev",
    "jvp",
    "linearize",
    "replace_all_batch_norm_modules_",
    "stack_module_state",
    "vjp",
    "vmap",
]
