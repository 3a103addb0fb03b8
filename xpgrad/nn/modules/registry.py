"""The part of a module that knows what belongs to it: parameters, buffers and submodules, by name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ArgumentTypeError, ModuleAttributeError, ModuleNameError
from xpgrad.nn.parameter import Buffer, Parameter
from xpgrad.tensor.tensor import Tensor


class Registry:
    """Attributes that are parameters, buffers or modules are kept apart, in dictionaries of their own.

    Attributes:
        _parameters, _buffers, _modules: What was registered, by name, None where a place is kept free.
        _non_persistent_buffers_set: Buffers that are no part of the state dict.
    """

    _parameters: dict[str, Parameter | None]
    _buffers: dict[str, Any]
    _modules: dict[str, Any]
    _non_persistent_buffers_set: set[str]

    def __init__(self) -> None:
        # Past `__setattr__`, which needs these to be there.
        self.__dict__.update(_parameters={}, _buffers={}, _non_persistent_buffers_set=set(), _modules={})

    def register_parameter(self, name: str, param: Parameter | None) -> None:
        """Make ``param`` the parameter ``name``; None keeps the name for one that may come.

        Raises:
            ModuleAttributeError: ``Module.__init__`` has not run yet.
            ModuleNameError: The name is empty, has a dot, or is another attribute's.
            ArgumentTypeError: ``param`` is not a Parameter.
            ArgumentError: ``param`` is the result of an operation.
        """
        self._check(name, "parameter", "_parameters")
        if param is not None:
            if not isinstance(param, Parameter):
                raise ArgumentTypeError(
                    f"cannot assign '{_type_name(param)}' object to parameter '{name}' (torch.nn.Parameter or None "
                    "required)"
                )
            if param.grad_fn is not None:
                raise ArgumentError(
                    f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
                    f"explicitly. To express '{name}' as a function of another Tensor, compute the value in the "
                    "forward() method."
                )
        self._parameters[name] = param

    def register_buffer(self, name: str, tensor: Any, persistent: bool = True) -> None:
        """Make ``tensor`` (or None) the buffer ``name``: state that is not trained, such as a running mean.

        Args:
            name: The attribute under which it is found.
            tensor: The tensor.
            persistent: Whether it is part of the state dict.

        Raises:
            ModuleAttributeError: ``Module.__init__`` has not run yet.
            ModuleNameError: The name is empty, has a dot, or is another attribute's.
            ArgumentTypeError: ``tensor`` is not a tensor.
        """
        self._check(name, "buffer", "_buffers")
        if tensor is not None and not isinstance(tensor, TensorBase):
            raise ArgumentTypeError(
                f"cannot assign '{_type_name(tensor)}' object to buffer '{name}' (torch Tensor or None required)"
            )
        self._buffers[name] = tensor
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def add_module(self, name: str, module: Any) -> None:
        """Make ``module`` (or None) the submodule ``name``.

        Raises:
            ModuleAttributeError: ``Module.__init__`` has not run yet.
            ModuleNameError: The name is empty, has a dot, or is another attribute's.
            ArgumentTypeError: ``module`` is not a Module.
        """
        if module is not None and not isinstance(module, Registry):
            raise ArgumentTypeError(f"{_type_name(module)} is not a Module subclass")
        self._check(name, "module", "_modules")
        self._modules[name] = module

    def register_module(self, name: str, module: Any) -> None:
        """The same as `add_module`."""
        self.add_module(name, module)

    def _check(self, name: Any, kind: str, home: str) -> None:
        """Raise if ``name`` cannot become a name in the dictionary ``home``."""
        if home not in self.__dict__:
            raise ModuleAttributeError(f"cannot assign {kind} before Module.__init__() call")
        if not isinstance(name, str):
            raise ArgumentTypeError(f"{kind} name should be a string. Got {_type_name(name)}")
        if "." in name:
            raise ModuleNameError(f'{kind} name can\'t contain ".", got: {name}')
        if name == "":
            raise ModuleNameError(f'{kind} name can\'t be empty string ""')
        if name not in self.__dict__[home] and hasattr(self, name):
            raise ModuleNameError(f"attribute '{name}' already exists")

    # Python asks `__getattr__` only for what is not found otherwise.

    def __getattr__(self, name: str) -> Any:
        own = self.__dict__
        for home in _HOMES:
            if home in own and name in own[home]:
                return own[home][name]
        raise ModuleAttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def __setattr__(self, name: str, value: Any) -> None:
        own = self.__dict__
        if isinstance(value, Parameter):
            self._take_over(name, "_parameters", "parameters")
            self.register_parameter(name, value)
        elif isinstance(value, Registry):
            self._take_over(name, "_modules", "module")
            own["_modules"][name] = value
        elif isinstance(value, Buffer):
            self._take_over(name, "_buffers", "buffer")
            self.register_buffer(name, value, value.persistent)
        elif name in own.get("_parameters", ()):
            if value is not None:
                raise ArgumentTypeError(
                    f"cannot assign '{_type_name(value)}' as parameter '{name}' (torch.nn.Parameter or None expected)"
                )
            own["_parameters"][name] = None
        elif name in own.get("_modules", ()):
            if value is not None:
                raise ArgumentTypeError(
                    f"cannot assign '{_type_name(value)}' as child module '{name}' (torch.nn.Module or None expected)"
                )
            own["_modules"][name] = None
        elif name in own.get("_buffers", ()):
            if value is not None and not isinstance(value, TensorBase):
                raise ArgumentTypeError(
                    f"cannot assign '{_type_name(value)}' as buffer '{name}' (torch.nn.Buffer, torch.Tensor or None "
                    "expected)"
                )
            self.register_buffer(name, value, name not in own["_non_persistent_buffers_set"])
        else:
            super().__setattr__(name, value)

    def _take_over(self, name: str, home: str, kind: str) -> None:
        """Take ``name`` from whatever else it named, so that it can be registered in ``home``."""
        own = self.__dict__
        if home not in own:
            raise ModuleAttributeError(
                f"cannot assign {kind} before Module.__init__() call: call super().__init__() first"
            )
        own.pop(name, None)
        for other in _HOMES:
            if other != home:
                own[other].pop(name, None)
        if home != "_buffers":
            own["_non_persistent_buffers_set"].discard(name)

    def __delattr__(self, name: str) -> None:
        for home in _HOMES:
            if name in self.__dict__.get(home, ()):
                del self.__dict__[home][name]
                self._non_persistent_buffers_set.discard(name)
                return
        super().__delattr__(name)

    def __dir__(self) -> Iterable[str]:
        names = {*super().__dir__(), *self._parameters, *self._buffers, *self._modules}
        return sorted(name for name in names if not name[0].isdigit())


_HOMES = ("_parameters", "_buffers", "_modules")


def _type_name(value: Any) -> str:
    """What PyTorch calls the type of ``value``: for a tensor, its legacy name."""
    if isinstance(value, Tensor):
        return str(value.type())
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
