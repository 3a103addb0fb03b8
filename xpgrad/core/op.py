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
import inspect
from collections.abc import Callable, Sequence
from typing import Any, final

from xpgrad.core.graph import Node
from xpgrad.core.specialise import apply_variadic, specialise
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError

Rule = Callable[..., Any]


@final
class Op:
    """A declared operation. Call it with tensors (or plain values where an input may be one) and settings.

    Attributes:
        name: PyTorch's name for the node, without ``Backward0`` (other endings are written out: ``SumBackward1``).
        inputs: The names of the array inputs; one of them may stand for any number (`variadic`).
        settings: The names of the settings, with `defaults`.
        rules: Each rule with the inputs it covers and the names it asks for.
        outputs: How many results; those in `constant_outputs` never require grad.
        is_view: The result may share memory with the first input, as a view of it.
        constants: Inputs that have no gradient by declaration.
        apply: The specialised function for inputs that are all tensors; made at first use.
        apply_ts, apply_st: The same for (tensor, value) and (value, tensor).
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        name: str,
        *,
        outputs: int = 1,
        constant_outputs: Sequence[int] = (),
        is_view: bool = False,
        constants: Sequence[str] = (),
    ) -> None:
        xp, *parameters = inspect.signature(forward).parameters.values()
        arrays = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.VAR_POSITIONAL)]
        settings = [p for p in parameters if p.kind is p.KEYWORD_ONLY]
        if xp.name != "xp" or len(arrays) + len(settings) != len(parameters):
            raise TypeError(f"{forward.__name__}: an op's forward is f(xp, arrays..., /, *, settings...)")
        self.name = name
        self.forward = forward
        self.__doc__ = forward.__doc__
        self.inputs = tuple(p.name for p in arrays)
        self.variadic = any(p.kind is p.VAR_POSITIONAL for p in arrays)
        self.settings = tuple(p.name for p in settings)
        self.defaults = {p.name: p.default for p in settings if p.default is not p.empty}
        self.rules: dict[tuple[str, ...], tuple[Rule, tuple[str, ...]]] = {}
        self.outputs = outputs
        self.constant_outputs = frozenset(constant_outputs)
        self.is_view = is_view
        self.constants = frozenset(constants)
        self.node_class: type[Node] | None = None
        self._variants: dict[str, Callable[..., Any]] = {}
        self._reset()

    def _reset(self) -> None:
        self.apply = self._first_use("apply", "T" * len(self.inputs))
        self.apply_ts = self._first_use("apply_ts", "TS")
        self.apply_st = self._first_use("apply_st", "ST")

    def __repr__(self) -> str:
        return f"<op {self.forward.__name__} ({self.name})>"

    def vjp(self, *inputs: str) -> Callable[[Rule], Rule]:
        """Declare the rule that gives the gradient of ``inputs``: one array, or one per input if several."""

        def declare(rule: Rule) -> Rule:
            asked = tuple(inspect.signature(rule).parameters)
            known = {"xp", "g", "out", *self.inputs, *self.settings}
            known.update(f"{x}{suffix}" for x in self.inputs for suffix in ("_shape", "_dtype"))
            if len(inputs) > 1:
                known.add("needs")
            unknown = [n for n in (*inputs, *asked) if n not in known]
            if unknown or asked[:2] != ("xp", "g") or any(x not in self.inputs for x in inputs):
                raise TypeError(
                    f"{self.name}: the rule for {', '.join(inputs)} asks for {', '.join(asked)}; it must begin with "
                    f"xp, g and may name {', '.join(sorted(known - {'xp', 'g'}))}"
                )
            self.rules[inputs] = (rule, asked[2:])
            return rule

        return declare

    def named(self, name: str) -> Op:
        """The same forward and rules under another name in the graph, for PyTorch's many names for one thing."""
        twin = copy.copy(self)
        twin.name, twin.node_class, twin._variants = name, None, {}
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

    def _first_use(self, slot: str, pattern: str) -> Callable[..., Any]:
        """A stand-in for ``slot`` that compiles the specialised function, puts it there and calls it."""

        def compile_and_call(*inputs: Any, **settings: Any) -> Any:
            if self.variadic or any(isinstance(x, TensorBase) is (kind == "S") for x, kind in zip(inputs, pattern, strict=False)):
                return self(*inputs, **settings)
            setattr(self, slot, self.variant(pattern))
            return getattr(self, slot)(*inputs, **settings)

        return compile_and_call


def op(name: str, **options: Any) -> Callable[[Callable[..., Any]], Op]:
    """Declare an operation whose node is called ``<name>Backward0``; see `Op` for the options."""

    def declare(forward: Callable[..., Any]) -> Op:
        return Op(forward, name, **options)

    return declare
