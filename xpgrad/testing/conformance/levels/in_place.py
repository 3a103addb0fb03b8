"""In-place operations and views: what writes show where, what they do to gradients, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np

import xpgrad
from xpgrad.testing.conformance.check import Level
from xpgrad.testing.conformance.experiments import Experiments, ask, compare, given, needs
from xpgrad.testing.conformance.subject import Subject

LEVEL = Level("in-place", "In-place and views")

X: Final = np.random.default_rng(1).normal(size=(3, 4)).astype(np.float32)
Y: Final = np.random.default_rng(2).uniform(0.5, 1.5, (3, 4)).astype(np.float32)
UNIT: Final = np.random.default_rng(3).uniform(0.1, 0.9, (3, 4)).astype(np.float32)

# What methods that change their tensor are called with, by name: `a` stands for another tensor. Those named alone take
# nothing else.
_ALONE: Final = tuple(
    """
    abs acos asin atan ceil cos cosh deg2rad digamma erf erfc erfinv exp exp2 expm1 floor frac lgamma log log10 log1p
    log2 logit neg rad2deg reciprocal relu round rsqrt sgn sigmoid sign sin sinc sinh sqrt square tan tanh trunc
    """.split()  # noqa: SIM905
)
TWINS: Final[dict[str, tuple[Any, ...]]] = {
    **dict.fromkeys(_ALONE, ()),
    **dict.fromkeys(("add", "sub", "mul", "div", "copysign", "atan2", "hypot", "pow", "remainder", "fmod"), ("a",)),
    "add,a-number": (2.5,),
    "mul,a-number": (-1.5,),
    "pow,a-number": (2,),
    "addcmul": ("a", "a"),
    "addcdiv": ("a", "a"),
    "lerp": ("a", 0.25),
    "clamp": (0.3, 0.6),
    "clamp_min": (0.4,),
    "clamp_max": (0.6,),
    "nan_to_num": (0.0,),
    "masked_fill": ("mask", 7.0),
    "masked_scatter": ("mask", "a"),
    "index_add": (0, "rows", "two"),
    "index_copy": (0, "rows", "two"),
    "index_fill": (0, "rows", 3.0),
    "scatter": (1, "places", "a"),
    "scatter_add": (1, "places", "a"),
    "cumsum": (1,),
    "cumprod": (0,),
    "tril": (),
    "triu": (1,),
    "xlogy": ("a",),
    "addmm": ("square", "a"),
}


def arguments(here: Subject, words: tuple[Any, ...]) -> list[Any]:
    """The arguments that the words stand for, on the device."""
    known = {
        "a": Y,
        "two": Y[:2],
        "square": np.eye(3, dtype=np.float32) + 0.5,
        "mask": UNIT > 0.5,
        "rows": np.asarray([2, 0]),
        "places": np.asarray([[0, 2, 1, 3], [3, 1, 0, 2], [1, 0, 3, 2]]),
    }
    return [given(here, known[word]) if isinstance(word, str) else word for word in words]


Apply = Callable[[Any, list[Any]], Any]
# Where the tensor comes from that is changed; each begins with one that took part in a computation.
_TARGETS: Final[dict[str, Callable[[Any], tuple[Any, Any]]]] = {
    "result": lambda x: (x, x),
    "view": lambda x: (x, x[...]),
    "transposed": lambda x: (x, x.t().t()),
}


def changed(here: Subject, name: str, words: tuple[Any, ...], target: str, *, in_place: bool) -> list[Any]:
    """The base, the tensor, and the gradients of the leaves, after a method or its twin that changes nothing."""
    leaf = given(here, UNIT, requires_grad=True)
    others = [x.requires_grad_() if hasattr(x, "is_floating_point") and x.is_floating_point() else x
              for x in arguments(here, words)]  # fmt: skip
    base, x = _TARGETS[target](leaf * 1)
    method = name.partition(",")[0]
    if in_place:
        returned = getattr(x, f"{method}_")(*others)
        assert returned is x, f"{method}_ gave another tensor back"
    else:
        base = x = getattr(x, method)(*others)
    loss = (x * given(here, Y)).sum() + (base * base).sum()
    loss.backward()
    leaves = [leaf, *(o for o in others if getattr(o, "requires_grad", False))]
    return [base.detach(), x.detach(), *(leaf.grad for leaf in leaves)]


@LEVEL.each(
    {f"{name}_/{target}": (name, words, target) for name, words in TWINS.items() for target in _TARGETS},
    needs=["float32", "int64"],
)
def is_its_twin(subject: Subject, asked: tuple[str, tuple[Any, ...], str]) -> None:
    """A method that changes its tensor gives values and gradients of the one that gives another."""
    name, words, target = asked
    __tracebackhide__ = True

    def program(here: Subject) -> list[Any]:
        # On NumPy the twin says what is right, and so what the method on the backend must give.
        return changed(here, name, words, target, in_place=here is subject)

    compare(subject, program)


# Views of a tensor of 3 x 4, as those write who use them.
VIEWS: Final[dict[str, Callable[[Any], Any]]] = {
    "row": lambda x: x[1],
    "last-row": lambda x: x[-1],
    "column": lambda x: x[:, 2],
    "element": lambda x: x[1, 2],
    "slice": lambda x: x[1:, :2],
    "steps": lambda x: x[::2, ::3],
    "ellipsis": lambda x: x[..., 1],
    "new-axis": lambda x: x[None],
    "transposed": lambda x: x.t(),
    "permuted": lambda x: x.permute(1, 0),
    "diagonal": lambda x: x.diagonal(),
    "select": lambda x: x.select(1, 0),
    "narrow": lambda x: x.narrow(1, 1, 2),
    "view": lambda x: x.view(2, 6),
    "flatten": lambda x: x.view(-1)[5:9],
    "unsqueeze": lambda x: x.unsqueeze(0),
    "squeeze": lambda x: x[:1].squeeze(0),
    "chunk": lambda x: x.chunk(2, 1)[1],
    "split": lambda x: x.split([1, 3], dim=1)[1],
    "unbind": lambda x: x.unbind(0)[2],
    "unfold": lambda x: x.unfold(1, 2, 2),
    "as_strided": lambda x: x.as_strided((2, 2), (4, 1), 1),
    "detach": lambda x: x.detach(),
    "view-of-view": lambda x: x[1:].t()[1:3],
    "view-of-view-of-view": lambda x: x.t()[::2].t()[0],
}
# What is done to a view; `like` makes a tensor of the view's shape on its device.
WRITES: Final[dict[str, Callable[[Any], Any]]] = {
    "mul_": lambda v: v.mul_(3),
    "add_": lambda v: v.add_(xpgrad.ones_like(v)),
    "fill_": lambda v: v.fill_(7),
    "zero_": lambda v: v.zero_(),
    "copy_": lambda v: v.copy_(xpgrad.full_like(v, 2.5)),
    "exp_": lambda v: v.exp_(),
    "iadd": lambda v: v.__iadd__(1),
    "setitem": lambda v: v.__setitem__(..., 4.0),
}


def _crossed() -> dict[str, tuple[Any, Any]]:
    """Each view with one write, each write with three views."""
    names = list(WRITES)
    pairs = {(view, names[i % len(names)]) for i, view in enumerate(VIEWS)}
    pairs |= {(view, write) for view in ("row", "transposed", "view-of-view") for write in names}
    return {f"{write}/{view}": (VIEWS[view], WRITES[write]) for view, write in sorted(pairs)}


@LEVEL.each(_crossed(), "values", needs=["float32"])
def shows_in_its_base(subject: Subject, row: tuple[Any, Any]) -> None:
    """What is written to a view shows in the base and in other views, those made before and those made after."""
    view, write = row

    def program(here: Subject) -> list[Any]:
        base = given(here, UNIT)
        before, part = base[:, 1:], view(base)
        version = base._version
        write(part)
        assert base._version > version, "the write to a view is not counted in its base"
        return [base, part, before, base[1:], view(base)]

    compare(subject, program)


# Views that come several at once may not be written to where gradients are recorded, as in PyTorch; detached ones have
# none.
_WITHOUT_GRADIENTS: Final = ("chunk", "split", "unbind", "detach")
_RECORDED: Final = {name: row for name, row in _crossed().items() if not name.endswith(_WITHOUT_GRADIENTS)}


@LEVEL.each(_RECORDED, "gradients", needs=["float32"])
def sends_gradients_back(subject: Subject, row: tuple[Any, Any]) -> None:
    """Gradients of a base go through what was written to a view of it, and of the view too."""
    view, write = row

    def program(here: Subject) -> list[Any]:
        leaf = given(here, UNIT, requires_grad=True)
        base = leaf * 2
        part = view(base)
        write(part)
        (base * given(here, Y)).sum().backward(retain_graph=True)
        first = leaf.grad.clone()
        (part * part).sum().backward()
        return [first, leaf.grad]

    compare(subject, program)


SETTING: Final[dict[str, Callable[[Subject, Any], Any]]] = {
    "number": lambda here, x: x.__setitem__(1, 5.0),
    "row": lambda here, x: x.__setitem__(1, given(here, Y[0])),
    "broadcast": lambda here, x: x.__setitem__(slice(None, 2), given(here, Y[:1])),
    "steps": lambda here, x: x.__setitem__((slice(None), slice(None, None, 2)), 0.0),
    "negative": lambda here, x: x.__setitem__((-1, -1), 9.0),
    "mask": lambda here, x: x.__setitem__(given(here, UNIT > 0.5), -1.0),
    "mask-of-values": lambda here, x: x.__setitem__(x > 0.5, x[x > 0.5] * 2),
    "rows": lambda here, x: x.__setitem__(given(here, np.asarray([2, 0])), given(here, Y[:2])),
    "places": lambda here, x: x.__setitem__(
        (given(here, np.asarray([0, 1])), given(here, np.asarray([3, 0]))), given(here, Y[0, :2])
    ),
    "list": lambda here, x: x.__setitem__([0, 2], 1.5),
    "integers": lambda here, x: x.__setitem__(0, given(here, np.asarray([1, 2, 3, 4]))),
    "itself": lambda here, x: x.__setitem__(slice(1, 3), x[:2].clone()),
    "index_put_": lambda here, x: x.index_put_(
        (given(here, np.asarray([1, 1, 0])),), given(here, Y[0]), accumulate=True
    ),
}


@LEVEL.each({f"assign/{name}": call for name, call in SETTING.items()}, "values", needs=["float32", "int64"])
def sets_items(subject: Subject, call: Callable[[Subject, Any], Any]) -> None:
    """``x[index] = value`` stores the value, cast and broadcast, and nothing else."""

    def program(here: Subject) -> list[Any]:
        x = given(here, UNIT)
        view = x[:, 1]
        call(here, x)
        return [x, view]

    compare(subject, program)


@LEVEL.each({f"assign/{name}": call for name, call in SETTING.items()}, "gradients", needs=["float32", "int64"])
def sets_items_with_gradients(subject: Subject, call: Callable[[Subject, Any], Any]) -> None:
    """What was overwritten gets no gradient, and what was not gets its own."""

    def program(here: Subject) -> Any:
        leaf = given(here, UNIT, requires_grad=True)
        x = leaf * 3
        call(here, x)
        (x * given(here, Y)).sum().backward()
        return leaf.grad

    compare(subject, program)


CASES = Experiments()


@CASES.add("out/new-values")
def _(here: Subject) -> Any:
    out = xpgrad.zeros(3, 4)
    view = out[1]
    returned = xpgrad.add(given(here, UNIT), given(here, Y), out=out)
    assert returned is out, "out= gave another tensor back"
    return [out, view]


@CASES.add("out/resized")
def _(here: Subject) -> Any:
    return xpgrad.mul(given(here, UNIT), 2, out=xpgrad.empty(0))


@CASES.add("out/cast", needs=["float64"])
def _(here: Subject) -> Any:
    return xpgrad.exp(given(here, UNIT), out=xpgrad.empty(3, 4, dtype=xpgrad.float64))


@CASES.add("copy_/cast-and-broadcast", needs=["int32"])
def _(here: Subject) -> Any:
    x = xpgrad.zeros(3, 4, dtype=xpgrad.int32)
    x.copy_(given(here, 10 * Y[0]))
    return x


@CASES.add("data/shares")
def _(here: Subject) -> Any:
    x = given(here, UNIT, requires_grad=True)
    x.data.mul_(2)
    return [x.detach(), x.is_leaf]


@CASES.add("detach/shares")
def _(here: Subject) -> Any:
    x = given(here, UNIT, requires_grad=True) * 1
    x.detach()[0] = 0.0
    return x.detach()


@CASES.add("no_grad/leaf")
def _(here: Subject) -> Any:
    x = given(here, UNIT, requires_grad=True)
    with xpgrad.no_grad():
        x -= 0.5
    (x * x).sum().backward()
    return [x.detach(), x.grad]


@CASES.add("grad/accumulates")
def _(here: Subject) -> Any:
    x = given(here, UNIT, requires_grad=True)
    (x * x).sum().backward()
    first = x.grad
    (3 * x).sum().backward()
    assert x.grad is first, "a second backward made another tensor of the gradient"
    return x.grad


@CASES.add("grad/of-two-leaves-is-not-one-array")
def _(here: Subject) -> Any:
    x, y = given(here, UNIT, requires_grad=True), given(here, Y, requires_grad=True)
    (x + y).backward(given(here, Y))
    x.grad.zero_()
    return [x.grad, y.grad]


@CASES.add("version/counts")
def _(here: Subject) -> Any:
    x = given(here, UNIT)
    versions = [x._version]
    changes: list[Callable[[], Any]] = [lambda: x.add_(1), lambda: x[0].mul_(2), lambda: x.__setitem__(0, 1.0)]
    for change in changes:
        change()
        versions.append(x._version)
    return versions


def _refused(call: Callable[[], Any]) -> str:
    """The beginning of what is said as ``call`` is refused."""
    try:
        call()
    except RuntimeError as error:
        return str(error)[:60]
    return "nothing was refused"


@CASES.add("refused/saved-value")
def _(here: Subject) -> Any:
    x = given(here, UNIT, requires_grad=True)
    y = x.exp()
    y.add_(1)
    return _refused(y.sum().backward)


@CASES.add("refused/saved-value-by-a-view")
def _(here: Subject) -> Any:
    x = given(here, UNIT, requires_grad=True)
    y = x.exp()
    y[0].zero_()
    return _refused(y.sum().backward)


@CASES.add("refused/one-of-several-views")
def _(here: Subject) -> Any:
    x = given(here, UNIT, requires_grad=True) * 1
    return [_refused(partial(part.add_, 1)) for part in (x.chunk(2)[0], x.unbind(0)[1], x.split([1, 2])[1])]


@CASES.add("refused/leaf")
def _(here: Subject) -> Any:
    return _refused(lambda: given(here, UNIT, requires_grad=True).add_(1))


@CASES.add("refused/expanded")
def _(here: Subject) -> Any:
    return _refused(lambda: given(here, Y[0]).expand(3, 4).add_(1))


@CASES.add("refused/shape")
def _(here: Subject) -> Any:
    return _refused(lambda: given(here, Y[0]).add_(given(here, UNIT)))


@CASES.add("not-refused/value-nobody-saved")
def _(here: Subject) -> Any:
    x = given(here, UNIT, requires_grad=True)
    y = x * 2
    y.add_(1).mul_(3)
    y.sum().backward()
    return x.grad


LEVEL.each(CASES, needs=needs)(ask)

# Programs of writes that follow one another, drawn once and for all from these steps.
_STEPS: Final[tuple[Callable[[Any], Any], ...]] = (
    lambda x: x.mul_(1.5),
    lambda x: x[1].add_(2),
    lambda x: x.t()[0].add_(x.t()[1]),
    lambda x: x[:, ::2].copy_(x[:, 1::2] * 2),
    lambda x: x.view(-1)[3:8].neg_(),
    lambda x: x.diagonal().fill_(0.5),
    lambda x: x.__setitem__((slice(1, None), 3), x[:2, 0]),
    lambda x: x[0].add_(x[2], alpha=2),
    lambda x: x.select(1, 2).sub_(x[:, 3]),
    lambda x: x.narrow(1, 0, 2).t().mul_(0.5),
)


def _drawn(number: int) -> list[int]:
    return [int(i) for i in np.random.default_rng(number).integers(0, len(_STEPS), 5)]


@LEVEL.each({f"programs/{i}": _drawn(i) for i in range(100)}, needs=["float32"])
def gives_what_numpy_gives(subject: Subject, steps: list[int]) -> None:
    """Writes to views that follow one another leave the values, and send the gradients, that they do on NumPy."""

    def program(here: Subject) -> list[Any]:
        leaf = given(here, UNIT, requires_grad=True)
        x = leaf * 1
        views = [x[1:], x.t(), x[:, 2]]
        for step in steps:
            _STEPS[step](x)
        loss = sum((v * v).sum() for v in views) + (x * given(here, Y)).sum()
        loss.backward()
        return [x.detach(), *(v.detach() for v in views), leaf.grad]

    compare(subject, program)
