"""What tests of programs and of backends need. Mirrors ``torch.testing``."""

from xpgrad.testing.comparison import assert_allclose, assert_close
from xpgrad.testing.making import make_tensor

__all__ = ["assert_allclose", "assert_close", "make_tensor"]
