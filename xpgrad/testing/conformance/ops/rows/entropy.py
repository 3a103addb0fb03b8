import scipy.special

from xpgrad.ops import entropy
from xpgrad.testing.conformance.ops.case import POSITIVE, Case, Domain, draw

CASES = [
    Case(entropy.entr, (draw(2, 3, of=POSITIVE),), reference=scipy.special.entr),
    Case(entropy.xlogy, (draw(2, 3), draw(2, 3, of=POSITIVE)), broadcasts=True, reference=scipy.special.xlogy),
    Case(entropy.xlog1py, (draw(2, 3), draw(2, 3, of=POSITIVE)), broadcasts=True, reference=scipy.special.xlog1py),
    Case(entropy.logit, (draw(2, 3, of=Domain(0.1, 0.9)),), reference=lambda x, eps=None: scipy.special.logit(x)),
    Case(
        entropy.logit,
        (draw(3, 4, of=Domain(0.01, 0.99)),),
        {"eps": 0.25},
        lambda x, eps: scipy.special.logit(x.clip(eps, 1 - eps)),
    ),
]
