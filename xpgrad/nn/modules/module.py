"""The base class of everything that has parameters."""

from __future__ import annotations

from typing import Any, Self

from xpgrad.errors import ArgumentError, ArgumentTypeError
from xpgrad.nn.modules.hooks import Hookable
from xpgrad.nn.modules.registry import Registry


class Module(Hookable):
    """A part of a network: parameters, buffers and submodules, and a `forward`. Mirrors ``torch.nn.Module``.

    Subclasses call ``super().__init__()``, set parameters and submodules as attributes, and define `forward`. What
    there is to a module is split by subject: its registry, the tree below it, conversion, state, and hooks.

    Attributes:
        training: Whether the module is being trained; `train` and `eval` set it for the whole tree.

    Example:
        >>> import xpgrad
        >>> class Affine(xpgrad.nn.Module):
        ...     def __init__(self) -> None:
        ...         super().__init__()
        ...         self.scale = xpgrad.nn.Parameter(xpgrad.ones(1))
        ...         self.shift = xpgrad.nn.Parameter(xpgrad.zeros(1))
        ...
        ...     def forward(self, x):
        ...         return x * self.scale + self.shift
        >>> [name for name, _ in Affine().named_parameters()]
        ['scale', 'shift']
    """

    training: bool

    # True lets ``__init__`` call that of the classes which a subclass names after Module, with its arguments.
    call_super_init: bool = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not self.call_super_init:
            if kwargs:
                raise ArgumentTypeError(
                    f"{type(self).__name__}.__init__() got an unexpected keyword argument '{next(iter(kwargs))}'"
                )
            if args:
                raise ArgumentTypeError(
                    f"{type(self).__name__}.__init__() takes 1 positional argument but {len(args) + 1} were given"
                )
        super().__init__()
        self.__dict__["training"] = True
        if self.call_super_init:
            super(Registry, self).__init__(*args, **kwargs)

    def forward(self, *input: Any) -> Any:
        """What the module computes; every subclass defines it."""
        raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')

    def train(self, mode: bool = True) -> Self:
        """Set the whole tree to training, or with ``mode=False`` to evaluation.

        Raises:
            ArgumentError: ``mode`` is not a bool.
        """
        if not isinstance(mode, bool):
            raise ArgumentError(f"training mode is expected to be boolean, got {mode!r:.60}")
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self) -> Self:
        """Set the whole tree to evaluation: dropout does nothing, batch normalisation uses its running statistics."""
        return self.train(False)

    def requires_grad_(self, requires_grad: bool = True) -> Self:
        """Set ``requires_grad`` of all parameters."""
        for parameter in self.parameters():
            parameter.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Drop the gradients of all parameters, or without ``set_to_none`` set them to zero."""
        for parameter in self.parameters():
            if set_to_none:
                parameter.grad = None
            elif parameter.grad is not None:
                parameter.grad.detach_().requires_grad_(False).zero_()

    # Text.

    def _get_name(self) -> str:
        return type(self).__name__

    def extra_repr(self) -> str:
        """What the text of the module shows beside its submodules, such as ``in_features=3``; for subclasses."""
        return ""

    def __repr__(self) -> str:
        extra = self.extra_repr()
        lines = [f"({name}): {indented(repr(module))}" for name, module in self._modules.items()]
        return block(self._get_name(), extra.split("\n") if extra else [], lines)


def block(name: str, extra: list[str], children: list[str]) -> str:
    """The text of a module: its name and, in parentheses, lines on itself and on its submodules."""
    if not children and len(extra) <= 1:
        return f"{name}({''.join(extra)})"
    return "\n  ".join([f"{name}(", *extra, *children]) + "\n)"


def indented(text: str) -> str:
    """``text`` with all lines but the first moved right by two columns."""
    return text.replace("\n", "\n  ")
