"""From tensors that were computed of arguments to an ONNX model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import ndonnx
import onnx

import xpgrad
from xpgrad._typing import Array
from xpgrad.backends.registry import get_backend
from xpgrad.core.views import array_of
from xpgrad.errors import ArgumentError, ArgumentTypeError

__all__ = ["argument", "save", "to_onnx"]


def argument(shape: Sequence[int], dtype: xpgrad.dtype = xpgrad.float32) -> xpgrad.Tensor:
    """A tensor without values: an input of a model, which gets them when the model runs.

    Args:
        shape: Numbers, one for each dimension.
        dtype: Any but complex ones and bfloat16.

    >>> x = argument((4, 3))
    >>> (x @ x.T).shape
    torch.Size([4, 4])
    """
    place = get_backend("ndonnx").current_place()
    made: xpgrad.Tensor = xpgrad.as_tensor(ndonnx.argument(shape=tuple(shape), dtype=place.raw_dtype(dtype)))
    return made


def to_onnx(inputs: Mapping[str, xpgrad.Tensor], outputs: Mapping[str, xpgrad.Tensor]) -> onnx.ModelProto:
    """The model that computes ``outputs`` from ``inputs``, each by its name there.

    Other tensors that the outputs were made of, such as parameters, are constants of the model.

    Args:
        inputs: Tensors that `argument` gave; others of the model do not need them all.
        outputs: What was computed of them: results, losses, gradients.

    Raises:
        ArgumentTypeError: A tensor is not on ``ndonnx:onnx``.
        ArgumentError: An input is no argument or has two names, an argument is missing among them, a name is that of an
            input and an output, or there is no output.

    >>> x, w = argument((4, 3)), argument((3,))
    >>> y = (x @ w.requires_grad_()).sigmoid().sum()
    >>> (gradient,) = xpgrad.autograd.grad(y, [w])
    >>> model = to_onnx({"x": x, "w": w}, {"y": y, "gradient": gradient})
    >>> [output.name for output in model.graph.output]
    ['y', 'gradient']
    """
    given, wanted = _arrays("inputs", inputs), _arrays("outputs", outputs)
    both = sorted(given.keys() & wanted.keys())
    if both or not wanted:
        problem = f"{both[0]!r} names an input and an output" if both else "there are no outputs"
        raise ArgumentError(f"to_onnx: a model has outputs with names of their own, but {problem}; name them apart")
    if len({id(array) for array in given.values()}) < len(given):
        raise ArgumentError(f"to_onnx: inputs {', '.join(given)} have a tensor twice; give it one name")
    try:
        return ndonnx.build(given, wanted)
    except TypeError as error:
        raise ArgumentError(
            f"to_onnx: inputs are tensors that argument() gave and nothing wrote to, but one of {', '.join(given)} was "
            "computed; keep the argument, and compute with a clone() of it where it is written to"
        ) from error
    except KeyError as error:
        raise ArgumentError(
            f"to_onnx: outputs are computed of the inputs, but need {error} besides {', '.join(given) or 'none'}; add "
            "the argument() that is missing to the inputs"
        ) from error


def save(
    path: str | os.PathLike[str], inputs: Mapping[str, xpgrad.Tensor], outputs: Mapping[str, xpgrad.Tensor]
) -> None:
    """Write the model of `to_onnx` to a file."""
    onnx.save(to_onnx(inputs, outputs), os.fspath(path))


def _arrays(what: str, tensors: Mapping[str, xpgrad.Tensor]) -> dict[str, Array]:
    for name, x in tensors.items():
        if x._place.backend.name != "ndonnx":
            raise ArgumentTypeError(
                f"to_onnx: {what} are tensors on ndonnx:onnx, but {name!r} is on {x._place.device}; compute it of "
                "argument(...), with a module after .to('ndonnx:onnx')"
            )
    return {name: array_of(x) for name, x in tensors.items()}
