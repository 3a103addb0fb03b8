"""Batches in page-locked memory, from which a CUDA device copies while the program goes on."""

from __future__ import annotations

import functools
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.data.collate import mapped


def pin_memory(batch: Any, device: Any = None) -> Any:
    """``batch`` with what it holds pinned: tensors on the CPU, and objects that have a method ``pin_memory``.

    Dicts, named tuples, tuples and lists are gone through, as PyTorch's loader does.

    Args:
        batch: What a loader made.
        device: The CUDA device that will read it, the current one by default.
    """
    if isinstance(batch, TensorBase):
        return batch.pin_memory(device) if batch._place.device.type == "cpu" else batch  # type: ignore[attr-defined]
    if hasattr(batch, "pin_memory"):
        return batch.pin_memory()
    return mapped(functools.partial(pin_memory, device=device), batch)
