"""Optimizers and learning rate schedules. Mirrors ``torch.optim``."""

from xpgrad.optim import lr_scheduler
from xpgrad.optim.adadelta import Adadelta
from xpgrad.optim.adafactor import Adafactor
from xpgrad.optim.adagrad import Adagrad
from xpgrad.optim.adam import Adam, AdamW
from xpgrad.optim.adamax import Adamax
from xpgrad.optim.asgd import ASGD
from xpgrad.optim.lbfgs import LBFGS
from xpgrad.optim.nadam import NAdam
from xpgrad.optim.optimizer import Optimizer
from xpgrad.optim.radam import RAdam
from xpgrad.optim.rmsprop import RMSprop
from xpgrad.optim.rprop import Rprop
from xpgrad.optim.sgd import SGD

__all__ = [
    "ASGD",
    "LBFGS",
    "SGD",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "NAdam",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "Rprop",
    "lr_scheduler",
]
