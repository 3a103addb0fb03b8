"""What is refused, and in which words: those of PyTorch first, where it has any."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import xpgrad

# Each case: a call with a library like ``torch``, and how the message begins.
Case = tuple[Callable[[Any], Any], str]


def image(lib: Any, *shape: int, dtype: str = "float32") -> Any:
    return lib.ones(*(shape or (2, 3, 5, 5)), dtype=getattr(lib, dtype))


def f(lib: Any) -> Any:
    return lib.nn.functional


def classes(lib: Any, *values: int) -> Any:
    return lib.tensor(values)


SHARED: list[Case] = [
    # Layers.
    (lambda t: t.nn.Conv2d(3, 4, 3, groups=2), "in_channels must be divisible by groups"),
    (lambda t: t.nn.Conv2d(4, 3, 3, groups=2), "out_channels must be divisible by groups"),
    (lambda t: t.nn.Conv2d(3, 4, 3, groups=0), "groups must be a positive integer"),
    (lambda t: t.nn.Conv2d(3, 4, 3, padding="some"), "Invalid padding string 'some', should be one of"),
    (lambda t: t.nn.Conv2d(3, 4, 3, 2, padding="same"), "padding='same' is not supported for strided convolutions"),
    (lambda t: t.nn.Conv2d(3, 4, 3, padding_mode="odd"), "padding_mode must be one of"),
    (lambda t: t.nn.ConvTranspose2d(3, 4, 3, padding_mode="reflect"), 'Only "zeros" padding mode is supported for'),
    (lambda t: t.nn.ConvTranspose2d(3, 4, 3)(image(t), output_size=[9, 9]), "requested an output size of"),
    (lambda t: t.nn.Dropout(1.5), "dropout probability has to be between 0 and 1, but got 1.5"),
    (lambda t: t.nn.BatchNorm1d(3)(image(t)), "expected 2D or 3D input (got 4D input)"),
    (lambda t: t.nn.BatchNorm2d(3)(image(t, 2, 3)), "expected 4D input (got 2D input)"),
    (lambda t: t.nn.GroupNorm(2, 3), "num_channels (3) must be divisible by num_groups (2)"),
    (lambda t: t.nn.InstanceNorm2d(4, affine=True)(image(t)), "expected input's size at dim=1 to match num_features"),
    (lambda t: t.nn.Softmax2d()(image(t, 2, 3)), "Softmax2d: expected input to be 3D or 4D, got 2D instead"),
    (lambda t: t.nn.Unflatten(1, (2, 1.5)), "unflattened_size must be tuple of ints, but found element of type float"),
    # Linear.
    (lambda t: f(t).linear(image(t, 5, 3), image(t, 4, 4)), "mat1 and mat2 shapes cannot be multiplied (5x3 and 4x4)"),
    # Convolution.
    (
        lambda t: f(t).conv2d(image(t, 2, 5), image(t, 4, 3, 3, 3)),
        "Expected 3D (unbatched) or 4D (batched) input to conv2d, but got input of size: [2,",
    ),
    (
        lambda t: f(t).conv2d(image(t), image(t, 4, 3, 3, 3), image(t, 3)),
        "Given weight of size [4, 3, 3, 3], expected bias to be 1-dimensional with 4",
    ),
    (
        lambda t: f(t).conv2d(image(t, 2, 2, 5, 5), image(t, 4, 3, 3, 3)),
        "Given groups=1, weight of size [4, 3, 3, 3], expected input[2, 2, 5, 5] to have 3",
    ),
    (
        lambda t: f(t).conv2d(image(t), image(t, 4, 3, 7, 7)),
        "Calculated padded input size per channel: (5 x 5). Kernel size: (7 x 7). Kernel",
    ),
    (lambda t: f(t).conv2d(image(t), image(t, 4, 3, 3, 3), stride=0), "non-positive stride is not supported"),
    (lambda t: f(t).conv2d(image(t), image(t, 4, 3, 3, 3), padding=-1), "negative padding is not supported"),
    (
        lambda t: f(t).conv_transpose2d(image(t), image(t, 4, 3, 3, 3)),
        "Given transposed=1, weight of size [4, 3, 3, 3], expected input[2, 3, 5, 5] to have",
    ),
    (
        lambda t: f(t).conv_transpose2d(image(t), image(t, 3, 4, 3, 3), output_padding=1),
        "output padding must be smaller than either stride or dilation",
    ),
    # Pooling.
    (
        lambda t: f(t).max_pool2d(image(t), 2, padding=2),
        "pad should be at most half of effective kernel size, but got pad=2, kernel_size=2",
    ),
    (
        lambda t: f(t).max_pool2d(image(t), 7),
        "Given input size: (3x5x5). Calculated output size: (3x0x0). Output size is too small",
    ),
    (lambda t: f(t).max_pool2d(image(t), 2, stride=0), "stride should not be zero"),
    (lambda t: f(t).avg_pool2d(image(t), 2, divisor_override=0), "divisor must be not zero"),
    (lambda t: f(t).adaptive_avg_pool2d(image(t, 3, 3), 2), "adaptive_avg_pool2d(): Expected 3D or 4D tensor, but got"),
    # Normalisation.
    (
        lambda t: f(t).batch_norm(image(t, 1, 3), None, None, training=True),
        "Expected more than 1 value per channel when training, got input size torch.Size([1,",
    ),
    (lambda t: f(t).batch_norm(image(t), None, None), "running_mean must be defined in evaluation mode"),
    (
        lambda t: f(t).batch_norm(image(t), image(t, 4), image(t, 4)),
        "running_mean should contain 3 elements not 4",
    ),
    (
        lambda t: f(t).layer_norm(image(t), (4,)),
        "Given normalized_shape=[4], expected input with shape [*, 4], but got input of size",
    ),
    (lambda t: f(t).layer_norm(image(t), ()), "Expected normalized_shape to be at least 1-dimensional"),
    (
        lambda t: f(t).layer_norm(image(t), (5,), image(t, 4)),
        "Expected weight to be of same shape as normalized_shape, but got weight of shape",
    ),
    (
        lambda t: f(t).group_norm(image(t), 2),
        "Expected number of channels in input to be divisible by num_groups, but got input",
    ),
    (
        lambda t: f(t).instance_norm(image(t, 2, 3, 1)),
        "Expected more than 1 spatial element when training, got input size torch.Size([2,",
    ),
    # Tables.
    (lambda t: f(t).embedding(classes(t, 5), image(t, 3, 2)), "index out of range in self"),
    (lambda t: f(t).embedding(classes(t, -1), image(t, 3, 2)), "index out of range in self"),
    (
        lambda t: f(t).embedding(image(t, 1), image(t, 3, 2)),
        "Expected tensor for argument #1 'indices' to have one of the following scalar",
    ),
    (lambda t: f(t).embedding(classes(t, 1), image(t, 3)), "'weight' must be 2-D"),
    (lambda t: f(t).one_hot(classes(t, 5), 3), "Class values must be smaller than num_classes"),
    (lambda t: f(t).one_hot(classes(t, -1)), "Class values must be non-negative"),
    (lambda t: f(t).one_hot(image(t, 2)), "one_hot is only applicable to index tensor of type LongTensor"),
    # Losses.
    (lambda t: f(t).mse_loss(image(t, 2), image(t, 2), reduction="all"), "all is not a valid value for reduction"),
    (
        lambda t: f(t).cross_entropy(image(t, 5, 3), classes(t, 0, 1, 2, 0)),
        "Expected input batch_size (5) to match target batch_size (4).",
    ),
    (
        lambda t: f(t).cross_entropy(image(t, 2, 3), image(t, 2)),
        "expected target dtype to be Long or Byte, but got Float",
    ),
    (lambda t: f(t).cross_entropy(image(t, 2, 3), classes(t, 1, 5)), "Target 5 is out of bounds"),
    (lambda t: f(t).cross_entropy(image(t, 2, 3), classes(t, -1, 5)), "Target -1 is out of bounds"),
    (
        lambda t: f(t).cross_entropy(image(t, 2, 3), classes(t, -100, 3)),
        "Target 3 is out of bounds",
    ),
    (
        lambda t: f(t).cross_entropy(image(t, 2, 3), classes(t, 1, 1), weight=image(t, 2)),
        "weight tensor should be defined either for all 3 classes or no classes but got",
    ),
    (
        lambda t: f(t).cross_entropy(image(t, 2, 3), image(t, 2, 4)),
        "0D or 1D target tensor expected, multi-target not supported",
    ),
    (
        lambda t: f(t).cross_entropy(image(t), t.zeros(2, 5, 4, dtype=t.int64)),
        "size mismatch (got input: [2, 3, 5, 5] , target: [2, 5, 4]",
    ),
    (
        lambda t: f(t).cross_entropy(image(t, 2, 3), classes(t, 1, 1), label_smoothing=2.0),
        "label_smoothing must be between 0.0 and 1.0. Got: 2",
    ),
    (lambda t: f(t).nll_loss(t.tensor(1.0), classes(t, 1)), "Expected 1 or more dimensions (got 0)"),
    (
        lambda t: f(t).cross_entropy(image(t, 3), classes(t, 0, 1)),
        "For 1D input, 1D target must have size 1, but got target size: 2",
    ),
    (
        lambda t: f(t).binary_cross_entropy(image(t, 2) * 2, image(t, 2)),
        "all elements of input should be between 0 and 1",
    ),
    (
        lambda t: f(t).binary_cross_entropy(image(t, 2), image(t, 3)),
        "Using a target size (torch.Size([3])) that is different to the input size",
    ),
    (
        lambda t: f(t).binary_cross_entropy(image(t, 2), image(t, 2, dtype="float64")),
        "Found dtype Double but expected Float",
    ),
    (
        lambda t: f(t).binary_cross_entropy_with_logits(image(t, 2), image(t, 3)),
        "Target size (torch.Size([3])) must be the same as input size (torch.Size([2]))",
    ),
    (
        lambda t: f(t).huber_loss(image(t, 2), image(t, 2), delta=0),
        "huber_loss does not support non-positive values for delta."[:-1],
    ),
    (
        lambda t: f(t).smooth_l1_loss(image(t, 2), image(t, 2), beta=-1),
        "smooth_l1_loss does not support negative values for beta",
    ),
    (
        lambda t: f(t).mse_loss(image(t, 2), image(t, 2), weight=image(t, 3)),
        "Weights and input must have the same size.",
    ),
    # Activations.
    (lambda t: f(t).relu(t.tensor([True])), "Boolean inputs not supported for relu"),
    (lambda t: f(t).gelu(image(t, 2), approximate="some"), "approximate argument must be either none or tanh"),
    (lambda t: f(t).glu(image(t, 2, 3)), "Halving dimension must be even, but dimension 1 is size 3"),
    (lambda t: f(t).glu(t.tensor(1.0)), "glu does not support scalars because halving size must be even"),
    (
        lambda t: f(t).prelu(image(t, 2, 3), image(t, 2)),
        "Mismatch of parameter numbers and input channel size. Found parameter numbers = 2",
    ),
    # Padding.
    (lambda t: f(t).pad(image(t), (1,)), "Padding length must be divisible by 2"),
    (
        lambda t: f(t).pad(image(t), (1,) * 10),
        "Padding length should be less than or equal to two times the input dimension",
    ),
    (
        lambda t: f(t).pad(image(t), (1, 1), mode="reflect", value=1.0),
        'Padding mode "reflect" doesn\'t take in value argument',
    ),
    (
        lambda t: f(t).pad(image(t), (6, 6, 0, 0), mode="circular"),
        "Padding value causes wrapping around more than once",
    ),
    # Initialisers and helpers.
    (
        lambda t: t.nn.init.xavier_normal_(image(t, 3)),
        "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    ),
    (lambda t: t.nn.init.kaiming_normal_(image(t, 3, 3), mode="fan"), "Mode fan not supported, please use one of"),
    (lambda t: t.nn.init.calculate_gain("selfie"), "Unsupported nonlinearity selfie"),
    (lambda t: t.nn.init.calculate_gain("leaky_relu", True), "negative_slope True not a valid number"),
    (lambda t: t.nn.init.eye_(image(t, 3)), "Only tensors with 2 dimensions are supported"),
    (lambda t: t.nn.init.dirac_(image(t, 3)), "Only tensors with 3, 4, or 5 dimensions are supported"),
    (lambda t: t.nn.init.dirac_(image(t, 3, 3, 3), groups=2), "dim 0 must be divisible by groups"),
    (lambda t: t.nn.init.orthogonal_(image(t, 3)), "Only tensors with 2 or more dimensions are supported"),
    (lambda t: t.nn.utils.vector_to_parameters([1], [image(t, 3)]), "expected torch.Tensor, but got: "),
    # Modules.
    (lambda t: t.nn.Linear(2, 2).register_buffer("weight", image(t, 2)), "attribute 'weight' already exists"),
    (lambda t: t.nn.Linear(2, 2).register_buffer("a.b", image(t, 2)), 'buffer name can\'t contain "."'),
    (lambda t: t.nn.Linear(2, 2).register_parameter("", None), 'parameter name can\'t be empty string ""'),
    (lambda t: t.nn.Linear(2, 2).register_parameter(3, None), "parameter name should be a string. Got int"),
    (
        lambda t: t.nn.Linear(2, 2).register_parameter("a", image(t, 2)),
        "cannot assign 'torch.FloatTensor' object to parameter 'a' (torch.nn.Parameter or",
    ),
    (
        lambda t: t.nn.Linear(2, 2).register_buffer("a", 3),
        "cannot assign 'int' object to buffer 'a' (torch Tensor or None required)",
    ),
    (lambda t: t.nn.Linear(2, 2).add_module("a", 3), "int is not a Module subclass"),
    (lambda t: t.nn.Linear(2, 2).add_module("a.b", t.nn.ReLU()), 'module name can\'t contain ".", got: a.b'),
    (
        lambda t: setattr(t.nn.Linear(2, 2), "weight", image(t, 2)),
        "cannot assign 'torch.FloatTensor' as parameter 'weight' (torch.nn.Parameter or None",
    ),
    (
        lambda t: setattr(t.nn.Sequential(t.nn.ReLU()), "0", 3),
        "cannot assign 'int' as child module '0' (torch.nn.Module or None expected)",
    ),
    (
        lambda t: setattr(t.nn.BatchNorm1d(2), "running_mean", 3),
        "cannot assign 'int' as buffer 'running_mean' (torch.nn.Buffer, torch.Tensor or None",
    ),
    (
        lambda t: setattr(t.nn.Module.__new__(t.nn.Module), "a", t.nn.Parameter(image(t, 2))),
        "cannot assign parameters before Module.__init__() call",
    ),
    (
        lambda t: setattr(t.nn.Module.__new__(t.nn.Module), "a", t.nn.ReLU()),
        "cannot assign module before Module.__init__() call",
    ),
    (
        lambda t: t.nn.Module.__new__(t.nn.Module).register_buffer("a", None),
        "cannot assign buffer before Module.__init__() call",
    ),
    (lambda t: t.nn.Linear(2, 2).wait, "'Linear' object has no attribute 'wait'"),
    (lambda t: t.nn.Linear(2, 2).get_parameter("bias.x"), "`bias` is not an nn.Module"),
    (lambda t: t.nn.Linear(2, 2).get_submodule("a"), "Linear has no attribute `a`"),
    (lambda t: t.nn.Linear(2, 2).get_parameter("in_features"), "`in_features` is not an nn.Parameter"),
    (lambda t: t.nn.Linear(2, 2).get_buffer("weight"), "`weight` is not a buffer"),
    (lambda t: t.nn.Linear(2, 2).set_submodule("", t.nn.ReLU()), "Cannot set the submodule without a target name!"),
    (
        lambda t: t.nn.Linear(2, 2).to(t.int64),
        "nn.Module.to only accepts floating point or complex dtypes, but got desired",
    ),
    (lambda t: t.nn.Linear(2, 2).train("yes"), "training mode is expected to be boolean"),
    (lambda t: t.nn.Module()(1), 'Module [Module] is missing the required "forward" function'),
    (lambda t: type("M", (t.nn.Module,), {})(1), "M.__init__() takes 1 positional argument but 2 were given"),
    (lambda t: type("M", (t.nn.Module,), {})(a=1), "M.__init__() got an unexpected keyword argument 'a'"),
    (lambda t: t.nn.Linear(2, 2).load_state_dict(3), "Expected state_dict to be dict-like, got <class 'int'>."),
    (
        lambda t: t.nn.Linear(2, 2).load_state_dict({"weight": image(t, 3), "more": image(t, 1)}),
        'Error(s) in loading state_dict for Linear:\n\tMissing key(s) in state_dict: "bias". \n\tUnexpected key(s) in '
        'state_dict: "more". \n\tsize mismatch for weight: copying a param with shape torch.Size([3]) from checkpoint, '
        "the shape in current model is torch.Size([2, 2]).",
    ),
    (
        lambda t: t.nn.Linear(2, 2, bias=False).load_state_dict({"weight": 3}),
        'Error(s) in loading state_dict for Linear:\n\tWhile copying the parameter named "weight", expected',
    ),
    (lambda t: t.nn.Sequential(t.nn.ReLU())[1], "index 1 is out of range"),
    (
        lambda t: t.nn.Sequential() + 3,
        "add operator supports only objects of Sequential class, but <class 'int'> is given",
    ),
    (lambda t: t.nn.Sequential(t.nn.ReLU()) * 0, "Non-positive multiplication factor 0 for"),
    (lambda t: t.nn.ModuleList().extend(3), "ModuleList.extend should be called with an iterable, but got int"),
    (
        lambda t: t.nn.ModuleDict().update(3),
        "ModuleDict.update should be called with an iterable of key/value pairs, but got int",
    ),
    (lambda t: t.nn.ParameterList([image(t, 1)])(1), "ParameterList should not be called."),
]

# Where PyTorch says something else or nothing.
OWN: list[Case] = [
    (
        lambda t: f(t).linear(image(t, 5, 3, dtype="float64"), image(t, 4, 3), image(t, 4)),
        "Input type (float64) and weight type (float32) should be the same",
    ),
    (
        lambda t: f(t).conv2d(image(t, dtype="float64"), image(t, 4, 3, 3, 3)),
        "Input type (float64) and weight type (float32) should be the same",
    ),
    (
        lambda t: f(t).conv2d(image(t), image(t, 4, 3, 3, 3), stride=(1, 2, 3)),
        "conv2d: expected stride to be a single integer value or a list of 2 values",
    ),
    (lambda t: f(t).linear(image(t, 5, 3), image(t, 4, 3), image(t, 5)), "linear: a weight of size [4, 3] has 4"),
    (lambda t: f(t).conv2d(image(t), image(t, 4, 3, 3)), "Expected 4-dimensional weight for conv2d"),
    (lambda t: f(t).max_pool2d(image(t, 3, 3), 2), "max_pool2d(): Expected 3D or 4D tensor, but got [3, 3]"),
    (lambda t: f(t).leaky_relu(classes(t, 1)), "\"leaky_relu\" not implemented for 'Long'"),
    *(
        (
            lambda t, name=name, more=more: getattr(f(t), name)([1.0], *more),
            f"{name}(): argument 'input' (position 1) must be Tensor, not list",
        )
        for name, more in (
            ("gelu", ()),
            ("linear", (xpgrad.ones(1, 1),)),
            ("conv1d", (xpgrad.ones(1, 1, 1),)),
            ("max_pool2d", (1,)),
            ("adaptive_avg_pool1d", (1,)),
            ("dropout", ()),
            ("dropout2d", ()),
            ("embedding", (xpgrad.ones(1, 1),)),
            ("layer_norm", ((1,),)),
            ("cross_entropy", (xpgrad.tensor([1]),)),
        )
    ),
    (lambda t: f(t).mse_loss(classes(t, 1), classes(t, 1)), "\"mse_loss\" not implemented for 'Long'"),
    (lambda t: f(t).mse_loss(image(t, 1), [1]), "mse_loss(): argument 'target' must be Tensor, not list"),
    (lambda t: f(t).pad(image(t), (9, 9, 0, 0), mode="reflect"), "Padding size should be less than the corresp"),
    (lambda t: f(t).pad(image(t, 3), (1, 1), mode="reflect"), "Padding size 2 is not supported for 1D input"),
    (lambda t: f(t).pad(image(t), (1, 1), mode="some"), "Unrecognised padding mode some"),
    (lambda t: f(t).pad(image(t), (-9, 1)), "pad: [-9, 1] takes more away than [2, 3, 5, 5] has"),
    (lambda t: t.nn.Embedding(3, 2, padding_idx=5), "Padding_idx must be within num_embeddings"),
    (lambda t: t.nn.Hardtanh(1.0, 1.0), "max_val must be larger than min_val"),
    (lambda t: t.nn.Parameter([1.0]), "Parameter: data must be a tensor, not list"),
    (lambda t: t.nn.Parameter(classes(t, 1)), "only Tensors of floating point and complex dtype can require gradients"),
    (lambda t: t.nn.Linear(2, 2).get_extra_state(), "Linear defines no get_extra_state"),
    (lambda t: t.nn.utils.vector_to_parameters(image(t, 2), [image(t, 3)]), "vector_to_parameters: 2 elements do not"),
]


def told(call: Callable[[Any], Any], library: Any) -> Exception | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call(library)
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize(
    "call, text",
    [case for case in SHARED + OWN if case[1]],
    ids=lambda value: value[:60] if isinstance(value, str) else "",
)
def test_text(call: Callable[[Any], Any], text: str) -> None:
    error = told(call, xpgrad)
    assert isinstance(error, (xpgrad.errors.XpgradError, NotImplementedError))
    assert str(error).startswith(text)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="PyTorch is not installed")
@pytest.mark.parametrize(
    "call, text", [case for case in SHARED if case[1]], ids=lambda value: value[:60] if isinstance(value, str) else ""
)
def test_pytorch_says_the_same(call: Callable[[Any], Any], text: str) -> None:
    import torch

    error, ours = told(call, torch), told(call, xpgrad)
    # A KeyError shows its message quoted.
    said = str(error.args[0]) if isinstance(error, KeyError) else str(error)
    assert said.startswith(text)
    builtin = next(kind for kind in type(error).__mro__ if kind.__module__ == "builtins")
    assert isinstance(ours, builtin)
