"""Modules without first values, and in another order of memory."""

from __future__ import annotations

import inspect
from typing import Any

from xpgrad.errors import SettingError
from xpgrad.nn.modules.module import Module


def skip_init(module_cls: Any, *args: Any, **kwargs: Any) -> Any:
    """A module whose parameters hold any values, for those that are filled at once. Mirrors PyTorch's.

    Here they are the initial ones: making them costs little, and nothing is left to chance.

    Raises:
        SettingError: It is no class of modules, or takes no ``device``.
    """
    if not (isinstance(module_cls, type) and issubclass(module_cls, Module)):
        raise SettingError(f"Expected a Module; got {module_cls}")
    if "device" not in inspect.signature(module_cls).parameters:
        raise SettingError("Module must support a 'device' arg to skip initialization")
    return module_cls(*args, **kwargs)


def convert_conv2d_weight_memory_format(module: Any, memory_format: Any) -> Any:
    """The module itself: memory is in the library's order. Mirrors `torch.nn.utils` of this name."""
    return module


def convert_conv3d_weight_memory_format(module: Any, memory_format: Any) -> Any:
    """The module itself: memory is in the library's order. Mirrors `torch.nn.utils` of this name."""
    return module
