"""PyTorch as an array library: its tensors are the arrays, xpgrad computes the gradients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from xpgrad._typing import RawDtype
from xpgrad.backends import dtypes
from xpgrad.backends.base import Backend
from xpgrad.backends.numpy import ml_dtype
from xpgrad.errors import ArgumentTypeError, GradientError
from xpgrad_torch.kernels import KERNELS
from xpgrad_torch.standard import XP

__all__ = ["TorchBackend"]


class TorchBackend(Backend):
    """Tensors of PyTorch that require no grad, on its CPU, CUDA and MPS devices."""

    name: ClassVar[str] = "torch"
    protocol: ClassVar[int] = 1
    mutable: ClassVar[bool] = True
    kernels: Mapping[str, Callable[..., Any]] = KERNELS
    xp: Any = XP
    array_types: tuple[type, ...] = (Tensor,)

    def devices(self) -> Mapping[str, torch.device]:
        """The CPU first, as in PyTorch."""
        found = {"cpu": torch.device("cpu")}
        found |= {f"cuda:{i}": torch.device("cuda", i) for i in range(torch.cuda.device_count())}
        return found | ({"mps": torch.device("mps", 0)} if torch.backends.mps.is_available() else {})

    def raw_dtypes(self, handle: Any) -> Mapping[str, RawDtype]:
        missing = ("float64", "complex128") if handle.type == "mps" else ()
        return {name: getattr(torch, name) for name in dtypes.BY_NAME if name not in missing}

    def admit(self, array: Tensor) -> Tensor:
        if array.requires_grad:
            raise GradientError(
                "a torch.Tensor that requires grad has a history in PyTorch that xpgrad cannot go on with; give "
                "x.detach(), and ask for requires_grad here if gradients are wanted"
            )
        if array.layout is not torch.strided or array.is_meta:
            raise ArgumentTypeError(
                f"a torch.Tensor must be strided and have elements, got layout {array.layout} on {array.device}; "
                "x.to_dense() makes a sparse one strided"
            )
        return array.as_subclass(Tensor).resolve_conj().resolve_neg()

    def to_host(self, array: Tensor) -> np.ndarray[Any, Any]:
        if array.dtype is torch.bfloat16:
            return array.view(torch.int16).numpy(force=True).view(ml_dtype("bfloat16"))
        return array.numpy(force=True)

    def from_host(self, array: np.ndarray[Any, Any], handle: Any) -> Tensor:
        if not array.flags.writeable or min(array.strides, default=0) < 0:
            array = array.copy()
        if array.dtype.name == "bfloat16":
            return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16).to(handle)
        return torch.from_numpy(array).to(handle)

    def write(self, target: Tensor, value: Tensor) -> None:
        target.copy_(value)

    def fill(self, target: Tensor, number: complex) -> None:
        target.fill_(number)

    def copy(self, array: Tensor) -> Tensor:
        return array.clone()

    def owns_memory(self, array: Tensor) -> bool:
        return not array._is_view() and not array.is_inference()

    def shares_memory(self, view: Tensor, base: Tensor) -> bool:
        return view.untyped_storage().data_ptr() == base.untyped_storage().data_ptr()

    def strides(self, array: Tensor) -> tuple[int, ...]:
        return array.stride()

    def address(self, array: Tensor) -> int:
        return array.data_ptr()

    def synchronize(self, handle: Any) -> None:
        if handle.type != "cpu":
            torch.accelerator.synchronize(handle)

    def memory_stats(self, handle: Any) -> dict[str, int]:
        if handle.type != "cuda":
            return {}
        free, total = torch.cuda.mem_get_info(handle)
        used, reserved = torch.cuda.memory_allocated(handle), torch.cuda.memory_reserved(handle)
        return {"used_bytes": used, "reserved_bytes": reserved, "free_bytes": free, "total_bytes": total}

    def version(self) -> str:
        return torch.__version__
