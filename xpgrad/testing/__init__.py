"""What tests of programs and of backends need. Mirrors ``torch.testing``."""

from xpgrad.testing.comparison import assert_close
from xpgrad.testing.making import make_tensor

__all__ = ["assert_close", "make_tensor"]
