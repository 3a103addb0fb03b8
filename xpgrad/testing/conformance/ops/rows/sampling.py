import numpy as np

from xpgrad.ops import sampling
from xpgrad.testing.conformance.ops.case import Case, draw

SAMPLE = np.asarray([[0.0, 1.0, 1.0], [1.0, 0.0, 2.5]])

CASES = [
    Case(sampling.sampled, (SAMPLE, draw(2, 3)), reference=lambda sample, x: sample),
    Case(sampling.normal_of_both, (SAMPLE, draw(2, 3), draw(3)), reference=lambda sample, mean, std: sample),
]
