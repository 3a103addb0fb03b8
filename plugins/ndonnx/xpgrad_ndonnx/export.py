"""From tensors that were computed of arguments to an ONNX model."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import ndonnx
import onnx

import xpgrad
from xpgrad.backends.registry import get_backend


def argument(shape: Sequence[int], dtype: xpgrad.dtype = xpgrad.float32) -> xpgrad.Tensor:
    """A tensor without values: an input of a model, to be given when it runs.

    >>> argument((4, 3)).shape
    torch.Size([4, 3])
    """
    place = get_backend("ndonnx").current_place()
    return xpgrad.as_tensor(ndonnx.argument(shape=tuple(shape), dtype=place.raw_dtype(dtype)))


def to_onnx(inputs: Mapping[str, xpgrad.Tensor], outputs: Mapping[str, xpgrad.Tensor]) -> onnx.ModelProto:
    return ndonnx.build({k: v._array for k, v in inputs.items()}, {k: v._array for k, v in outputs.items()})


def save(path, inputs, outputs) -> None:
    onnx.save(to_onnx(inputs, outputs), path)
