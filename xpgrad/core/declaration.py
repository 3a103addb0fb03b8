"""What an op declares: its forward, its inputs and settings, and the rules for its gradients."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from xpgrad.core.graph import Node

Rule = Callable[..., Any]

# `inspect.CO_VARARGS`. The signatures of hundreds of ops are read at import, and `inspect` takes its time.
_HAS_VARIABLE_ARGUMENTS = 0x04

# What the code that `core.specialise` makes calls its own: these names, and prefixes before the names of inputs.
_PREFIXED = re.compile("(_|[acgnsv]_|default_)")

RESERVED = frozenset({
    "INFERENCE", "MixedBackends", "NodeClass", "Output", "Piece", "Tensor", "TensorBase", "View", "array", "cell",
    "error", "forward", "frame", "frame_at", "inference_error", "mode", "new", "node", "op", "out", "place", "record",
    "freshen", "refresh", "refused", "result", "results", "self", "version", "view", "xp",
})  # fmt: skip


class Declaration:
    """The facts about an operation, read from the signatures of its forward and rules once.

    Attributes:
        name: PyTorch's name for the node, without ``Backward0`` (other endings are written out: ``SumBackward1``).
        inputs: The names of the array inputs; one of them may stand for any number (`variadic`).
        settings: The names of the settings, with `defaults`.
        rules: Each rule with the inputs it covers and the names it asks for.
        outputs: How many results, None if that depends on the call; those in `constant_outputs` never require grad.
        is_view: The result may share memory with the first input, as a view of it.
        constants: Inputs that have no gradient by declaration.
        differentiable: False for an op that has no derivative at all, and so no rules.
        node_class: The class of the nodes recorded, once it has been made.
        variadic_saves: What nodes of a variadic op save, once that has been found out.
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        name: str,
        *,
        outputs: int | None = 1,
        constant_outputs: Sequence[int] = (),
        is_view: bool = False,
        constants: Sequence[str] = (),
        differentiable: bool = True,
    ) -> None:
        code = forward.__code__
        count = code.co_argcount
        xp, *arrays = code.co_varnames[:count]
        settings = code.co_varnames[count : count + code.co_kwonlyargcount]
        self.variadic = bool(code.co_flags & _HAS_VARIABLE_ARGUMENTS)
        if self.variadic:
            arrays.append(code.co_varnames[count + code.co_kwonlyargcount])
        if (
            xp != "xp"
            or code.co_posonlyargcount != (0 if self.variadic else count)
            or (len(arrays) > 1 and self.variadic)
        ):
            raise TypeError(f"{forward.__name__}: an op's forward is f(xp, arrays..., /, *, settings...)")
        self.name = name
        self.forward = forward
        self.__doc__ = forward.__doc__
        self.inputs = tuple(arrays)
        self.settings = tuple(settings)
        taken = {name for name in self.inputs + self.settings if name in RESERVED or _PREFIXED.match(name)}
        if taken:
            raise TypeError(
                f"{forward.__name__}: {', '.join(sorted(taken))} means something in specialised code; rename it"
            )
        self.defaults = dict(forward.__kwdefaults__ or {})
        self.rules: dict[tuple[str, ...], tuple[Rule, tuple[str, ...]]] = {}
        self.outputs = outputs
        self.constant_outputs = frozenset(constant_outputs)
        self.is_view = is_view
        self.constants = frozenset(constants)
        self.differentiable = differentiable
        self.node_class: type[Node] | None = None
        self.variadic_saves: Sequence[tuple[str, str | None]] | None = None

    def __repr__(self) -> str:
        return f"<op {self.forward.__name__} ({self.name})>"

    def vjp(self, *inputs: str) -> Callable[[Rule], Rule]:
        """Declare the rule that gives the gradient of ``inputs``: one array, or one per input if several."""

        def declare(rule: Rule) -> Rule:
            asked = rule.__code__.co_varnames[: rule.__code__.co_argcount]
            known = {"xp", "g", "out", *self.inputs, *self.settings}
            known.update(f"{x}{suffix}" for x in self.inputs for suffix in ("_shape", "_dtype"))
            if len(inputs) > 1 or self.variadic:
                known.add("needs")
            unknown = [n for n in (*inputs, *asked) if n not in known]
            if self.is_view and "out" in asked:
                raise TypeError(f"{self.name}: the rule of a view cannot ask for out, which writes to its base change")
            if unknown or asked[:2] != ("xp", "g") or any(x not in self.inputs for x in inputs):
                raise TypeError(
                    f"{self.name}: the rule for {', '.join(inputs)} asks for {', '.join(asked)}; it must begin with "
                    f"xp, g and may name {', '.join(sorted(known - {'xp', 'g'}))}"
                )
            self.rules[inputs] = (rule, asked[2:])
            return rule

        return declare
