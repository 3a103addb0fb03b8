"""What all optimizers share: groups of parameters, weight decay, state, hooks, and writing the new values back.

An optimizer is two functions on raw arrays. ``init(xp, p, ...)`` gives the state of a parameter before its first step,
``update(xp, p, g, state, ...)`` its next value and state; the settings they name are taken from the parameter's group::

    class SignDescent(Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, {"lr": lr})

        @staticmethod
        def update(xp, p, g, state, *, lr):
            return p - lr * xp.sign(g), state
"""

from __future__ import annotations

import functools
import inspect
import math
import warnings
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from typing import Any, ClassVar, NoReturn, TypeAlias

from xpgrad._typing import Array, Namespace
from xpgrad.backends.base import Place
from xpgrad.backends.selection import host_place
from xpgrad.core.grad_mode import enable_grad, no_grad
from xpgrad.core.graph import RemovableHandle
from xpgrad.core.inplace import inplace
from xpgrad.core.outliving import rebind, remember
from xpgrad.core.promotion import get_default_dtype
from xpgrad.core.tensor_base import TensorBase, late, make_tensor
from xpgrad.core.views import array_of
from xpgrad.core.writes import Site, calling_site, count_write
from xpgrad.core.writing import write
from xpgrad.errors import ArgumentError, ArgumentTypeError, OptimizerError

Params: TypeAlias = Iterable[TensorBase] | Iterable[dict[str, Any]] | Iterable[tuple[str, TensorBase]]
# What `init` and `update` pass on: arrays, and numbers for the names in `Optimizer.numbers`.
State: TypeAlias = dict[str, Any]
Hook: TypeAlias = Callable[..., Any]

required = type("_RequiredParameter", (), {"__repr__": lambda _: "<required parameter>", "__slots__": ()})()


def settings_of(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The settings among the ``locals()`` of a constructor that has no other names but ``params``."""
    return {name: value for name, value in arguments.items() if name not in ("self", "params", "__class__")}


def check(holds: bool, what: str, value: object, bounds: str) -> None:
    """Raise PyTorch's error for a setting that is out of range, unless the condition ``holds``."""
    if not holds:
        raise ArgumentError(f"Invalid {what}: {value}; it must be {bounds}")


def check_common(lr: Any, weight_decay: float, eps: float = 0.0) -> None:
    """Raise ArgumentError if one of the settings that nearly all optimizers have is out of range."""
    if isinstance(lr, TensorBase) and math.prod(array_of(lr).shape) != 1:
        raise ArgumentError(f"Tensor lr must be 1-element, got shape {tuple(array_of(lr).shape)}")
    check(lr >= 0.0, "learning rate", lr, "at least 0")
    check(eps >= 0.0, "epsilon value", eps, "at least 0")
    check(weight_decay >= 0.0, "weight_decay value", weight_decay, "at least 0")


def check_betas(betas: tuple[float, float]) -> None:
    """Raise ArgumentError unless both of the decay rates of Adam's kin lie in [0, 1)."""
    for i, beta in enumerate(betas):
        check(0.0 <= beta < 1.0, f"beta parameter at index {i}", beta, "in [0, 1)")


def check_implementations(foreach: bool | None, fused: bool | None, differentiable: bool) -> None:
    """Raise what PyTorch raises for choices of implementation that exclude each other."""
    if fused and differentiable:
        raise OptimizerError("`fused` does not support `differentiable`; set one of them to False")
    if fused and foreach:
        raise OptimizerError("`fused` and `foreach` cannot be `True` together. Leave one of them None.")


def _hooked(step: Callable[..., Any]) -> Callable[..., Any]:
    """The method ``step``, between the hooks that users have registered."""

    @functools.wraps(step)
    def hooked(*args: Any, **kwargs: Any) -> Any:
        self: Optimizer = args[0]
        self._opt_called = True
        if not self._step_pre_hooks and not self._step_post_hooks:
            return step(*args, **kwargs)
        for hook in [*self._step_pre_hooks.values()]:
            replaced = hook(self, args, kwargs)
            if isinstance(replaced, tuple) and len(replaced) == 2:
                args, kwargs = replaced
            elif replaced is not None:
                raise OptimizerError(
                    f"{step.__qualname__} must return None or a tuple of (new_args, new_kwargs), but got {replaced}."
                )
        result = step(*args, **kwargs)
        for hook in [*self._step_post_hooks.values()]:
            hook(self, args, kwargs)
        return result

    return hooked


class Optimizer:
    """The base of optimizers. Mirrors ``torch.optim.Optimizer``.

    A subclass gives `init` and `update`, as above, or overrides `step` as in PyTorch.

    Settings that the base applies for everyone, where a group has them: ``maximize`` (step along the gradient instead
    of against it), ``weight_decay`` (added to the gradient as ``weight_decay * p``, or, where the group says
    ``decoupled_weight_decay``, applied to ``p`` itself: Loshchilov and Hutter 2019, algorithm 2), ``differentiable``
    (record the step, so that gradients flow through it to what the parameters, which then are no leaves, their
    gradients and settings that are tensors come from). ``foreach``, ``fused`` and ``capturable`` choose among
    PyTorch's implementations of the same arithmetic; they are kept, saved and loaded, and change nothing. Complex
    parameters are updated as pairs of real ones.

    Args:
        params: Tensors, dicts with a group of them under ``"params"`` and settings of its own, or pairs of a name
            and a tensor (``model.named_parameters()``).
        defaults: Settings for groups that do not have them.

    Attributes:
        param_groups: The groups, each a dict of settings and ``"params"``.
        state: A dict of tensors per parameter.
        defaults: As given.

    Raises:
        ArgumentTypeError: ``params`` holds something else, or is one tensor or a set.
        ArgumentError: ``params`` is empty, holds a non-leaf or one tensor in two groups, or a setting is missing.
    """

    # The entries of the state that `init` and `update` see as Python numbers; users see them as 0-d host tensors.
    numbers: ClassVar[tuple[str, ...]] = ()

    _begins_bare: ClassVar[bool] = True
    _init_settings: ClassVar[tuple[str, ...]] = ()
    _update_settings: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._begins_bare = cls.init is Optimizer.init
        cls._init_settings = _settings_of(cls.init)
        cls._update_settings = _settings_of(cls.update)
        if "step" in vars(cls):
            cls.step = _hooked(cls.step)  # type: ignore[method-assign]

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        self._opt_called = False
        self._step_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
        self._step_post_hooks: OrderedDict[int, Hook] = OrderedDict()
        self._state_dict_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
        self._state_dict_post_hooks: OrderedDict[int, Hook] = OrderedDict()
        self._load_state_dict_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
        self._load_state_dict_post_hooks: OrderedDict[int, Hook] = OrderedDict()
        self.defaults = defaults
        self.state: defaultdict[Any, dict[str, Any]] = defaultdict(dict)
        self.param_groups: list[dict[str, Any]] = []
        if isinstance(params, TensorBase):
            raise ArgumentTypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got a "
                f"{type(params).__name__} of shape {tuple(array_of(params).shape)}; pass [tensor]"
            )
        if isinstance(params, (set, frozenset)):
            _refuse_set()
        groups: list[Any] = list(params)
        if not groups:
            raise ArgumentError(
                "optimizer got an empty parameter list; if it came from an iterator such as model.parameters(), "
                "that may have been used up before"
            )
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)

    def __repr__(self) -> str:
        lines = [f"{type(self).__name__} ("]
        for number, group in enumerate(self.param_groups):
            lines.append(f"Parameter Group {number}")
            lines += [f"    {name}: {group[name]}" for name in sorted(group) if name != "params"]
        return "\n".join([*lines, ")"])

    # The step.

    @staticmethod
    def init(xp: Namespace, p: Array, /, *_: Any, **settings: Any) -> State:
        """The state of parameter ``p`` before its first step; settings are keyword-only parameters."""
        return {}

    @staticmethod
    def update(xp: Namespace, p: Array, g: Array, state: State, /, *_: Any, **settings: Any) -> tuple[Array, State]:
        """The value of ``p`` and its state after a step along gradient ``g``; settings are keyword-only parameters.

        It is elementwise and leaves ``g`` alone. ``p`` and ``state`` are given up by the caller: a kernel may write
        its results into their memory and return that.
        """
        raise NotImplementedError("an optimizer overrides `update` or `step`")

    @_hooked
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update every parameter that has a gradient.

        Args:
            closure: Computes the loss and its gradients anew; it is called first, with recording on.

        Returns:
            What ``closure`` returns, if given.
        """
        loss = None
        if closure is not None:
            with enable_grad():
                loss = closure()
        site = calling_site()
        for group in self.param_groups:
            settings = {name: _plain(group[name]) for name in self._update_settings}
            is_recorded = group.get("differentiable")
            for parameter in group["params"]:
                if parameter._grad is None:
                    pass
                elif is_recorded:
                    self._step_recorded(parameter, group)
                elif parameter._place.guard is None:
                    self._step_one(parameter, group, settings, site)
                else:
                    with parameter._place.guard():
                        self._step_one(parameter, group, settings, site)
        return loss

    def _step_one(self, parameter: TensorBase, group: dict[str, Any], settings: dict[str, Any], site: Site) -> None:
        place, p, g = parameter._place, array_of(parameter), array_of(parameter._grad)  # type: ignore[arg-type]
        xp, decay = place.xp, _plain(group.get("weight_decay"))
        p, g = self._with_decay(p, g, group, settings.get("lr"), decay, in_place=place.mutable)
        known = self.state.get(parameter)
        state = self._read_state(known) if known else self._first_state(parameter, group)
        value, state = self._rule(parameter).update(xp, p, g, state, **settings)
        _write_parameter(parameter, value, site)
        if state:
            self._write_state(parameter, state)

    def _step_recorded(self, parameter: TensorBase, group: dict[str, Any]) -> None:
        """`_step_one` on tensors instead of arrays, as an in-place operation that gradients flow through."""
        xp, rule, known = late.recorded, self._rule(parameter), self.state[parameter]

        def stepped(p: Any) -> Any:
            settings = {name: group[name] for name in self._update_settings}
            if known:
                state = {name: value.item() if name in self.numbers else value for name, value in known.items()}
            else:
                state = rule.init(xp, p, **{name: group[name] for name in self._init_settings})
            p, g = self._with_decay(p, parameter._grad, group, group["lr"], group.get("weight_decay"))
            value, state = rule.update(xp, p, g, state, **settings)
            known.update({name: _number(_plain(v)) if name in self.numbers else v for name, v in state.items()})
            return value

        inplace(stepped, parameter)

    def _with_decay(
        self, p: Any, g: Any, group: dict[str, Any], lr: Any, weight_decay: Any, *, in_place: bool = False
    ) -> tuple[Any, Any]:
        """A parameter and its gradient as the group wants them: turned round, and with weight decay in one of them.

        The parameter itself may shrink ``in_place``: it is given up.
        """
        if group.get("maximize"):
            g = -g
        if weight_decay is None or (type(weight_decay) in (int, float) and weight_decay == 0):
            return p, g
        if group.get("decoupled_weight_decay"):
            if not in_place:
                return p * (1.0 - lr * weight_decay), g
            p *= 1.0 - lr * weight_decay
            return p, g
        return p, g + weight_decay * p

    def _rule(self, parameter: TensorBase) -> Optimizer | _Pairs:
        """Whose `init` and `update` fit the parameter."""
        place = parameter._place
        return _Pairs(self) if place.dtype(parameter._array.dtype).is_complex else self

    def _first_state(self, parameter: TensorBase, group: dict[str, Any]) -> State:
        """What `init` gives for the parameter."""
        if self._begins_bare:
            return {}
        settings = {name: _plain(group[name]) for name in self._init_settings}
        return self._rule(parameter).init(parameter._place.xp, array_of(parameter), **settings)

    def _read_state(self, known: Mapping[str, Any]) -> State:
        """A parameter's tensors as `update` takes them."""
        numbers = self.numbers
        return {
            name: float(_array(value)) if name in numbers else None if value is None else array_of(value)
            for name, value in known.items()
        }

    def _write_state(self, parameter: TensorBase, state: State) -> None:
        """Keep what `init` or `update` returned: in the tensors that are there, else in new ones."""
        known = self.state[parameter]
        for name, value in state.items():
            tensor = known.get(name)
            if name in self.numbers:
                if tensor is None or tensor._place is not host_place():
                    known[name] = _number(value)
                else:
                    host_place().backend.write(tensor._array, value)
            elif tensor is None:
                known[name] = make_tensor(value, parameter._place)
            else:
                place = parameter._place
                tensor._array = value if type(value) is place.array_type else place.wrap(value)
                if place.backend.lazy:
                    remember(tensor)

    # Groups, gradients and state.

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with settings of their own, while training even.

        Args:
            param_group: A dict of ``"params"`` (a tensor, tensors, or pairs of a name and a tensor) and settings.
        """
        if not isinstance(param_group, dict):
            raise ArgumentTypeError(f"param_group must be a dict, but got {type(param_group)}")
        params = param_group["params"]
        if isinstance(params, (set, frozenset)):
            _refuse_set()
        params = [params] if isinstance(params, TensorBase) else list(params)
        names = [p[0] for p in params if isinstance(p, tuple)]
        if names:
            if len(names) != len(params):
                raise ArgumentError(
                    "all optimizer params should be with/without names. Some param names are missing: "
                    f"{len(names)} of {len(params)} parameters have one"
                )
            param_group["param_names"] = names
            params = [p[1] for p in params]
        param_group["params"] = params
        for p in params:
            self._check_parameter(p)
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ArgumentError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        if len(set(params)) != len(params):
            warnings.warn(
                "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; "
                "see github.com/pytorch/pytorch/issues/40967 for more information",
                stacklevel=3,
            )
        others = {p for group in self.param_groups for p in group["params"]}
        if any(("param_names" in group) is not ("param_names" in param_group) for group in self.param_groups):
            kind = "with names" if names else "without names"
            raise ArgumentError(
                "all optimizer param groups should be with/without names. "
                f"cannot add param group {kind} to the optimizer"
            )
        if not others.isdisjoint(params):
            raise ArgumentError("some parameters appear in more than one parameter group; list each of them once")
        self.param_groups.append(param_group)

    def _check_parameter(self, p: Any) -> None:
        if not isinstance(p, TensorBase):
            raise ArgumentTypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
        leaf: bool = p.is_leaf or p.retains_grad  # type: ignore[attr-defined]
        if not leaf and not self.defaults.get("differentiable"):
            raise ArgumentError(
                "can't optimize a non-leaf Tensor: "
                f"this one of shape {tuple(p._array.shape)} was made by {p.grad_fn}; "  # type: ignore[attr-defined]
                "pass the leaf it comes from, or x.detach().requires_grad_()"
            )

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forget the gradients of all parameters.

        Args:
            set_to_none: Set ``p.grad`` to None; otherwise fill it with zeros, so that parameters without a new
                gradient still take a step (with momentum and weight decay).
        """
        for group in self.param_groups:
            for p in group["params"]:
                if set_to_none:
                    p._grad = None
                elif p._grad is not None:
                    p._grad.detach_()
                    p._grad.zero_()

    def state_dict(self) -> dict[str, Any]:
        """The state and the groups, with parameters replaced by their numbers, in PyTorch's layout.

        The tensors are the optimizer's own, not copies.
        """
        for hook in [*self._state_dict_pre_hooks.values()]:
            hook(self)
        number: dict[int, int] = {}
        groups = []
        for group in self.param_groups:
            packed = {name: value for name, value in group.items() if name != "params"}
            packed["params"] = [number.setdefault(id(p), len(number)) for p in group["params"]]
            groups.append(packed)
        state = {number[id(k)] if isinstance(k, TensorBase) else k: v for k, v in self.state.items()}
        result: dict[str, Any] = {"state": state, "param_groups": groups}
        for hook in [*self._state_dict_post_hooks.values()]:
            replaced = hook(self, result)
            result = result if replaced is None else replaced
        return result

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` returned, copied, in the parameters' dtypes and on their devices.

        Raises:
            ArgumentError: The groups are not as many or not as long as this optimizer's.
        """
        state_dict = dict(state_dict)
        for hook in [*self._load_state_dict_pre_hooks.values()]:
            replaced = hook(self, state_dict)
            state_dict = state_dict if replaced is None else replaced
        saved = deepcopy(state_dict["param_groups"])
        if len(saved) != len(self.param_groups):
            raise ArgumentError(
                f"loaded state dict has a different number of parameter groups: {len(saved)}, and this optimizer "
                f"{len(self.param_groups)}; build the optimizer as when it was saved"
            )
        parameters: dict[Any, TensorBase] = {}
        for i, (theirs, ours) in enumerate(zip(saved, self.param_groups, strict=True)):
            if len(theirs["params"]) != len(ours["params"]):
                raise ArgumentError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group: "
                    f"group {i} has {len(theirs['params'])} parameters, and this optimizer's {len(ours['params'])}"
                )
            parameters.update(zip(theirs["params"], ours["params"], strict=True))
            theirs["params"] = ours["params"]
            if "param_names" in ours:
                theirs.setdefault("param_names", ours["param_names"])
        self.param_groups = saved
        self.state = defaultdict(dict)
        for key, value in state_dict["state"].items():
            p = parameters.get(key)
            self.state[key if p is None else p] = value if p is None else self._adopt(p, value)
        for hook in [*self._load_state_dict_post_hooks.values()]:
            hook(self)

    def _adopt(self, p: TensorBase, value: Any, name: str = "") -> Any:
        """A copy of a loaded state, or of a part of it, fit for parameter ``p``."""
        if name in self.numbers and value is not None:
            return _number(float(_array(value)))
        if isinstance(value, TensorBase):
            place = p._place
            if value._place is not place:
                value = value.to(device=place.device)  # type: ignore[attr-defined]
            array = array_of(value)
            floating = place.dtype(p._array.dtype).is_differentiable
            return make_tensor(place.xp.astype(array, p._array.dtype if floating else array.dtype, copy=True), place)
        if isinstance(value, dict):
            return {k: self._adopt(p, v, k) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self._adopt(p, v) for v in value)
        return value

    # Hooks.

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` before each step; a pair that it returns replaces the arguments."""
        return RemovableHandle(self._step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Call ``hook(optimizer, args, kwargs)`` after each step."""
        return RemovableHandle(self._step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` before each `state_dict`."""
        return _register(self._state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` after each `state_dict`; what it returns replaces the result."""
        return _register(self._state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer, state_dict)`` before each load; what it returns is loaded instead."""
        return _register(self._load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Call ``hook(optimizer)`` after each load."""
        return _register(self._load_state_dict_post_hooks, hook, prepend)


def _register(hooks: OrderedDict[int, Hook], hook: Hook, prepend: bool) -> RemovableHandle:
    handle = RemovableHandle(hooks, hook)
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def _refuse_set() -> NoReturn:
    raise ArgumentTypeError(
        "optimizer parameters need to be organized in ordered collections, but the ordering of tensors in sets will "
        "change between runs. Please use a list instead."
    )


def _settings_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of the keyword-only parameters."""
    parameters = inspect.signature(function).parameters.values()
    return tuple(p.name for p in parameters if p.kind is p.KEYWORD_ONLY)


def _plain(setting: Any) -> Any:
    """A setting as Python numbers, which promote no array; tensors of one element and NumPy's scalars might."""
    if setting is None or type(setting) in (bool, int, float):
        return setting
    return tuple(map(_plain, setting)) if isinstance(setting, (tuple, list)) else float(_array(setting))


def _array(value: Any) -> Any:
    return array_of(value) if isinstance(value, TensorBase) else value


def _number(value: float) -> Any:
    """A number as a 0-d tensor on the host; PyTorch keeps the count of steps in one."""
    host = host_place()
    dtype = get_default_dtype().name
    array = host.xp.asarray(value, dtype=getattr(host.xp, dtype if dtype == "float64" else "float32"))
    return make_tensor(array, host)


def _write_parameter(parameter: TensorBase, value: Array, site: Site) -> None:
    """Make ``value`` the parameter's, in its memory where that can be written, so that aliases see it."""
    place: Place = parameter._place
    if parameter._view is not None:
        node = parameter._node
        with no_grad():
            write(parameter, make_tensor(value, place))
        # Making the view again from its base has lost that it is a leaf.
        parameter._node = node
        return
    if value is not parameter._array:
        if place.mutable:
            place.backend.write(parameter._array, value)
        else:
            rebind(parameter, value if type(value) is place.array_type else place.wrap(value))
    count_write(parameter._cell, site)


class _Pairs:
    """An optimizer's two functions for complex arrays: real and imaginary parts are elements of their own."""

    def __init__(self, optimizer: Optimizer) -> None:
        self._optimizer = optimizer

    def init(self, xp: Namespace, p: Array, **settings: Any) -> State:
        made = self._optimizer.init(xp, _split(xp, p), **settings)
        return {name: _join(xp, value, p) for name, value in made.items()}

    def update(self, xp: Namespace, p: Array, g: Array, state: State, **settings: Any) -> tuple[Array, State]:
        parts = {name: _split(xp, value) for name, value in state.items()}
        value, new = self._optimizer.update(xp, _split(xp, p), _split(xp, g), parts, **settings)
        return _join(xp, value, p), {name: _join(xp, part, p) for name, part in new.items()}


def _split(xp: Namespace, x: Any) -> Any:
    return x if x is None or isinstance(x, float) else xp.stack([xp.real(x), xp.imag(x)], axis=-1)


def _join(xp: Namespace, x: Any, like: Array) -> Any:
    if x is None or isinstance(x, float):
        return x
    return xp.astype(x[..., 0], like.dtype) + 1j * xp.astype(x[..., 1], like.dtype)
