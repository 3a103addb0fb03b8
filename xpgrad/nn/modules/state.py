"""The part of a module that saves its state by name and takes it back."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from xpgrad.core.grad_mode import no_grad
from xpgrad.core.graph import RemovableHandle
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentTypeError, StateDictError
from xpgrad.nn.modules.conversion import Convertible
from xpgrad.nn.parameter import Parameter
from xpgrad.tensor.size import Size

_EXTRA = "_extra_state"


class IncompatibleKeys(NamedTuple("IncompatibleKeys", [("missing_keys", list[str]), ("unexpected_keys", list[str])])):
    """What `Stateful.load_state_dict` returns: names the module has but not the state dict, and the reverse."""

    __slots__ = ()

    def __repr__(self) -> str:
        return super().__repr__() if self.missing_keys or self.unexpected_keys else "<All keys matched successfully>"

    __str__ = __repr__


class Stateful(Convertible):
    """Parameters and persistent buffers as a flat dictionary, and back.

    Attributes:
        _version: Kept with the state of a class, so that its ``_load_from_state_dict`` can tell an older one.
    """

    _version: int = 1

    _state_dict_hooks: OrderedDict[int, Callable[..., Any]]
    _state_dict_pre_hooks: OrderedDict[int, Callable[..., Any]]
    _load_state_dict_pre_hooks: OrderedDict[int, Callable[..., Any]]
    _load_state_dict_post_hooks: OrderedDict[int, Callable[..., Any]]

    def __init__(self) -> None:
        super().__init__()
        self.__dict__.update(
            _state_dict_hooks=OrderedDict(),
            _state_dict_pre_hooks=OrderedDict(),
            _load_state_dict_pre_hooks=OrderedDict(),
            _load_state_dict_post_hooks=OrderedDict(),
        )

    # Saving.

    def state_dict(self, *, destination: Any = None, prefix: str = "", keep_vars: bool = False) -> Any:
        """Parameters and persistent buffers by name, sharing memory with the module. Mirrors PyTorch's.

        Args:
            destination: A dictionary to put them in; a new one by default.
            prefix: What all names begin with.
            keep_vars: Whether to give the parameters themselves, not detached tensors.

        Returns:
            An OrderedDict; its attribute ``_metadata`` holds the version of each module's class.
        """
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        versions = {"version": self._version}
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = versions
        for hook in self._state_dict_pre_hooks.values():
            hook(self, prefix, keep_vars)
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=f"{prefix}{name}.", keep_vars=keep_vars)
        for hook in self._state_dict_hooks.values():
            hook(self, destination, prefix, versions)
        return destination

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        """Put this module's own state, without that of the modules within, into ``destination``."""
        for name, tensor in self._own_state().items():
            destination[prefix + name] = tensor if keep_vars else tensor.detach()
        if type(self).get_extra_state is not Stateful.get_extra_state:
            destination[prefix + _EXTRA] = self.get_extra_state()

    def get_extra_state(self) -> Any:
        """What a subclass wants saved beside tensors; define it together with `set_extra_state`."""
        raise NotImplementedError(f"{type(self).__name__} defines no get_extra_state")

    def set_extra_state(self, state: Any) -> None:
        """Take back what `get_extra_state` gave."""
        raise NotImplementedError(f"{type(self).__name__} defines no set_extra_state")

    # Loading.

    def load_state_dict(
        self, state_dict: Mapping[str, Any], strict: bool = True, assign: bool = False
    ) -> IncompatibleKeys:
        """Copy values into parameters and buffers by name. Mirrors PyTorch's.

        Args:
            state_dict: What `state_dict` gave, perhaps on another device or in another dtype.
            strict: Whether names must match exactly.
            assign: Take the tensors themselves, with their dtype and device, in place of copying their values.

        Returns:
            The names that were missing and those that were unexpected.

        Raises:
            ArgumentTypeError: ``state_dict`` is not a mapping.
            StateDictError: Shapes differ, or with ``strict`` names.
        """
        if not isinstance(state_dict, Mapping):
            raise ArgumentTypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        versions = getattr(state_dict, "_metadata", {})
        result = IncompatibleKeys([], [])
        errors: list[str] = []
        self._load(OrderedDict(state_dict), "", versions, assign, result, errors)
        if strict:
            errors = [
                f"{what} key(s) in state_dict: {', '.join(map(_quoted, keys))}. "
                for what, keys in (("Missing", result.missing_keys), ("Unexpected", result.unexpected_keys))
                if keys
            ] + errors
        if errors:
            raise StateDictError(f"Error(s) in loading state_dict for {type(self).__name__}:\n\t" + "\n\t".join(errors))
        return result

    def _load(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        versions: Mapping[str, Any],
        assign: bool,
        result: IncompatibleKeys,
        errors: list[str],
    ) -> None:
        """Load this module and those within; ``state_dict`` holds the names that begin with ``prefix``."""
        about = dict(versions.get(prefix[:-1], {}))
        if assign:
            about["assign_to_params_buffers"] = True
        self._load_from_state_dict(state_dict, prefix, about, True, *result, errors)
        for name, module in self._modules.items():
            if module is not None:
                inner = f"{prefix}{name}."
                part = OrderedDict((key, value) for key, value in state_dict.items() if key.startswith(inner))
                module._load(part, inner, versions, assign, result, errors)
        for hook in self._load_state_dict_post_hooks.values():
            if hook(self, result) is not None:
                raise StateDictError(
                    "Hooks registered with ``register_load_state_dict_post_hook`` are not expected to return new "
                    "values, if incompatible_keys need to be modified, it should be done inplace."
                )

    def _load_from_state_dict(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        local_metadata: dict[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        """Load this module's own state, without that of the modules within.

        Missing and unexpected names, and errors, are added to the lists.
        """
        for hook in self._load_state_dict_pre_hooks.values():
            hook(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        # A subclass may ask for no lists of names.
        missing, unexpected = (missing_keys, unexpected_keys) if strict else ([], [])
        own = self._own_state()
        assign = local_metadata.get("assign_to_params_buffers", False)
        for name, tensor in own.items():
            key = prefix + name
            if key not in state_dict:
                missing.append(key)
                continue
            error = _mismatch(key, tensor, state_dict[key])
            if error:
                error_msgs.append(error)
                continue
            value = state_dict[key]
            if value.ndim == 1 and tensor.ndim == 0:
                value = value[0]
            if assign:
                setattr(self, name, _adopted(tensor, value))
            else:
                with no_grad():
                    tensor.copy_(value)
        if type(self).set_extra_state is not Stateful.set_extra_state:
            if prefix + _EXTRA in state_dict:
                self.set_extra_state(state_dict[prefix + _EXTRA])
            else:
                missing.append(prefix + _EXTRA)
            own[_EXTRA] = None
        for key in state_dict:
            first, *rest = key.removeprefix(prefix).split(".", 1)
            if key.startswith(prefix) and first not in (self._modules if rest else own):
                unexpected.append(key)

    def _own_state(self) -> dict[str, Any]:
        """The parameters and persistent buffers of this module alone."""
        temporary = self._non_persistent_buffers_set
        buffers = {name: buffer for name, buffer in self._buffers.items() if name not in temporary}
        return {name: tensor for name, tensor in (self._parameters | buffers).items() if tensor is not None}

    # Hooks.

    def register_state_dict_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, state_dict, prefix, local_metadata)`` after `state_dict`; it may change that."""
        return RemovableHandle(self._state_dict_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, prefix, keep_vars)`` before `state_dict`."""
        return RemovableHandle(self._state_dict_pre_hooks, hook)

    def register_load_state_dict_pre_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook`` before this module is loaded.

        Its arguments: module, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs.
        """
        return RemovableHandle(self._load_state_dict_pre_hooks, hook)

    def register_load_state_dict_post_hook(self, hook: Callable[..., None]) -> RemovableHandle:
        """Call ``hook(module, incompatible_keys)`` after this module is loaded; it may change the lists of names."""
        return RemovableHandle(self._load_state_dict_post_hooks, hook)


def _mismatch(key: str, tensor: Any, value: Any) -> str | None:
    """Why ``value`` cannot be loaded into ``tensor``, or None if it can."""
    if not isinstance(value, TensorBase):
        return (
            f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like object from checkpoint '
            f"but received {type(value)}"
        )
    # Before PyTorch 0.4, scalars were saved with one dimension.
    old_scalar = tensor.ndim == 0 and tuple(value._array.shape) == (1,)
    if tensor._array.shape != value._array.shape and not old_scalar:
        return (
            f"size mismatch for {key}: copying a param with shape {Size(value._array.shape)} from checkpoint, "
            f"the shape in current model is {tensor.shape}."
        )
    return None


def _adopted(tensor: Any, value: Any) -> Any:
    """``value`` ready to take the place of ``tensor`` in a module."""
    if not isinstance(tensor, Parameter):
        return value
    if isinstance(value, Parameter):
        return value.requires_grad_(tensor.requires_grad)
    return Parameter(value, requires_grad=tensor.requires_grad)


def _quoted(key: str) -> str:
    return f'"{key}"'
