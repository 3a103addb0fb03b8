"""The tables of the conformance kit have a row for everything that they are about."""

from __future__ import annotations

import inspect
import re

from xpgrad import nn, optim
from xpgrad.backends.fallbacks import FALLBACKS
from xpgrad.backends.numpy_kernels import KERNELS as NUMPY_KERNELS
from xpgrad.testing.conformance.kernels.table import KERNELS
from xpgrad.testing.conformance.layers.table import LAYERS, WITHOUT_ROW
from xpgrad.testing.conformance.levels.programs import PROGRAMS
from xpgrad.testing.conformance.networks.functionals import FUNCTIONALS
from xpgrad.testing.conformance.networks.initialisers import INITIALISERS
from xpgrad.testing.conformance.optimizers import SCHEDULES, SETTINGS
from xpgrad.testing.conformance.optimizers import WITHOUT_ROW as WITHOUT_SETTINGS
from xpgrad.testing.conformance.training.curves import CURVES, TRAININGS
from xpgrad.testing.conformance.training.steps import STEPS


def exported_modules() -> set[str]:
    return {name for name in nn.modules.__all__ if issubclass(getattr(nn, name), nn.Module)}


def test_every_layer_has_a_row() -> None:
    made = {type(layer.make(nn)).__name__ for layer in LAYERS}
    assert exported_modules() - made == WITHOUT_ROW.keys()


def test_rows_of_layers_have_names_of_their_own() -> None:
    names = [layer.name for layer in LAYERS]
    assert len(set(names)) == len(names)
    assert not [name for name in names if " " in name]


def test_every_function_is_a_layer_or_is_asked() -> None:
    rows = {name.partition(",")[0] for name in FUNCTIONALS}
    asked = rows | {name for program in PROGRAMS.values() for name in re.findall(r"(\w+)\(", program.text)}
    layers = {name.lower() for name in exported_modules()}
    in_layers = {name for name in nn.functional.__all__ if {plain := name.replace("_", ""), f"{plain}loss"} & layers}
    assert set(nn.functional.__all__) - in_layers - asked == set()
    assert rows <= set(nn.functional.__all__)


def test_every_initialiser_has_a_row() -> None:
    # Those without an underscore are names of old for those with one, and the gain is a number.
    assert {name for name in nn.init.__all__ if name.endswith("_")} == INITIALISERS.keys()
    assert all(inspect.isfunction(getattr(nn.init, name)) for name in INITIALISERS)


def test_every_optimizer_has_a_row() -> None:
    classes = {name for name in optim.__all__ if inspect.isclass(getattr(optim, name))}
    assert classes - {name for name, _ in SETTINGS.values()} == WITHOUT_SETTINGS.keys()
    assert {"Adafactor/steps", "LBFGS(None)/steps"} <= STEPS.keys()


def test_every_schedule_has_a_row() -> None:
    asked = {name.partition(",")[0] for name in SCHEDULES} | {"ReduceLROnPlateau"}
    assert set(optim.lr_scheduler.__all__) - asked == {"LRScheduler"}


def test_every_training_has_a_stored_curve() -> None:
    assert {name: training.steps for name, training in TRAININGS.items()} == {k: len(v) for k, v in CURVES.items()}


def test_every_function_that_a_kernel_may_replace_has_a_row() -> None:
    assert FALLBACKS.keys() - KERNELS.keys() == set()
    assert set(NUMPY_KERNELS) - KERNELS.keys() == set()
    # Rows of the standard's own functions are there for kernels that replace them.
    assert KERNELS.keys() - FALLBACKS.keys() <= set(NUMPY_KERNELS)


def test_every_call_of_a_kernel_gives_what_it_takes() -> None:
    for name, row in KERNELS.items():
        assert row.calls, name
        if name in FALLBACKS:
            kinds = [p.kind for p in inspect.signature(FALLBACKS[name]).parameters.values()]
            arrays = kinds.count(inspect.Parameter.POSITIONAL_ONLY) - 1
            assert {len(call.arrays) for call in row.calls} == {arrays}, name
