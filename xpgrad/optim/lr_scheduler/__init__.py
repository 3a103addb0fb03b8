"""Learning rates that change in the course of training. Mirrors ``torch.optim.lr_scheduler``.

A schedule sets the ``lr`` of each group of its optimizer when it is made and at each of its steps. Most of them
multiply the rate that they find, so that several on one optimizer combine; the formulas here are of one alone.
"""

from xpgrad.optim.lr_scheduler.base import LRScheduler
from xpgrad.optim.lr_scheduler.combined import ChainedScheduler, SequentialLR
from xpgrad.optim.lr_scheduler.curves import (
    ConstantLR,
    CosineAnnealingLR,
    ExponentialLR,
    LambdaLR,
    LinearLR,
    MultiplicativeLR,
    MultiStepLR,
    PolynomialLR,
    StepLR,
)
from xpgrad.optim.lr_scheduler.cycles import CosineAnnealingWarmRestarts, CyclicLR, OneCycleLR
from xpgrad.optim.lr_scheduler.plateau import ReduceLROnPlateau

# What PyTorch called the base before 2.0, and programs of that time inherit from.
_LRScheduler = LRScheduler

__all__ = [
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CyclicLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "OneCycleLR",
    "PolynomialLR",
    "ReduceLROnPlateau",
    "SequentialLR",
    "StepLR",
]
