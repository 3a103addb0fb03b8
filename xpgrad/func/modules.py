"""Modules as functions of their parameters. Mirrors ``torch.func``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from xpgrad.core.grad_mode import no_grad
from xpgrad.core.tensor_base import TensorBase
from xpgrad.errors import ArgumentError, ArgumentTypeError, SettingError, StateDictError
from xpgrad.functions.joining import stack
from xpgrad.nn.modules.module import Module
from xpgrad.nn.modules.normalization import BatchNorm1d, BatchNorm2d, BatchNorm3d


def functional_call(
    module: Module,
    parameter_and_buffer_dicts: Any,
    args: Any = None,
    kwargs: dict[str, Any] | None = None,
    *,
    tie_weights: bool = True,
    strict: bool = False,
) -> Any:
    """What ``module`` returns with other parameters and buffers. Mirrors ``torch.func.functional_call``.

    Args:
        module: The module; it is as before afterwards.
        parameter_and_buffer_dicts: Tensors by name, or several such dicts; the rest stays the module's own.
        args: A tuple of arguments, or the only one.
        kwargs: Further ones.
        tie_weights: A tensor of several names in the module is replaced under all of them.
        strict: Raise if a name is missing or unknown.

    Raises:
        ArgumentError: Names that are tied get different tensors, or two dicts have one name.
        StateDictError: ``strict``, and the names are not those of the module.

    >>> import xpgrad as torch
    >>> layer = torch.nn.Linear(2, 1)
    >>> weights = {"weight": torch.ones(1, 2), "bias": torch.zeros(1)}
    >>> torch.func.functional_call(layer, weights, torch.tensor([3.0, 4.0]))
    tensor([7.])
    """
    if isinstance(parameter_and_buffer_dicts, dict):
        given = dict(parameter_and_buffer_dicts)
    elif isinstance(parameter_and_buffer_dicts, Sequence):
        names = [name for one in parameter_and_buffer_dicts for name in one]
        given = {name: tensor for one in parameter_and_buffer_dicts for name, tensor in one.items()}
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ArgumentError(f"{twice} appeared in multiple dictionaries; behavior of functional call is ambiguous")
    else:
        raise ArgumentTypeError(
            "Expected parameter_and_buffer_dicts to be a dict, or a list/tuple of dicts, but got "
            f"{type(parameter_and_buffer_dicts)}"
        )
    arguments = () if args is None else args if isinstance(args, tuple) else (args,)
    with _replaced(module, given, tie_weights, strict):
        return module(*arguments, **(kwargs or {}))


def stack_module_state(models: Sequence[Module]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The parameters and the buffers of several modules of one kind, stacked.

    Mirrors ``torch.func.stack_module_state``.

    Returns:
        Two dicts by name; the first dimension is that of ``models``.

    Raises:
        SettingError: There is no module, or they are of several classes or modes.
    """
    listed = list(models)
    if not listed:
        raise SettingError("stack_module_state: Expected at least one model, got 0.")
    if len({type(m) for m in listed}) > 1:
        raise SettingError("stack_module_state: Expected all models to be of the same class.")
    if len({m.training for m in listed}) > 1:
        raise SettingError("stack_module_state: Expected all models to have the same training/eval mode.")
    parameters = [dict(m.named_parameters()) for m in listed]
    buffers = [dict(m.named_buffers()) for m in listed]
    return (
        {name: _stacked([p[name] for p in parameters]) for name in parameters[0]},
        {name: _stacked([b[name] for b in buffers]) for name in buffers[0]},
    )


def _stacked(tensors: list[Any]) -> Any:
    with no_grad():
        return stack(tensors).requires_grad_(tensors[0].requires_grad)


@contextmanager
def _replaced(module: Module, given: dict[str, Any], tie_weights: bool, strict: bool) -> Iterator[None]:
    homes = dict(_homes(module))
    values = {name: tensor for name, tensor in given.items() if name in homes}
    if strict:
        _check_names(module, set(given), set(homes))
    if tie_weights:
        values = _tied(homes, values)
    before = {name: homes[name][0][homes[name][1]] for name in values}
    try:
        for name, tensor in values.items():
            home, key = homes[name]
            home[key] = tensor
        yield
    finally:
        for name, tensor in before.items():
            home, key = homes[name]
            home[key] = tensor


def _homes(module: Module) -> Iterator[tuple[str, tuple[dict[str, Any], str]]]:
    """Each name of a parameter or buffer, tied ones too, with the dictionary and the key it is under."""
    for prefix, owner in module.named_modules(remove_duplicate=False):
        for home in (owner._parameters, owner._buffers):
            for key, tensor in home.items():
                if isinstance(tensor, TensorBase):
                    yield f"{prefix}.{key}" if prefix else key, (home, key)


def _tied(homes: dict[str, tuple[dict[str, Any], str]], values: dict[str, Any]) -> dict[str, Any]:
    groups: dict[int, list[str]] = {}
    for name, (home, key) in homes.items():
        groups.setdefault(id(home[key]), []).append(name)
    spread: dict[str, Any] = {}
    for names in groups.values():
        tensors = [values[name] for name in names if name in values]
        if any(t is not tensors[0] for t in tensors):
            raise ArgumentError(
                f"functional_call got multiple values for keys {names}, which are tied. Consider using "
                "tie_weights=False"
            )
        spread |= {name: tensors[0] for name in names if tensors}
    return spread


def _check_names(module: Module, given: set[str], known: set[str]) -> None:
    problems = []
    if given - known:
        problems.append(f"Unexpected key(s): {', '.join(map(repr, sorted(given - known)))}.")
    if known - given:
        problems.append(f"Missing key(s): {', '.join(map(repr, sorted(known - given)))}.")
    if problems:
        listed = "\n\t".join(problems)
        raise StateDictError(f"Error(s) in reparametrizing for {type(module).__name__}:\n\t{listed}")


def replace_all_batch_norm_modules_(root: Module) -> Module:
    """Make all batch normalisations in ``root`` use the statistics of each batch, and return it.

    Mirrors ``torch.func.replace_all_batch_norm_modules_``.
    """
    for module in root.modules():
        if isinstance(module, (BatchNorm1d, BatchNorm2d, BatchNorm3d)):
            module.running_mean = module.running_var = module.num_batches_tracked = None
            module.track_running_stats = False
    return root
