"""JAX as a backend of xpgrad: immutable arrays, compiled functions, on CPUs, GPUs and TPUs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import jax
import numpy as np
from jax import numpy as jnp

from xpgrad.backends.base import Backend
from xpgrad_jax.kernels import KERNELS

__all__ = ["JaxBackend"]


class JaxBackend(Backend):
    """JAX arrays, which never change: in-place methods give a tensor another array.

    Making an instance sets options of JAX for the whole process: 64-bit types, which JAX otherwise replaces by 32-bit
    ones without a word, and exact products of float32 matrices on accelerators unless the program has chosen.
    """

    name: ClassVar[str] = "jax"
    protocol: ClassVar[int] = 1
    xp: Any = jnp
    array_types: tuple[type, ...] = (jax.Array,)
    kernels: Mapping[str, Callable[..., Any]] = KERNELS

    def __init__(self) -> None:
        jax.config.update("jax_enable_x64", True)
        if jax.config.jax_default_matmul_precision is None:
            jax.config.update("jax_default_matmul_precision", "highest")

    def devices(self) -> Mapping[str, object]:
        """The devices of this process: those of the default platform first, the CPU always."""
        found = dict.fromkeys([*jax.local_devices(), *jax.local_devices(backend="cpu")])
        return {_name(device): device for device in found}

    def device_name(self, array: Any) -> str:
        return _name(array.device)

    def from_host(self, array: np.ndarray[Any, Any], handle: Any) -> Any:
        """A copy: JAX would rely on memory that it shares never to change."""
        # By NumPy, at once: JAX copies later, when the program may have written there, and compiles that per shape.
        return jax.device_put(np.array(array, copy=True), handle)

    def raw_dtypes(self, handle: Any) -> Mapping[str, Any]:
        """As `array.dtype` spells them, which is NumPy's way, bfloat16 too."""
        return {name: np.dtype(raw) for name, raw in super().raw_dtypes(handle).items()}

    def address(self, array: Any) -> int:
        return int(array.unsafe_buffer_pointer())

    def synchronize(self, handle: Any) -> None:
        jax.block_until_ready(jax.live_arrays())

    def forget_compiled(self) -> None:
        jax.clear_caches()

    def version(self) -> str:
        return str(jax.__version__)


def _name(device: Any) -> str:
    """PyTorch's name of a device; JAX's ``gpu`` is of CUDA or of ROCm, and PyTorch calls both ``cuda``."""
    kind = "cuda" if device.platform == "gpu" else device.platform
    return "cpu" if (kind, device.id) == ("cpu", 0) else f"{kind}:{device.id}"
