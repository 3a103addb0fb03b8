from case import Case, Domain, draw

from xpgrad.ops import arithmetic

CASES = [
    Case(op, (draw(2, 3), draw(2, 3)), complex_too=True, broadcasts=True)
    for op in (arithmetic.add, arithmetic.subtract, arithmetic.multiply)
] + [
    Case(arithmetic.divide, (draw(2, 3), draw(2, 3, of=Domain(0.5, 2.0))), complex_too=True, broadcasts=True),
    Case(arithmetic.negative, (draw(2, 3),), complex_too=True),
]
