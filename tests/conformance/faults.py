"""Backends with one fault each, over NumPy or array-api-strict, and which checks must find it.

Each is a mistake that a plugin's author could make, or that a library has been seen to make.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import array_api_strict
import numpy as np

from xpgrad.backends.base import Backend
from xpgrad.backends.numpy import NumpyBackend
from xpgrad.backends.registry import get_backend
from xpgrad_strict import StrictBackend

Kernel = Callable[..., Any]


class Fault(NamedTuple):
    """A fault.

    Attributes:
        backend: The class of the backend that has it.
        found_by: The ids of checks of which one at least must fail, with a * for any text: what the report then names.
        device: The device that is asked.
    """

    backend: type[Backend]
    found_by: str
    device: str = "cpu"


def right(name: str) -> Any:
    """The function ``name`` as it should be."""
    return getattr(get_backend("numpy").places()[0].xp, name)


def over_numpy(**changed: Any) -> type[Backend]:
    """NumPy's backend with other functions, ``f(xp, ...)``, and other methods, those whose names it has."""
    methods = {name: value for name, value in changed.items() if hasattr(NumpyBackend, name)}
    kernels = {name: value for name, value in changed.items() if name not in methods}
    body = {"plain_device_names": False, "kernels": {**NumpyBackend.kernels, **kernels}, **methods}
    return type("FaultyNumpy", (NumpyBackend,), body)


def over_strict(**changed: Any) -> type[Backend]:
    """array-api-strict's backend with other functions."""
    return type("FaultyStrict", (StrictBackend,), {"kernels": changed})


def then(name: str, change: Callable[[Any], Any]) -> Kernel:
    """The function ``name`` with its result changed."""
    return lambda xp, *args, **settings: change(right(name)(*args, **settings))


def instead(name: str, other: Kernel) -> Kernel:
    """``other(right function, *args, **settings)``."""
    return lambda xp, *args, **settings: other(right(name), *args, **settings)


def sum_of_wrong_axis(f: Any, x: Any, /, *, axis: Any = None, **settings: Any) -> Any:
    return f(x, axis=-1 - axis if isinstance(axis, int) and axis < 0 and x.ndim > 1 else axis, **settings)


def last_of_equals(f: Any, x: Any, /, *, axis: Any = None, **settings: Any) -> Any:
    if axis is None:
        return np.asarray(x.size - 1 - f(np.flip(x)))
    return x.shape[axis] - 1 - f(np.flip(x, axis=axis), axis=axis, **settings)


def without_duplicates(f: Any, updates: Any, indices: Any, /, *, size: int) -> Any:
    out = np.zeros((size, *updates.shape[1:]), updates.dtype)
    out[indices] = updates
    return out


def truncating_divide(f: Any, x: Any, y: Any, /) -> Any:
    return np.trunc(np.true_divide(x, y)).astype(np.result_type(x, y))


def half_away_from_zero(f: Any, x: Any, /) -> Any:
    return np.sign(x) * np.floor(np.abs(x) + 0.5) if x.dtype.kind == "f" else f(x)


def without_correction(f: Any, x: Any, /, *, correction: Any = 0.0, **settings: Any) -> Any:
    return f(x, **settings)


def skipping_a_block(f: Any, /, *, counter: int, **settings: Any) -> Any:
    return f(counter=counter + 1, **settings)


def unstable_softmax(f: Any, x: Any, /, *, axis: int) -> Any:
    exponentials = np.exp(x)
    return exponentials / exponentials.sum(axis=axis, keepdims=True)


def without_nan(f: Any, x: Any, /, **settings: Any) -> Any:
    return f(np.where(np.isnan(x), -np.inf, x) if x.dtype.kind == "f" else x, **settings)


def in_place(f: Any, x: Any, /, **settings: Any) -> Any:
    result = f(x, **settings)
    if isinstance(x, np.ndarray) and x.flags.writeable and x.dtype == result.dtype:
        x[...] = result
    return result


def without_end(f: Any, start: Any, stop: Any, number: int, /, *, endpoint: bool = True, **settings: Any) -> Any:
    return f(start, stop, number, endpoint=False, **settings)


def var_of_squares(xp: Any, x: Any, /, *, axis: Any = None, correction: Any = 0.0, keepdims: bool = False) -> Any:
    number = np.asarray(x.size if axis is None else np.prod(np.take(x.shape, axis)), x.dtype)
    squares = xp.mean(x * x, axis=axis, keepdims=keepdims) - xp.mean(x, axis=axis, keepdims=keepdims) ** 2
    return np.asarray(squares * (number / (number - correction)), x.dtype)


def abs_by_squares(xp: Any, x: Any, /) -> Any:
    return np.sqrt(x.real**2 + x.imag**2) if x.dtype.kind == "c" else np.abs(x)


def never_negative(f: Any, x: Any, /) -> Any:
    return f(x) + 0.0


def one_step_more(f: Any, p: Any, g: Any, *moments: Any, step: float, **settings: Any) -> Any:
    return f(p, g, *moments, step=step + 1, **settings)


def without_images_past_32(f: Any, x: Any, w: Any, /, **settings: Any) -> Any:
    out = f(x, w, **settings)
    out[32:] = 0
    return out


def unnormalised_long_lines(f: Any, x: Any, /, *, axis: int) -> Any:
    return f(x, axis=axis) * (0.999 if x.shape and x.shape[axis] > 1024 else 1)


def of_one_tile(f: Any, updates: Any, indices: Any, /, *, size: int) -> Any:
    return f(updates[:2048], indices[:2048], size=size)


def mean_in_its_own_dtype(f: Any, x: Any, /, *, axis: Any = None, keepdims: bool = False) -> Any:
    total = np.add.reduce(x, axis=axis, dtype=x.dtype, keepdims=keepdims)
    return np.asarray(total / x.dtype.type(x.size / max(1, np.size(total))))


def prod_by_floats(f: Any, x: Any, /, *, dtype: Any = None, **settings: Any) -> Any:
    return np.asarray(f(x.astype("f8"), **settings)).astype(dtype or x.dtype)


def sum_one_by_one(f: Any, x: Any, /, *, axis: Any = None, **settings: Any) -> Any:
    if x.dtype == "f4" and x.ndim == 1 and x.size:
        x = np.cumsum(x)[-1:]
    return f(x, axis=axis, **settings)


def sqrt_above_the_cut(f: Any, x: Any, /) -> Any:
    return f(x + 0) if x.dtype.kind == "c" else f(x)


_SCRATCH: dict[tuple[Any, ...], Any] = {}


def with_one_scratch(f: Any, x: Any, /) -> Any:
    """Into memory that all threads share."""
    scratch = _SCRATCH.setdefault((x.shape, x.dtype), np.empty_like(x))
    scratch[...] = x
    scratch[...] = f(scratch)
    return scratch.copy()


def write_the_first(self: Any, target: Any, value: Any) -> None:
    target[:1] = value[:1]


FAULTS: dict[str, Fault] = {
    # Functions of the standard.
    "sum over a negative axis": Fault(over_numpy(sum=instead("sum", sum_of_wrong_axis)), "*reductions.sum*"),
    "max that passes over NaN": Fault(over_numpy(max=instead("max", without_nan)), "functions/edge-values/amax/nan"),
    "argmax takes the last": Fault(over_numpy(argmax=instead("argmax", last_of_equals)), "*argmax*"),
    "var without its correction": Fault(over_numpy(var=instead("var", without_correction)), "*reductions.var*"),
    "rounding half away from zero": Fault(
        over_numpy(round=instead("round", half_away_from_zero)), "functions/*/rounding.round/*"
    ),
    "floor_divide truncates": Fault(over_numpy(floor_divide=instead("floor_divide", truncating_divide)), "*floor_div*"),
    "conj forgets to": Fault(over_numpy(conj=lambda xp, x, /: x.copy()), "*conj*"),
    "ceil loses -0.0": Fault(over_numpy(ceil=instead("ceil", never_negative)), "*ceil*"),
    "exp decays to single precision": Fault(
        over_numpy(exp=then("exp", lambda y: y.astype("float32") if y.dtype == "float64" else y)),
        "functions/exponential.exp/forward",
    ),
    "tanh grows to double precision": Fault(
        over_numpy(tanh=then("tanh", lambda y: y.astype("float64") if y.dtype == "float32" else y)), "*tanh*"
    ),
    "sin writes to its input": Fault(over_numpy(sin=instead("sin", in_place)), "functions/trigonometric.sin/pure"),
    "multiply by one is no copy": Fault(
        over_numpy(sqrt=lambda xp, x, /: x if x.dtype.kind == "f" else np.sqrt(x)),
        "functions/exponential.sqrt/new-memory",
    ),
    "matmul in single precision": Fault(
        over_numpy(matmul=lambda xp, x, y, /: np.matmul(x.astype("c8"), y.astype("c8")).astype(np.result_type(x, y))),
        "*matmul*",
    ),
    "linspace without its end": Fault(over_numpy(linspace=instead("linspace", without_end)), "*linspace*"),
    "var by the mean of squares": Fault(over_numpy(var=var_of_squares), "functions/precision/var/far-from-zero"),
    "abs of complex by squares": Fault(over_numpy(abs=abs_by_squares), "functions/precision/abs/complex"),
    "integers by way of floats": Fault(
        over_numpy(equal=lambda xp, x, y, /: np.equal(np.asarray(x, "f8"), np.asarray(y, "f8"))),
        "functions/precision/eq/large-integers",
    ),
    "sum one by one": Fault(over_numpy(sum=instead("sum", sum_one_by_one)), "functions/precision/sum/of-equals"),
    "mean of halves in halves": Fault(
        over_numpy(mean=instead("mean", mean_in_its_own_dtype)), "functions/precision/half-mean/of-equals"
    ),
    "prod by way of floats": Fault(
        over_numpy(prod=instead("prod", prod_by_floats)), "functions/precision/prod/large-integers"
    ),
    "sqrt on the wrong side of its cut": Fault(
        over_numpy(sqrt=instead("sqrt", sqrt_above_the_cut)), "functions/precision/sqrt/branch-cut"
    ),
    "dtypes that are hidden": Fault(
        over_numpy(raw_dtypes=lambda self, handle: {n: np.dtype(n) for n in ("bool", "float32", "int32", "uint8")}),
        "arrays/backend/raw_dtypes/nothing-hidden",
    ),
    # Extension functions, forward and in gradients.
    "scatter_add loses duplicates": Fault(
        over_numpy(scatter_add=instead("scatter_add", without_duplicates)), "*scatter_add*"
    ),
    "softmax overflows": Fault(over_numpy(softmax=instead("softmax", unstable_softmax)), "*softmax*"),
    "convolution forgets images past the 32nd": Fault(
        over_numpy(convolution=instead("convolution", without_images_past_32)), "functions/sizes/conv2d/batch-of-33"
    ),
    "softmax of long lines does not add up to one": Fault(
        over_numpy(softmax=instead("softmax", unnormalised_long_lines)), "functions/sizes/softmax/*"
    ),
    "scatter_add stops after a tile": Fault(
        over_numpy(scatter_add=instead("scatter_add", of_one_tile)), "functions/sizes/*/5000"
    ),
    "gradient of convolution weights": Fault(
        over_numpy(convolution_weight=then("convolution_weight", lambda g: 0.5 * g)), "gradients/*convolution*"
    ),
    "gradient of convolution inputs": Fault(
        over_numpy(convolution_input=then("convolution_input", lambda g: g[..., ::-1])), "gradients/*convolution*"
    ),
    "gradient of average pooling": Fault(
        over_numpy(avg_pool_input=then("avg_pool_input", lambda g: 2 * g)), "gradients/*avg_pool*"
    ),
    "gradient of relu at 0": Fault(
        over_numpy(relu_input=lambda xp, g, y, /: np.where(y >= 0, g, 0).astype(g.dtype)), "gradients/activation.relu,*"
    ),
    "erf of another sign": Fault(over_numpy(erf=then("erf", lambda y: -y)), "*erf*"),
    "Adam a step ahead": Fault(over_numpy(adam_update=instead("adam_update", one_step_more)), "*Adam*"),
    # Random numbers.
    "generator off by one block": Fault(
        over_numpy(philox_uniform=instead("philox_uniform", skipping_a_block)), "randomness/*uniform*"
    ),
    "normals off by one block": Fault(
        over_numpy(philox_normal=instead("philox_normal", skipping_a_block)), "randomness/*normal*"
    ),
    "uniform numbers up to 1": Fault(
        over_numpy(philox_uniform=then("philox_uniform", lambda u: 1 - u)), "randomness/*uniform*"
    ),
    # The protocol.
    "copy is an alias": Fault(over_numpy(copy=lambda self, array: array), "arrays/backend/copy/*"),
    "write stores the first row": Fault(over_numpy(write=write_the_first), "arrays/backend/write"),
    "fill is forgotten": Fault(over_numpy(fill=lambda self, target, number: None), "arrays/backend/fill"),
    "add_into stores": Fault(
        over_numpy(add_into=lambda self, target, value: np.copyto(target, value)), "arrays/backend/add_into"
    ),
    "threads share scratch memory": Fault(over_numpy(tanh=instead("tanh", with_one_scratch)), "threads/*tanh/at-once"),
    "memory is never shared": Fault(over_numpy(shares_memory=lambda self, view, base: False), "*shares_memory*"),
    "memory is always owned": Fault(over_numpy(owns_memory=lambda self, array: True), "*owns_memory*"),
    "mutable, but transposes are copies": Fault(
        over_numpy(permute_dims=then("permute_dims", lambda y: y.copy())), "arrays/backend/mutable*"
    ),
    "to_host decays": Fault(
        over_numpy(to_host=lambda self, x: x.astype("f4") if x.dtype == "f8" else x), "arrays/full/float64"
    ),
    # Devices and types.
    "creation forgets the device": Fault(
        over_strict(
            zeros_like=lambda xp, x, /, *, dtype=None, device=None: array_api_strict.zeros_like(
                x, dtype=dtype, device=array_api_strict.Device("CPU_DEVICE")
            )
        ),
        "kernels/zeros_like/*",
        "device1",
    ),
    "results of NumPy": Fault(over_strict(tan=lambda xp, x, /: np.tan(np.asarray(x))), "functions/trigonometric.tan*"),
}
