from xpgrad.ops import trigonometric
from xpgrad.testing.conformance.ops.case import UNIT, Case, Domain, draw

CASES = [
    *(
        Case(op, (draw(2, 3, of=UNIT),), complex_too=True)
        for op in (
            trigonometric.sin, trigonometric.cos, trigonometric.tan, trigonometric.asin, trigonometric.acos,
            trigonometric.atan, trigonometric.sinh, trigonometric.cosh, trigonometric.tanh, trigonometric.asinh,
            trigonometric.atanh, trigonometric.sinc,
        )
    ),
    Case(trigonometric.acosh, (draw(2, 3, of=Domain(1.2, 3.0)),), complex_too=True),
    Case(trigonometric.atan2, (draw(2, 3), draw(2, 3)), broadcasts=True),
    Case(trigonometric.hypot, (draw(2, 3), draw(2, 3)), broadcasts=True),
]  # fmt: skip
