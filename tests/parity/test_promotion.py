"""What comes of operands of all pairs of dtypes, as tensors, 0-d tensors and Python numbers: dtypes and values.

The dtypes alone are asked of more functions, and without PyTorch too, in tests/functions/test_promotion_table.py.
"""

import itertools
import operator
import re

import numpy as np
import pytest
import torch

import xpgrad

# PyTorch warns once in a process, in whichever test comes first, that complex half precision is experimental.
pytestmark = pytest.mark.filterwarnings("ignore:ComplexHalf support is experimental:UserWarning")

DTYPES = [
    "bool",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
    "int8",
    "int16",
    "int32",
    "int64",
    "float16",
    "bfloat16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]
FORMS = {"tensor": [1, 2], "0-d": 2}
NUMBERS = [True, 3, 2.5, 1 + 2j]
OPERATORS = ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "eq", "lt", "ge", "and_", "or_", "xor"]
INPLACE = ["iadd", "isub", "imul", "itruediv", "ifloordiv", "ipow"]


def operands(library):
    """Every tensor operand: its label and how to make it."""
    for name, (form, data) in itertools.product(DTYPES, FORMS.items()):
        yield f"{name} {form}", library.tensor(data, dtype=getattr(library, name))


def outcome(operate, *arguments):
    """What comes of it: dtype, shape and values, or that it is refused."""
    try:
        result = operate(*arguments)
    except (RuntimeError, TypeError, ValueError):
        return "refused"
    if str(result.dtype) == "torch.complex32":
        # No array library has that.
        result = result.to(torch.complex64)
    values = result.float() if str(result.dtype) == "torch.bfloat16" else result
    return str(result.dtype), tuple(result.shape), values.numpy()


def differences(operate, pairs, but="never"):
    for label, ours, theirs in pairs:
        if re.fullmatch(but, label):
            continue
        got, wanted = outcome(operate, *ours), outcome(operate, *theirs)
        if wanted == "refused":
            # More is allowed here than there: float16 operands, say, where a kernel is missing.
            continue
        if got == "refused" or got[:2] != wanted[:2]:
            yield f"{label}: {got[:2]}, in PyTorch {wanted[:2]}"
        elif not np.allclose(got[2], wanted[2], rtol=1e-3, equal_nan=True):
            yield f"{label}: {got[2]}, in PyTorch {wanted[2]}"


def tensor_pairs():
    ours, theirs = dict(operands(xpgrad)), dict(operands(torch))
    for a, b in itertools.product(ours, repeat=2):
        yield f"{a}, {b}", (ours[a], ours[b]), (theirs[a], theirs[b])


def scalar_pairs():
    ours, theirs = dict(operands(xpgrad)), dict(operands(torch))
    for a, number in itertools.product(ours, NUMBERS):
        yield f"{a}, {number}", (ours[a], number), (theirs[a], number)
        yield f"{number}, {a}", (number, ours[a]), (number, theirs[a])


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", OPERATORS)
def test_operators(name):
    operate = getattr(operator, name)
    # Powers of booleans are booleans there, small integers here.
    but = r"(bool \S+|True), (bool \S+|True)" if name == "pow" else "never"
    assert list(differences(operate, tensor_pairs(), but)) == []
    assert list(differences(operate, scalar_pairs(), but)) == []


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize("name", INPLACE)
def test_augmented_assignments(name):
    def operate(target, other):
        return getattr(operator, name)(target.clone(), other)

    assert list(differences(operate, tensor_pairs())) == []


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize(
    "name",
    [
        "abs",
        "neg",
        "sqrt",
        "exp",
        "sin",
        "floor",
        "sign",
        "square",
        "reciprocal",
        "sum",
        "prod",
        "cumsum",
        "mean",
        "max",
    ],
)
def test_functions_of_one_tensor(name):
    def pairs():
        for (label, ours), (_, theirs) in zip(operands(xpgrad), operands(torch), strict=True):
            arguments = (0,) if name == "cumsum" else ()
            yield label, (ours, *arguments), (theirs, *arguments)

    but = r"bool \S+" if name in ("sign", "square") else "never"
    assert list(differences(lambda x, *arguments: getattr(x, name)(*arguments), pairs(), but)) == []


def test_default_dtype_counts():
    try:
        xpgrad.set_default_dtype(xpgrad.float64)
        torch.set_default_dtype(torch.float64)
        assert list(differences(operator.mul, scalar_pairs())) == []
        assert list(differences(operator.truediv, tensor_pairs())) == []
        assert str(xpgrad.tensor([1.0]).dtype) == str(torch.tensor([1.0]).dtype)
        assert repr(xpgrad.tensor([1.0])) == repr(torch.tensor([1.0]))
    finally:
        xpgrad.set_default_dtype(xpgrad.float32)
        torch.set_default_dtype(torch.float32)
