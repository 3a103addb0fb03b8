"""Training: steps, schedules and loops give what they give on NumPy, and networks learn along the stored curves."""

from __future__ import annotations

from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.experiments import ask, needs, run
from xpgrad.testing.conformance.subject import Subject
from xpgrad.testing.conformance.training.curves import CURVES, TRAININGS, losses
from xpgrad.testing.conformance.training.loops import LOOPS
from xpgrad.testing.conformance.training.steps import STEPS

LEVEL = Level("training", "Training")

# A change of the initial weights by a rounding error changes these losses by no more than 1e-6.
_TOLERANCE = 1e-4

LEVEL.each(STEPS, needs=needs)(ask)
LEVEL.each(LOOPS, needs=needs)(ask)


@LEVEL.each({name: name for name in TRAININGS}, "curve", needs=["float32", "int64"])
def learns(subject: Subject, name: str) -> None:
    """A network has the stored losses, step by step."""
    found = run(subject, lambda here: losses(here, TRAININGS[name]))
    for step, (got, expected) in enumerate(zip(found, CURVES[name], strict=True)):
        assert abs(got - expected) <= _TOLERANCE, (
            f"step {step + 1} of {len(found)}: expected a loss of {expected:.6f}, got {got:.6f}"
        )
