"""What the kernels of convolutions and pooling share: where windows lie, as CUDA source and as its argument.

One, two or three spatial axes are all three in CUDA: those that are missing come first and have length one.
"""

from __future__ import annotations

import functools
from typing import Any, Final, NamedTuple

import numpy as np

from xpgrad._typing import Shape

# More axes than this have no kernels.
MOST_AXES: Final = 3

SOURCE: Final = r"""
struct Windows {
    long long images, channels;
    long long size[3];      // of an image
    long long places[3];    // how many windows there are
    long long shape[3];     // how many elements a window has
    long long stride[3], padding[3], dilation[3];
};

struct Position { long long at[3]; };

__device__ inline long long product(const long long* numbers) { return numbers[0] * numbers[1] * numbers[2]; }

// The coordinates of a row-major index into an array of that size.
__device__ inline Position unravel(long long index, const long long* size) {
    Position position;
    position.at[2] = index % size[2];
    index /= size[2];
    position.at[1] = index % size[1];
    position.at[0] = index / size[1];
    return position;
}

__device__ inline long long ravel(const Position& position, const long long* size) {
    return (position.at[0] * size[1] + position.at[1]) * size[2] + position.at[2];
}

// Where the element of a window lies in the image; false if in the padding.
__device__ inline bool find_pixel(const Windows& w, const Position& place, const Position& element, Position& pixel) {
    bool inside = true;
    for (int axis = 0; axis < 3; ++axis) {
        pixel.at[axis] = place.at[axis] * w.stride[axis] - w.padding[axis] + element.at[axis] * w.dilation[axis];
        inside = inside && 0 <= pixel.at[axis] && pixel.at[axis] < w.size[axis];
    }
    return inside;
}

// Which window has the pixel for its element, along one axis; -1 if none has.
__device__ inline long long find_place(const Windows& w, int axis, long long pixel, long long element) {
    const long long reach = pixel + w.padding[axis] - element * w.dilation[axis];
    if (reach < 0 || reach % w.stride[axis] != 0) return -1;
    const long long place = reach / w.stride[axis];
    return place < w.places[axis] ? place : -1;
}

#define FOR_EACH_ELEMENT(w, element) \
    for (element.at[0] = 0; element.at[0] < w.shape[0]; ++element.at[0]) \
        for (element.at[1] = 0; element.at[1] < w.shape[1]; ++element.at[1]) \
            for (element.at[2] = 0; element.at[2] < w.shape[2]; ++element.at[2])

#define FOR_EACH_MEETING_ALONG(w, axis, pixel, element, place) \
    for (element.at[axis] = 0; element.at[axis] < w.shape[axis]; ++element.at[axis]) \
        if ((place.at[axis] = find_place(w, axis, pixel.at[axis], element.at[axis])) >= 0)

// The windows that meet at a pixel: the place of each, and the element that it has there.
#define FOR_EACH_MEETING(w, pixel, element, place) \
    FOR_EACH_MEETING_ALONG(w, 0, pixel, element, place) \
        FOR_EACH_MEETING_ALONG(w, 1, pixel, element, place) \
            FOR_EACH_MEETING_ALONG(w, 2, pixel, element, place)
"""

_PACKED: Final = np.dtype([("numbers", "i8", 20)])


class Windows(NamedTuple):
    """Where windows lie in a batch of images. Each shape has one entry per spatial axis.

    Attributes:
        images: How many there are.
        channels: How many each has.
        size: The spatial size of an image.
        places: The number of windows.
        shape: The elements of a window.
        stride: The step between windows.
        padding: What is added on each side.
        dilation: The distance between the elements of a window.
    """

    images: int
    channels: int
    size: Shape
    places: Shape
    shape: Shape
    stride: Shape
    padding: Shape
    dilation: Shape


@functools.lru_cache(maxsize=1024)
def packed(windows: Windows) -> Any:
    """The struct ``Windows`` of `SOURCE` as an argument of a kernel: CuPy passes an array of one element by value."""
    missing = MOST_AXES - len(windows.size)
    numbers = [windows.images, windows.channels]
    for along, neutral in zip(windows[2:], (1, 1, 1, 1, 0, 1), strict=True):
        numbers += [neutral] * missing + [int(n) for n in along]
    return np.array((numbers,), dtype=_PACKED)
