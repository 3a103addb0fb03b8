"""The declaration of a differentiable operation: a forward and one rule per argument, over ``xp``.

::

    @op("Mul")
    def multiply(xp, x, y, /):
        return xp.multiply(x, y)


    @multiply.vjp("x")
    def _(xp, g, y):
        return g * y

Arrays are the positional-only parameters, settings the keyword-only ones. A rule takes ``xp``, the gradient
``g`` of the result, and whatever else it names:

==================  =========================================================================
an input (``y``)    the input's value
``out``             the result (a tuple of them if there are several)
a setting           its value
``x_shape``         the shape of input ``x``
``x_dtype``         the dtype of input ``x``
``needs``           for a rule of several inputs: which of these need a gradient, as booleans
==================  =========================================================================

What the rules of the inputs that need gradients name is what the forward pass saves, and nothing else.
The engine makes a rule's result fit the input: it sums over broadcast axes and casts the dtype.
"""

from __future__ import annotations

import copy
import types
from collections.abc import Callable
from typing import Any, final

from xpgrad.core.declaration import Declaration
from xpgrad.core.saved import relocated
from xpgrad.core.specialise import apply_variadic, specialise, specialise_entry
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError

# What an entry is until its first call, by its number of inputs.
_STANDINS = {
    1: compile(
        "def apply(input, *, out=None): return first_use(input, out=out)", "<forward of an op at its first use>", "exec"
    ),
    2: compile("def apply(x, y): return first_use(x, y)", "<forward of an op at its first use>", "exec"),
}


@final
class Op(Declaration):
    """A declared operation, ready to run. Call it with tensors (or plain values where an input may be one).

    Attributes:
        apply: The specialised function for inputs that are all tensors; made at first use.
        apply_ts, apply_st: The same for (tensor, value) and (value, tensor).
    """

    def __init__(self, forward: Callable[..., Any], name: str, **options: Any) -> None:
        super().__init__(forward, name, **options)
        self._reset()

    def _reset(self) -> None:
        self._variants: dict[str, Callable[..., Any]] = {}
        self.apply = self._first_use("apply", "T" * len(self.inputs))
        self.apply_ts = self._first_use("apply_ts", "TS")
        self.apply_st = self._first_use("apply_st", "ST")

    def named(self, name: str) -> Op:
        """The same forward and rules under another name in the graph, for PyTorch's many names for one thing."""
        twin = copy.copy(self)
        twin.name, twin.node_class = name, None
        twin._reset()
        return twin

    def __call__(self, *inputs: Any, **settings: Any) -> Any:
        """Apply to any mixture of tensors and plain values."""
        if self.variadic:
            return apply_variadic(self, inputs, settings)
        pattern = "".join(["T" if isinstance(x, TensorBase) else "S" for x in inputs])
        return self.variant(pattern)(*inputs, **settings)

    def variant(self, pattern: str) -> Callable[..., Any]:
        """The specialised function for inputs that are tensors (``T``) or plain values (``S``), in order."""
        found = self._variants.get(pattern)
        if found is None:
            if len(pattern) != len(self.inputs) or "T" not in pattern:
                raise ArgumentTypeError(
                    f"{self.forward.__name__}: takes {len(self.inputs)} inputs ({', '.join(self.inputs)}), at least "
                    f"one of them a tensor; got {len(pattern)} with {pattern.count('T')} tensors"
                )
            found = self._variants[pattern] = specialise(self, pattern)
        return found

    def entry(self, otherwise: Callable[..., Any], *, floating: bool = False, real: bool = False) -> Callable[..., Any]:
        """The op as users call it, in one frame with `apply`: ``f(x, y)``, or ``f(input, *, out=None)`` for one input.

        Tensors that need no preparation go straight through: of one dtype, floating if ``floating``, not complex if two
        have to be ``real``, without ``out``.
        So does a real Python number beside a floating tensor. Everything else is handed to ``otherwise``.
        """

        def first_use(*inputs: Any, **settings: Any) -> Any:
            # Whoever imported the function or inherited the method has the quick one from now on.
            function.__code__ = specialise_entry(self, floating, real, scope)
            return relocated(function(*inputs, **settings))

        scope: dict[str, Any] = {"first_use": first_use, "otherwise": otherwise}
        exec(_STANDINS[len(self.inputs)], scope)
        function: types.FunctionType = scope["apply"]
        return function

    def _first_use(self, slot: str, pattern: str) -> Callable[..., Any]:
        """A stand-in for ``slot`` that compiles the specialised function, puts it there and calls it."""

        def compile_and_call(*inputs: Any, **settings: Any) -> Any:
            kinds = "".join(["T" if isinstance(x, TensorBase) else "S" for x in inputs])
            if not self.variadic and kinds == pattern:
                setattr(self, slot, self.variant(pattern))
            return relocated(self(*inputs, **settings))

        return compile_and_call


def op(name: str, **options: Any) -> Callable[[Callable[..., Any]], Op]:
    """Declare an operation whose node is called ``<name>Backward0``; see `Declaration` for the options."""

    def declare(forward: Callable[..., Any]) -> Op:
        return Op(forward, name, **options)

    return declare
