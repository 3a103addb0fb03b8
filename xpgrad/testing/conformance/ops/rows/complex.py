import numpy as np

from xpgrad.ops import complex
from xpgrad.testing.conformance.ops.case import Case, draw

CASES = [
    Case(complex.conj, (draw(2, 3),), kind="complex128"),
    Case(complex.real, (draw(2, 3),), kind="complex128", reference=np.real),
    Case(complex.imag, (draw(2, 3),), kind="complex128", reference=np.imag),
    Case(complex.complex, (draw(2, 3), draw(2, 3)), reference=lambda x, y: x + 1j * y, broadcasts=True),
    Case(complex.angle, (draw(2, 3),), complex_too=True),
]
