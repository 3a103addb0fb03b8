"""Images of digits and clothes. Mirrors ``torchvision.datasets``."""

from xpgrad.data.datasets.digits import Digits
from xpgrad.data.datasets.mnist import MNIST, FashionMNIST

__all__ = ["MNIST", "Digits", "FashionMNIST"]
