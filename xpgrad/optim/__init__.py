"""Optimizers and learning rate schedules. Mirrors ``torch.optim``."""

from xpgrad.optim import lr_scheduler
from xpgrad.optim.adadelta import Adadelta
from xpgrad.optim.adagrad import Adagrad
from xpgrad.optim.adam import Adam, AdamW
from xpgrad.optim.adamax import Adamax
from xpgrad.optim.nadam import NAdam
from xpgrad.optim.optimizer import Optimizer
from xpgrad.optim.rmsprop import RMSprop
from xpgrad.optim.sgd import SGD

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RMSprop",
    "lr_scheduler",
]
