"""Turning an op's declaration into the two functions that run: its forward call and its node's backward.

Each op, with each pattern of tensors and plain values it is called with, gets straight-line Python made for it:
no loops over arguments, no dictionaries, no look-ups of what a rule wants. That is what makes a pure-Python
call cheaper than PyTorch's. The source is registered with `linecache`, so a debugger steps through it and
from there into the op's forward and rules, and `source(op)` shows it.
"""

from __future__ import annotations

import linecache
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from xpgrad._typing import Array, RawDtype, Shape
from xpgrad.backends.base import Place
from xpgrad.core.declaration import Declaration
from xpgrad.core.fit import fit, fitted
from xpgrad.core.grad_mode import mode, trace
from xpgrad.core.graph import Gradients, Node, Output
from xpgrad.core.packing import noted
from xpgrad.core.refused import refused
from xpgrad.core.saved import modified, rebuild_input, rebuild_output, saved_properties
from xpgrad.core.tensor_base import INFERENCE, TensorBase, late, make_tensor, new
from xpgrad.core.views import Piece, View, freshen, refresh
from xpgrad.errors import ArgumentTypeError, GraphFreedError, InferenceTensorError, MixedBackendsError


def specialise(op: Declaration, pattern: str) -> Callable[..., Any]:
    """The forward function of ``op`` for inputs that are tensors (``T``) or plain values (``S``)."""
    text = "\n".join(_forward_lines(op, pattern)) + "\n"
    return _compile(text, f"<forward of {op.name} for {pattern}>", _scope(op))["apply"]  # type: ignore[no-any-return]


def specialise_entry(op: Declaration, floating: bool, real: bool, scope: dict[str, Any]) -> types.CodeType:
    """The code of ``op.entry``, whose globals are ``scope``."""
    scope |= _scope(op)
    text = "\n".join(_entry_lines(op, floating, real)) + "\n"
    return _compile(text, f"<forward of {op.name}>", scope)["apply"].__code__  # type: ignore[no-any-return]


def _scope(op: Declaration) -> dict[str, Any]:
    """What the lines of a forward function mention."""
    return {
        "INFERENCE": INFERENCE, "MixedBackends": _mixed, "Output": Output, "Piece": Piece, "TensorBase": TensorBase,
        "View": View, "forward": op.forward, "mode": mode, "new": new, "op": op, "refresh": refresh, "refused": refused,
        "freshen": freshen,
        "Tensor": late.tensor, "NodeClass": node_class(op), "inference_error": _inference_error,
        "frame_at": sys._getframe, "noted": noted,
    } | {f"default_{name}": value for name, value in op.defaults.items()}  # fmt: skip


def node_class(op: Declaration) -> type[Node]:
    """The class of the nodes that ``op`` records, named as PyTorch names them."""
    if op.node_class is None:
        scope = {f"rule_{'_'.join(xs)}": rule for xs, (rule, _) in op.rules.items()} | {
            "GraphFreedError": GraphFreedError,
            "all_gradients": _all_gradients,
            "fit": fit,
            "fitted": fitted,
            "modified": modified,
            "rebuild_input": rebuild_input,
            "rebuild_output": rebuild_output,
        }
        text = "\n".join([*_backward_lines(op, False), "", *_backward_lines(op, True)]) + "\n"
        functions = _compile(text, f"<backward of {op.name}>", scope)
        members = {name: functions[name] for name in ("run", "run_recorded")}
        slots = [slot for asked in _all_asked(op) for slot in _slots(op, asked)]
        if _saves_arrays(op):
            slots += ["code", "lasti"]
        if op.outputs != 1:
            slots.append("metas")
        members |= {"__slots__": tuple(dict.fromkeys(slots)), "__doc__": op.__doc__, "saved": tuple(_saved_arrays(op))}
        members |= saved_properties(tuple(op.inputs), _all_asked(op))
        op.node_class = type(op.name if "Backward" in op.name else f"{op.name}Backward0", (Node,), members)
    return op.node_class


def source(op: Declaration, pattern: str | None = None) -> str:
    """The generated source of ``op``, for reading."""
    forward = _forward_lines(op, pattern or "T" * len(op.inputs))
    return "\n".join([*forward, "", *_backward_lines(op, False), ""])


def apply_variadic(op: Declaration, inputs: Sequence[Any], settings: dict[str, Any]) -> Any:
    """The forward of an op with any number of inputs (`concat`); looped, since its cost is in the copying."""
    try:
        place = inputs[0]._place
        for x in inputs:
            if x._view is not None and x._cell[0] != x._view.seen:
                refresh(x)
            if x._place is not place:
                raise _mixed(op, *inputs)
    except (AttributeError, IndexError):
        if inputs and all(isinstance(x, TensorBase) for x in inputs):
            raise
        raise ArgumentTypeError(
            f"{op.forward.__name__}: takes one or more tensors, got {[type(x) for x in inputs]}"
        ) from None
    arrays = [x._array for x in inputs]
    forward, xp = op.forward, place.xp
    out = forward(xp, *arrays, **settings) if place.guard is None else place.guarded(forward, xp, *arrays, **settings)
    result = make_tensor(out, place)
    if mode.grad:
        nodes = tuple([x._node for x in inputs])
        if nodes.count(None) != len(nodes):
            node = result._node = new(op.node_class or node_class(op))
            node.next, node.place, node.hooks, node.freed = nodes, place, None, False
            node.shape, node.dtype = result._array.shape, result._array.dtype
            node.trace = trace()
            for slot, setting in _variadic_saves(op):
                shapes = tuple([a.shape for a in arrays])
                setattr(node, slot, shapes if setting is None else settings.get(setting, op.defaults.get(setting)))
    return result


def _variadic_saves(op: Declaration) -> Sequence[tuple[str, str | None]]:
    """The slots of a variadic op's node, each with the setting that it is for; None means the shapes of the inputs."""
    found = op.variadic_saves
    if found is None:
        asked = _all_asked(op)
        wrong = [name for name in asked if name not in op.settings and not name.endswith("_shape")]
        if wrong:
            raise TypeError(f"{op.name}: the rule for *{op.inputs[-1]} may name settings and shapes, not {wrong[0]!r}")
        found = op.variadic_saves = [(f"s_{name}", name if name in op.settings else None) for name in asked]
    return found


# Which names a rule's request leads to.


def _input_of(op: Declaration, name: str) -> str | None:
    """The input whose array a rule means by ``name``, if it means one."""
    return name if name in op.inputs else None


def _meta_of(op: Declaration, name: str) -> tuple[str, str] | None:
    """The input and the attribute (``shape`` or ``dtype``) that a rule means by ``x_shape``, if it does."""
    for suffix in ("_shape", "_dtype"):
        if name.endswith(suffix) and name.removesuffix(suffix) in op.inputs and name not in op.settings:
            return name.removesuffix(suffix), suffix[1:]
    return None


def _all_asked(op: Declaration) -> list[str]:
    """Every name that some rule asks for, once each, without ``needs``."""
    return list(dict.fromkeys(name for _, asked in op.rules.values() for name in asked if name != "needs"))


def _saved_arrays(op: Declaration) -> list[str]:
    """The names that rules ask for and that are arrays: what a node has to release."""
    return [] if op.variadic else [name for name in _all_asked(op) if _input_of(op, name) or name == "out"]


def _askers(op: Declaration, name: str) -> list[str]:
    """The inputs whose rules ask for ``name``."""
    return [x for inputs, (_, asked) in op.rules.items() if name in asked for x in inputs]


def _slots(op: Declaration, name: str) -> tuple[str, ...]:
    """The node's slots for a saved value: the value, and for an array its version cell and the count seen."""
    if _input_of(op, name):
        return (f"s_{name}", f"c_{name}", f"v_{name}")
    if name == "out":
        return ("s_out", "c_out")
    return (f"s_{name}",)


def _saves_arrays(op: Declaration) -> bool:
    """Whether some rule asks for an array, which somebody may then modify."""
    return any(_input_of(op, name) or name == "out" for name in _all_asked(op))


def _differentiable(op: Declaration) -> list[str]:
    """The inputs that have a rule, in order."""
    covered = {x for inputs in op.rules for x in inputs}
    return [x for x in op.inputs if x in covered]


def _forward_lines(op: Declaration, pattern: str) -> Iterator[str]:
    """The lines of ``apply``; read them with ``print(source(op))``."""
    tensors = [x for x, kind in zip(op.inputs, pattern, strict=True) if kind == "T"]
    settings = [f"{s}=default_{s}" if s in op.defaults else s for s in op.settings]
    passed = [f"{s}={s}" for s in op.settings]
    yield f"def apply({', '.join([*op.inputs, *(['*'] if settings else []), *settings])}):"
    yield "    try:"
    yield from _array_lines(op, tensors, "        ")
    for x in tensors[1:]:
        yield f"        if {x}._place is not place: raise MixedBackends(op, {', '.join(tensors)})"
    yield "    except AttributeError:"
    yield f"        if {' and '.join(f'isinstance({x}, TensorBase)' for x in tensors)}: raise"
    yield f"        return op({', '.join([*op.inputs, *passed])})"
    yield from _result_lines(op, pattern, tensors, depth=2)


def _entry_lines(op: Declaration, floating: bool, real: bool) -> Iterator[str]:
    """The lines of `op.entry`: those of ``apply`` for what needs no preparation."""
    x, *others = op.inputs
    unknown = f"{x}._node is None and not place.dtype(a_{x}.dtype).is_differentiable"
    if others:
        (y,) = others
        call = f"otherwise({x}, {y})"
        yield f"def apply({x}, {y}):"
        yield f"    if not isinstance({y}, TensorBase):"
        # A real number does not change the dtype of what is floating, as everything that requires grad is.
        yield f"        if type({y}) is float or type({y}) is int:"
        ours = f"{x}._place.dtype({x}._array.dtype)"
        fits = f"{ours}.is_floating_point" if real else f"{x}._node is not None or {ours}.is_differentiable"
        yield f"            if {fits}:"
        yield f"                return op.apply_ts({x}, {y})"
        yield f"        return {call}"
        yield from _array_lines(op, op.inputs, "    ")
        yield f"    if a_{x}.dtype is not a_{y}.dtype or {y}._place is not place: return {call}"
        if floating:
            yield f"    if {unknown}: return {call}"
        if real:
            yield f"    if place.dtype(a_{x}.dtype).is_complex: return {call}"
    else:
        call = "otherwise(input, out=out)"
        yield "def apply(input, *, out=None):"
        yield "    try:"
        yield f"        {x} = input"
        yield from _array_lines(op, op.inputs, "        ")
        yield f"    except AttributeError: return {call}"
        yield f"    if out is not None{f' or ({unknown})' if floating else ''}: return {call}"
    yield from _result_lines(op, "T" * len(op.inputs), list(op.inputs), depth=1)


def _array_lines(op: Declaration, tensors: Sequence[str], indent: str) -> Iterator[str]:
    # What has no rules does not care for the history of its inputs.
    refresh = "refresh" if op.rules else "freshen"
    for x in tensors:
        yield f"{indent}if {x}._view is not None and {x}._cell[0] != {x}._view.seen: {refresh}({x})"
    for x in tensors:
        yield f"{indent}a_{x} = {x}._array"
    yield f"{indent}place = {tensors[0]}._place"


def _result_lines(op: Declaration, pattern: str, tensors: list[str], depth: int) -> Iterator[str]:
    """The lines that compute and record; ``depth`` is how many frames up the user's is."""
    arrays = [f"a_{x}" if x in tensors else x for x in op.inputs]
    given = ", ".join(["place.xp", *arrays, *(f"{s}={s}" for s in op.settings)])
    yield "    try:"
    yield f"        out = forward({given}) if place.guard is None else place.forward(forward, {given})"
    yield "    except (ValueError, TypeError, IndexError, RuntimeError) as error:"
    yield f"        raise refused(op, error, place, ({', '.join(arrays)},)) from error"
    view_of = tensors[0] if op.is_view and pattern[0] == "T" else None
    if op.outputs != 1:
        yield from _many_results(op, view_of)
    else:
        yield "    if type(out) is not place.array_type: out = place.wrap(out)"
        yield from _result("result", "out", view_of=view_of, op=op)
    differentiable = [x for x in tensors if x in _differentiable(op)]
    results = "result" if op.outputs == 1 else "results"
    if differentiable:
        for x in differentiable:
            yield f"    n_{x} = {x}._node"
        anyone = " or ".join(f"n_{x} is not None" for x in differentiable)
        yield f"    if {anyone if len(differentiable) == 1 else f'({anyone})'} and (record := mode.grad):"
        yield from _record(op, tensors, differentiable, depth)
        yield f"        return {results}"
    indent = "    "
    if op.outputs != 1:
        yield "    for result in results:"
        indent = "        "
    yield f"{indent}result._node = None"
    if view_of is None:
        yield f"{indent}if mode.inference: result._cell = INFERENCE"
    elif view_of in differentiable:
        yield f"{indent}if n_{view_of} is not None or not mode.grad: result._view = result._view.unrecorded(result)"
    yield f"    return {results}"


def _result(
    name: str, array: str, *, view_of: str | None, op: Declaration, indent: str = "    ", kind: str = "View"
) -> Iterator[str]:
    yield f"{indent}{name} = new(Tensor)"
    yield f"{indent}{name}._array = {array}"
    yield f"{indent}{name}._place = place"
    yield f"{indent}{name}._grad = None"
    if view_of is None:
        yield f"{indent}{name}._cell = [0]"
        yield f"{indent}{name}._view = None"
        return
    yield f"{indent}{name}._cell = version = {view_of}._cell"
    yield f"{indent}{name}._view = view = {kind}()"
    yield f"{indent}view.base = {view_of}"
    yield f"{indent}view.op = op"
    rest = [*op.inputs[1:], *op.settings]
    yield f"{indent}view.arguments = ({''.join(f'{name}, ' for name in rest)})"
    yield f"{indent}view.seen = version[0]"


def _many_results(op: Declaration, view_of: str | None) -> Iterator[str]:
    yield "    results = []"
    yield "    out = tuple([_a if type(_a) is place.array_type else place.wrap(_a) for _a in out])"
    yield "    for _index, array in enumerate(out):"
    yield from _result("result", "array", view_of=view_of, op=op, indent="        ", kind="Piece")
    if view_of is not None:
        yield "        view.index = _index"
    yield "        results.append(result)"
    yield "    results = tuple(results)"


def _record(op: Declaration, tensors: list[str], differentiable: list[str], depth: int) -> Iterator[str]:
    """The lines that make the node and save what its rules ask for."""
    yield "        node = NodeClass()"
    edges = [f"n_{x}" if x in differentiable else "None" for x in op.inputs]
    yield f"        node.next = ({', '.join(edges)},)"
    yield "        node.place = place"
    yield "        node.hooks = None"
    yield "        node.freed = False"
    if op.outputs != 1:
        yield "        node.shape = node.dtype = None"
        yield "        node.metas = tuple([(_a.shape, _a.dtype) for _a in out])"
        yield "        for _i, result in enumerate(results):"
        yield "            result._node = None if _i in op.constant_outputs else Output(node, _i, out[_i], place)"
    else:
        yield "        node.shape = out.shape"
        yield "        node.dtype = out.dtype"
        yield "        result._node = node"
    if _saves_arrays(op):
        # Where the operation was called, for the error about a saved value that was modified.
        yield f"        frame = frame_at({depth})"
        yield "        node.code = frame.f_code"
        yield "        node.lasti = frame.f_lasti"
    for name in _all_asked(op):
        askers = [x for x in _askers(op, name) if x in differentiable]
        if not askers:
            continue
        indent = "        "
        if set(askers) != set(differentiable):
            yield f"        if {' or '.join(f'n_{x} is not None' for x in askers)}:"
            indent = "            "
        meta = _meta_of(op, name)
        if name in tensors:
            yield f"{indent}node.s_{name} = a_{name}"
            yield f"{indent}node.c_{name} = cell = {name}._cell"
            yield f"{indent}node.v_{name} = cell[0]"
            yield f"{indent}if cell is INFERENCE: raise inference_error(op, {name!r})"
        elif meta is not None:
            x, attribute = meta
            yield f"{indent}node.s_{name} = {f'a_{x}.{attribute}' if x in tensors else None}"
        else:
            yield f"{indent}node.s_{name} = {name}"
            if _input_of(op, name):
                yield f"{indent}node.c_{name} = None"
            elif name == "out":
                # A result is new: any later count than 0 means that it was written to.
                cells = "result._cell" if op.outputs == 1 else "[result._cell for result in results]"
                yield f"{indent}node.c_out = {cells}"
    # Last, since it may pack what was saved.
    yield "        node.trace = None if record is True else noted(node)"


def _backward_lines(op: Declaration, recorded: bool) -> Iterator[str]:
    """The lines of the node's ``run``: each rule whose input needs a gradient, on what was saved for it."""
    saved = _saved_arrays(op)
    yield f"def {'run_recorded' if recorded else 'run'}(self, xp, g, keep_graph):"
    if saved:
        yield "    if self.freed: raise GraphFreedError(self.name())"
    if op.outputs != 1:
        yield f"    g = all_gradients(self, xp, g, {recorded})"
    if op.variadic:
        yield from _backward_variadic(op, recorded)
        return
    yield f"    {''.join(f'n_{x}, ' for x in op.inputs)} = self.next"
    for inputs, (_, asked) in op.rules.items():
        yield f"    if {' or '.join(f'n_{x} is not None' for x in inputs)}:"
        values = []
        for name in asked:
            if name == "needs":
                values.append(f"({', '.join(f'n_{x} is not None' for x in inputs)})")
                continue
            values.append(_value(op, name, recorded))
            if _input_of(op, name):
                yield f"        if self.c_{name} is not None and self.c_{name}[0] != self.v_{name}:"
                yield f"            raise modified(self, {name!r})"
            elif name == "out":
                changed = "self.c_out[0]" if op.outputs == 1 else "any([cell[0] for cell in self.c_out])"
                yield f"        if {changed}: raise modified(self, 'out')"
        targets = ", ".join(f"g_{x}" for x in inputs)
        yield f"        {targets} = rule_{'_'.join(inputs)}({', '.join(['xp', 'g', *values])})"
        for x in inputs:
            yield f"        {_unfit(x, recorded, len(inputs) > 1)}g_{x} = fit(self, n_{x}, g_{x}, {recorded})"
        yield "    else:"
        yield f"        {' = '.join(f'g_{x}' for x in inputs)} = None"
    if saved:
        yield "    if not keep_graph:"
        yield "        self.freed = True"
        yield f"        {' = '.join(f'self.s_{name}' for name in saved)} = None"
    covered = _differentiable(op)
    yield f"    return ({''.join(f'g_{x}, ' if x in covered else 'None, ' for x in op.inputs)})"


def _unfit(x: str, recorded: bool, shared: bool) -> str:
    """The condition under which a gradient has to be made to fit, as the beginning of a line.

    It spares nearly all calls of `fit`. A rule shared by several inputs returns None for those not asked for.
    """
    wanted = f"n_{x} is not None" if shared else ""
    unfit = "" if recorded else f"g_{x}.shape != n_{x}.shape or g_{x}.dtype is not n_{x}.dtype"
    both = f"{wanted} and ({unfit})" if wanted and unfit else wanted or unfit
    return f"if {both}: " if both else ""


def _backward_variadic(op: Declaration, recorded: bool) -> Iterator[str]:
    ((inputs, (_, asked)),) = op.rules.items()
    values = ["[n is not None for n in self.next]" if n == "needs" else f"self.s_{n}" for n in asked]
    yield f"    return fitted(self, rule_{inputs[0]}({', '.join(['xp', 'g', *values])}), {recorded})"


def _value(op: Declaration, name: str, recorded: bool) -> str:
    """How ``backward`` reads a saved value."""
    if recorded and _input_of(op, name):
        return f"rebuild_input(self, {op.inputs.index(name)}, self.s_{name}, self.c_{name})"
    if recorded and name == "out":
        return "rebuild_output(self, self.s_out, self.c_out)"
    meta = _meta_of(op, name)
    if recorded and meta is not None and meta[1] == "dtype":
        return f"self.place.dtype(self.s_{name})"
    return f"self.s_{name}"


def _compile(text: str, filename: str, scope: dict[str, Any]) -> dict[str, Any]:
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    scope["__name__"] = f"{__name__}.generated"
    exec(compile(text, filename, "exec"), scope)
    return scope


# What the generated code calls when it leaves the straight line.


def _mixed(op: Declaration, *tensors: TensorBase) -> MixedBackendsError:
    return MixedBackendsError(op.forward.__name__, [str(x._place.device) for x in tensors])


def _inference_error(op: Declaration, name: str) -> InferenceTensorError:
    return InferenceTensorError(
        "Inference tensors cannot be saved for backward. To work around this, make a clone to get a normal tensor "
        f"and use it in autograd. ({op.forward.__name__} needs its {name} for the gradient)"
    )


def _all_gradients(node: Node, xp: Any, arrived: Gradients, recorded: bool) -> tuple[Array, ...]:
    """The gradient of each result of a many-result node, zeros where none arrived."""
    place: Place = node.place

    def zeros(shape: Shape, dtype: RawDtype) -> Array:
        if recorded:
            return xp.zeros(shape, dtype=place.dtype(dtype), device=place.device)
        return xp.zeros(shape, dtype=dtype, device=place.handle)

    return tuple(arrived.by_index[i] if i in arrived.by_index else zeros(*meta) for i, meta in enumerate(node.metas))
