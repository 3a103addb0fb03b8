"""What the functions on images refuse, and in which words: those of PyTorch first."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest

import xpgrad

torch = pytest.importorskip("torch")


def image(lib: Any, *shape: int) -> Any:
    return lib.ones(*(shape or (2, 4, 6, 6)))


# Calls of functions of ``nn.functional`` as ``f``, of a library ``t``, and how the message begins.
CALLS: list[tuple[Callable[[Any, Any], Any], str]] = [
    (lambda t, f: f.pixel_shuffle(image(t, 6, 6), 2), "pixel_shuffle expects input to have at least 3 dimensions"),
    (
        lambda t, f: f.pixel_shuffle(image(t), 3),
        "pixel_shuffle expects its input's 'channel' dimension to be divisible",
    ),
    (lambda t, f: f.pixel_shuffle(image(t), 0), "pixel_shuffle expects a positive upscale_factor, but got 0"),
    (lambda t, f: f.pixel_unshuffle(image(t), 4), "pixel_unshuffle expects height to be divisible by downscale_factor"),
    (
        lambda t, f: f.channel_shuffle(image(t), 3),
        "Number of channels must be divisible by groups. Got 4 channels and 3",
    ),
    (lambda t, f: f.channel_shuffle(image(t), 0), "Number of groups to divide channels in must be positive. Value of"),
    (lambda t, f: f.unfold(image(t), 9), "Given input with spatial size (6, 6), kernel_size=(9, 9), dilation=(1, 1)"),
    (lambda t, f: f.unfold(image(t), 0), "kernel size should be greater than zero, but got"),
    (
        lambda t, f: f.unfold(image(t, 2, 0, 6, 6), 2),
        "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size",
    ),
    (lambda t, f: f.fold(image(t, 1, 5, 6), (3, 4), 2), "Expected size of input's dimension 1 to be divisible by the"),
    (
        lambda t, f: f.fold(image(t, 1, 4, 7), (3, 4), 2),
        "Given output_size=(3, 4), kernel_size=(2, 2), dilation=(1, 1)",
    ),
    (lambda t, f: f.interpolate(image(t)), "either size or scale_factor should be defined"),
    (lambda t, f: f.interpolate(image(t), 3, 2.0), "only one of size or scale_factor should be defined"),
    (lambda t, f: f.interpolate(image(t), (3,)), "Input and output must have the same number of spatial dimensions"),
    (lambda t, f: f.interpolate(image(t), scale_factor=(2.0,)), "Input and scale_factor must have the same number of"),
    (lambda t, f: f.interpolate(image(t), 3, mode="linear"), "Got 4D input, but linear mode needs 3D input"),
    (lambda t, f: f.interpolate(image(t), 3, mode="odd"), "Input Error: Only 3D, 4D and 5D input Tensors supported"),
    (lambda t, f: f.interpolate(image(t), 3, align_corners=True), "align_corners option can only be set with the"),
    (lambda t, f: f.interpolate(image(t), 3, antialias=True), "Anti-alias option is restricted to bilinear, bicubic"),
    (lambda t, f: f.interpolate(image(t), 3, mode="lanczos"), "Lanczos mode requires antialias=True"),
    (lambda t, f: f.interpolate(image(t), 0), "Input and output sizes should be greater than 0, but got input"),
    (
        lambda t, f: f.interpolate(image(t), 3, mode="bilinear", recompute_scale_factor=True),
        "recompute_scale_factor is not meaningful with an explicit size.",
    ),
    (lambda t, f: f.interpolate(image(t, 2, 0, 6, 6), 3), "Non-empty 4D data tensor expected but got a tensor with"),
    (
        lambda t, f: f.grid_sample(image(t), image(t, 1, 2, 2, 2), align_corners=True),
        "grid_sampler(): expected grid and input to have same batch size, but got input with sizes [2, 4, 6, 6] and",
    ),
    (
        lambda t, f: f.grid_sample(image(t), image(t, 2, 2, 2, 3), align_corners=True),
        "grid_sampler(): expected grid to have size 2 in last dimension, but got grid with sizes [2, 2, 2, 3]",
    ),
    (lambda t, f: f.grid_sample(image(t), image(t), "odd"), "nn.functional.grid_sample(): expected mode to be"),
    (
        lambda t, f: f.grid_sample(image(t), image(t), padding_mode="odd"),
        "nn.functional.grid_sample(): expected padding",
    ),
    (
        lambda t, f: f.grid_sample(image(t, 1, 1, 2, 2, 2), image(t, 1, 2, 2, 2, 3), "bicubic", align_corners=True),
        "grid_sampler(): bicubic interpolation only supports 4D input",
    ),
    (lambda t, f: f.affine_grid(image(t, 2, 2, 3), (2, 1, 3), True), "affine_grid only supports 4D and 5D sizes"),
    (lambda t, f: f.affine_grid(image(t, 2, 2, 2), (2, 1, 3, 3), True), "Expected a batch of 2D affine matrices of"),
    (lambda t, f: f.affine_grid(image(t, 2, 2, 3), (2, 1, 0, 3), True), "Expected non-zero, positive output size. Got"),
    (lambda t, f: f.fractional_max_pool2d(image(t), 2), "fractional_max_pool2d requires specifying either an output"),
    (lambda t, f: t.nn.FractionalMaxPool2d(2, 3, 0.5), "only one of output_size and output_ratio may be specified"),
    (lambda t, f: t.nn.FractionalMaxPool2d(2, output_ratio=1.5), "output_ratio must be between 0 and 1 (got"),
    (lambda t, f: f.max_pool2d(image(t), 2, padding=-1), "pad must be non-negative"),
    (lambda t, f: f.max_unpool2d(image(t), image(t, 2, 4, 6, 5).long(), 2), "Expected shape of indices to be same as"),
    (
        lambda t, f: f.adaptive_avg_pool2d(image(t), (-1, 0)),
        "elements of output_size must be greater than or equal to 0",
    ),
    (lambda t, f: f.adaptive_avg_pool2d(image(t, 2, 2), (1, 1)), "Input dimension should be at least 3"),
    (lambda t, f: f.embedding_bag(t.tensor([1]), image(t, 3, 2)), "offsets has to be a 1D Tensor but got None"),
    (
        lambda t, f: f.embedding_bag(t.tensor([1]), image(t, 3, 2), t.tensor([0]), mode="odd"),
        "mode has to be one of sum, mean or max",
    ),
    (
        lambda t, f: f.embedding_bag(t.tensor([1]), image(t, 3, 2), t.tensor([1])),
        "offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However",
    ),
    (
        lambda t, f: f.embedding_bag(t.tensor([1]), image(t, 3, 2), t.tensor([0, 2])),
        "offsets[-1] can not be greater than input's length 1 but got offsets[-1] of 2",
    ),
    (
        lambda t, f: f.embedding_bag(t.tensor([[1]]), image(t, 3, 2), per_sample_weights=image(t, 1, 1)),
        "embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got",
    ),
    (
        lambda t, f: f.embedding_bag(t.tensor([[1]]), image(t, 3, 2), padding_idx=5),
        "padding_idx must be within the number of embeddings, -3 through 2, but got 5",
    ),
]

every_call = pytest.mark.parametrize(("call", "text"), CALLS, ids=[text for _, text in CALLS])


def refusal(call: Callable[[Any, Any], Any], library: Any) -> Exception:
    with pytest.raises(Exception) as caught, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        call(library, library.nn.functional)
    return caught.value


@every_call
def test_kind_and_text(call: Callable[[Any, Any], Any], text: str) -> None:
    ours, theirs = refusal(call, xpgrad), refusal(call, torch)
    assert isinstance(ours, next(kind for kind in type(theirs).__mro__ if kind.__module__ == "builtins"))
    for said in (str(ours), str(theirs)):
        assert text in said


def test_old_names_warn() -> None:
    x = xpgrad.ones(1, 1, 2, 2)
    for name in ("upsample", "upsample_nearest", "upsample_bilinear"):
        with pytest.warns(UserWarning, match=f"`nn.functional.{name}` is deprecated"):
            assert getattr(xpgrad.nn.functional, name)(x, 4).shape == (1, 1, 4, 4)


def test_defaults_that_changed_warn() -> None:
    grid = xpgrad.zeros(1, 1, 1, 2)
    with pytest.warns(UserWarning, match="Default grid_sample and affine_grid behavior has changed"):
        xpgrad.nn.functional.grid_sample(xpgrad.ones(1, 1, 2, 2), grid)
    with pytest.warns(UserWarning, match="affine_grid behavior has changed for unit-size grids"):
        xpgrad.nn.functional.affine_grid(xpgrad.ones(1, 2, 3), (1, 1, 1, 2), align_corners=True)
    with pytest.warns(UserWarning, match="Argument order of nn.functional.embedding_bag was changed"):
        xpgrad.nn.functional.embedding_bag(xpgrad.ones(3, 2), xpgrad.tensor([[0, 1]]))
