"""Transforms, on each kind of image."""

import numpy as np
import pytest

import xpgrad
from xpgrad.data import transforms

GREY = np.arange(20, dtype=np.uint8).reshape(4, 5)
COLOUR = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)


def pillow(array):
    return pytest.importorskip("PIL.Image").fromarray(array)


def as_tensor(array):
    return xpgrad.from_numpy(array if array.ndim == 2 else array.transpose(2, 0, 1).copy())


def host(image):
    """Any image as an array (height, width) or (height, width, channels)."""
    array = np.asarray(image.numpy() if isinstance(image, xpgrad.Tensor) else image)
    return array.transpose(1, 2, 0) if isinstance(image, xpgrad.Tensor) and array.ndim == 3 else array


KINDS = {"array": lambda a: a, "pillow": pillow, "tensor": as_tensor}


@pytest.mark.parametrize("kind", ["array", "pillow"])
def test_bytes_to_tensor(kind):
    made = transforms.ToTensor()(KINDS[kind](COLOUR))
    assert made.shape == (3, 4, 5)
    assert made.dtype is xpgrad.float32
    np.testing.assert_allclose(made.numpy(), COLOUR.transpose(2, 0, 1) / 255, rtol=1e-6)
    assert transforms.ToTensor()(KINDS[kind](GREY)).shape == (1, 4, 5)
    assert transforms.PILToTensor()(KINDS[kind](GREY)).tolist() == [GREY.tolist()]


def test_what_is_not_bytes_keeps_its_values():
    made = transforms.ToTensor()(np.array([[1.5, 300.0]]))
    assert made.dtype is xpgrad.float64
    assert made.tolist() == [[[1.5, 300.0]]]
    wide = pillow(np.array([[1, 70000]], dtype=np.int32))
    assert transforms.ToTensor()(wide).tolist() == [[[1, 70000]]]
    bits = pillow(np.array([[0, 255]], dtype=np.uint8)).convert("1")
    assert transforms.ToTensor()(bits).tolist() == [[[0.0, 1.0]]]


def test_the_image_is_not_shared():
    image = GREY.astype(np.float32)
    transforms.ToTensor()(image).zero_()
    np.testing.assert_array_equal(image, GREY)


def test_normalize():
    image = xpgrad.tensor([[[1.0, 2.0]], [[3.0, 4.0]]])
    assert transforms.Normalize((1.0, 2.0), (0.5, 2.0))(image).tolist() == [[[0.0, 2.0]], [[0.5, 1.0]]]
    assert transforms.Normalize([1.0], [2.0])(image).tolist() == [[[0.0, 0.5]], [[1.0, 1.5]]]
    assert image.tolist() == [[[1.0, 2.0]], [[3.0, 4.0]]]
    transforms.Normalize((1.0, 2.0), (0.5, 2.0), inplace=True)(image)
    assert image.tolist() == [[[0.0, 2.0]], [[0.5, 1.0]]]


NORMALIZE_ERRORS = {
    "img should be Tensor Image. Got <class 'numpy.ndarray'>": (TypeError, GREY, (1.0,)),
    "Input tensor should be a float tensor. Got torch.uint8": (TypeError, as_tensor(COLOUR), (1.0,)),
    "Expected tensor to be a tensor image of size (..., C, H, W)": (ValueError, xpgrad.ones(2, 2), (1.0,)),
    "std evaluated to zero after conversion to torch.float32": (ValueError, xpgrad.ones(1, 2, 2), (0.0,)),
}


@pytest.mark.parametrize("text", NORMALIZE_ERRORS)
def test_what_cannot_be_normalized(text):
    kind, image, std = NORMALIZE_ERRORS[text]
    with pytest.raises(kind) as error:
        transforms.Normalize((0.0,), std)(image)
    assert str(error.value).startswith(text)


@pytest.mark.parametrize("array", [GREY, COLOUR], ids=["grey", "colour"])
@pytest.mark.parametrize("kind", KINDS)
def test_moving_pixels(kind, array):
    image = KINDS[kind](array)
    border = [(1, 3), (2, 4), (0, 0)][: array.ndim]
    np.testing.assert_array_equal(host(transforms.Pad((2, 1, 4, 3))(image)), np.pad(array, border))
    np.testing.assert_array_equal(host(transforms.CenterCrop(2)(image)), array[1:3, 2:4])
    np.testing.assert_array_equal(
        host(transforms.CenterCrop((6, 5))(image)), np.pad(array, [(1, 1), *[(0, 0)] * (array.ndim - 1)])
    )
    np.testing.assert_array_equal(host(transforms.RandomHorizontalFlip(1.0)(image)), array[:, ::-1])
    np.testing.assert_array_equal(host(transforms.RandomVerticalFlip(1.0)(image)), array[::-1])
    np.testing.assert_array_equal(host(transforms.RandomHorizontalFlip(0.0)(image)), array)
    np.testing.assert_array_equal(host(transforms.RandomCrop((4, 5))(image)), array)


@pytest.mark.parametrize("kind", KINDS)
def test_random_crops(kind):
    xpgrad.manual_seed(0)
    image = KINDS[kind](GREY)
    places = {tuple(map(int, divmod(host(transforms.RandomCrop((2, 3))(image))[0, 0], 5))) for _ in range(100)}
    assert places == {(top, left) for top in range(3) for left in range(3)}
    assert host(transforms.RandomCrop(6, padding=1, pad_if_needed=True)(image)).shape == (6, 6)
    with pytest.raises(ValueError, match=r"Required crop size \(6, 6\) is larger than input image size \(4, 5\)"):
        transforms.RandomCrop(6)(image)


def test_the_seed_decides():
    def drawn():
        xpgrad.manual_seed(3)
        flip = transforms.RandomHorizontalFlip()
        return [int(flip(GREY)[0, 0]) for _ in range(20)]

    assert drawn() == drawn()
    assert set(drawn()) == {0, 4}


@pytest.mark.parametrize("kind", ["array", "pillow"])
def test_resize(kind):
    pytest.importorskip("PIL")
    image = KINDS[kind](np.full((4, 8), 9, dtype=np.uint8))
    assert host(transforms.Resize((3, 5))(image)).shape == (3, 5)
    assert host(transforms.Resize(8)(image)).shape == (8, 16)
    assert host(transforms.Resize(8, max_size=10)(image)).shape == (5, 10)
    assert set(host(transforms.Resize(8)(image)).flat) == {9}
    with pytest.raises(TypeError, match="put it before ToTensor"):
        transforms.Resize(8)(xpgrad.ones(1, 2, 2))


def test_resize_without_pillow(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    with pytest.raises(RuntimeError, match="Resize needs Pillow, which is not installed"):
        transforms.Resize(2)(GREY)


def test_compose_and_lambda():
    twice = transforms.Lambda(lambda x: 2 * x)
    assert transforms.Compose([twice, twice])(3) == 12
    with pytest.raises(TypeError, match="Argument lambd should be callable, got 'int'"):
        transforms.Lambda(1)


def test_how_they_print():
    made = transforms.Compose(
        [
            transforms.Resize(28),
            transforms.RandomCrop(28, padding=4),
            transforms.CenterCrop(20),
            transforms.Pad(2),
            transforms.RandomHorizontalFlip(),
            transforms.RandomVerticalFlip(p=0.1),
            transforms.Lambda(abs),
            transforms.PILToTensor(),
            transforms.ToTensor(),
            transforms.Normalize((0.5,), (0.5,)),
        ]
    )
    assert repr(made) == (
        "Compose(\n"
        "    Resize(size=28, interpolation=bilinear, max_size=None, antialias=True)\n"
        "    RandomCrop(size=(28, 28), padding=4)\n"
        "    CenterCrop(size=(20, 20))\n"
        "    Pad(padding=2, fill=0, padding_mode=constant)\n"
        "    RandomHorizontalFlip(p=0.5)\n"
        "    RandomVerticalFlip(p=0.1)\n"
        "    Lambda()\n"
        "    PILToTensor()\n"
        "    ToTensor()\n"
        "    Normalize(mean=(0.5,), std=(0.5,))\n"
        ")"
    )


ERRORS = {
    "to a tensor": (TypeError, "pic should be PIL Image or ndarray. Got", lambda: transforms.ToTensor()("image")),
    "of one dimension": (ValueError, "pic should be 2/3 dimensional. Got 1", lambda: transforms.ToTensor()(GREY[0])),
    "flipped": (TypeError, "expected a Pillow image, an array", lambda: transforms.RandomHorizontalFlip()("image")),
    "probability": (ValueError, "must be a probability, in", lambda: transforms.RandomVerticalFlip(1.5)),
    "mode": (ValueError, "Padding mode should be 'constant', got 'reflect'", lambda: transforms.Pad(1, 0, "reflect")),
    "padding": (ValueError, "Padding must be an int or a 1, 2, or 4", lambda: transforms.Pad((1, 2, 3))(GREY)),
}


@pytest.mark.parametrize("case", ERRORS)
def test_errors(case):
    kind, text, call = ERRORS[case]
    with pytest.raises(kind) as error:
        call()
    assert text in str(error.value)
