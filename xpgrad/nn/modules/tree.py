"""The part of a module that walks over what belongs to it and to the modules in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Self

from xpgrad.errors import ArgumentError, ModuleAttributeError
from xpgrad.nn.modules.registry import Registry
from xpgrad.nn.parameter import Parameter


class Tree(Registry):
    """A module as the root of a tree of modules. What occurs twice is visited once, unless asked otherwise."""

    def children(self) -> Iterator[Any]:
        """The submodules, not those within them."""
        for _, module in self.named_children():
            yield module

    def named_children(self) -> Iterator[tuple[str, Any]]:
        """The submodules with their names."""
        seen = set()
        for name, module in self._modules.items():
            if module is not None and module not in seen:
                seen.add(module)
                yield name, module

    def modules(self, remove_duplicate: bool = True) -> Iterator[Any]:
        """The module itself and all modules within it, each before those within it."""
        for _, module in self.named_modules(remove_duplicate=remove_duplicate):
            yield module

    def named_modules(
        self, memo: set[Any] | None = None, prefix: str = "", remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """The same with their names, such as ``"features.0"``.

        Args:
            memo: Modules that have been visited.
            prefix: What all names begin with.
            remove_duplicate: Whether to visit a module that occurs twice only once.
        """
        memo = set() if memo is None else memo
        if self in memo:
            return
        if remove_duplicate:
            memo.add(self)
        yield prefix, self
        for name, module in self._modules.items():
            if module is not None:
                yield from module.named_modules(memo, _joined(prefix, name), remove_duplicate)

    def parameters(self, recurse: bool = True) -> Iterator[Parameter]:
        """The parameters, with ``recurse`` those of all modules within."""
        for _, parameter in self.named_parameters(recurse=recurse):
            yield parameter

    def named_parameters(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Parameter]]:
        """The parameters with their names, such as ``"features.0.weight"``."""
        return self._named(lambda module: module._parameters, prefix, recurse, remove_duplicate)

    def buffers(self, recurse: bool = True) -> Iterator[Any]:
        """The buffers, with ``recurse`` those of all modules within."""
        for _, buffer in self.named_buffers(recurse=recurse):
            yield buffer

    def named_buffers(
        self, prefix: str = "", recurse: bool = True, remove_duplicate: bool = True
    ) -> Iterator[tuple[str, Any]]:
        """The buffers with their names."""
        return self._named(lambda module: module._buffers, prefix, recurse, remove_duplicate)

    def _named(
        self, members: Callable[[Any], dict[str, Any]], prefix: str, recurse: bool, remove_duplicate: bool
    ) -> Iterator[tuple[str, Any]]:
        modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate) if recurse else [(prefix, self)]
        seen: set[int] = set()
        for path, module in modules:
            for name, tensor in members(module).items():
                if tensor is None or id(tensor) in seen:
                    continue
                if remove_duplicate:
                    seen.add(id(tensor))
                yield _joined(path, name), tensor

    def apply(self, fn: Callable[[Any], None]) -> Self:
        """Call ``fn`` on every module within, then on the module itself; it is how weights are initialised."""
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # By name.

    def get_submodule(self, target: str) -> Any:
        """The module within named ``target``, such as ``"features.0"``; the module itself if it is empty.

        Raises:
            ModuleAttributeError: There is no such module.
        """
        module: Any = self
        for name in target.split(".") if target else ():
            module = _found(module, name)
            if not isinstance(module, Registry):
                raise ModuleAttributeError(f"`{name}` is not an nn.Module")
        return module

    def set_submodule(self, target: str, module: Any, strict: bool = False) -> None:
        """Put ``module`` in the place named ``target``; with ``strict``, the place must be taken already.

        Raises:
            ArgumentError: ``target`` is empty, or ``module`` is not a module (PyTorch's ValueError).
            ModuleAttributeError: The place is not there, or taken by something that is no module.
        """
        if not target:
            raise ArgumentError("Cannot set the submodule without a target name!")
        if not isinstance(module, Registry):
            raise ArgumentError(f"`module` is not an nn.Module, found {type(module)}")
        path, _, name = target.rpartition(".")
        parent = self.get_submodule(path)
        if strict or hasattr(parent, name):
            self.get_submodule(target)
        setattr(parent, name, module)

    def get_parameter(self, target: str) -> Parameter:
        """The parameter named ``target``, such as ``"features.0.weight"``.

        Raises:
            ModuleAttributeError: There is no such parameter.
        """
        path, _, name = target.rpartition(".")
        parameter = _found(self.get_submodule(path), name)
        if not isinstance(parameter, Parameter):
            raise ModuleAttributeError(f"`{name}` is not an nn.Parameter")
        return parameter

    def get_buffer(self, target: str) -> Any:
        """The buffer named ``target``.

        Raises:
            ModuleAttributeError: There is no such buffer.
        """
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        buffer = _found(module, name)
        if name not in module._buffers:
            raise ModuleAttributeError(f"`{name}` is not a buffer")
        return buffer


def _joined(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def _found(module: Any, name: str) -> Any:
    if not hasattr(module, name):
        raise ModuleAttributeError(f"{type(module).__name__} has no attribute `{name}`")
    return getattr(module, name)
