"""One convolution of a batch, as all ways to compute it see it."""

from __future__ import annotations

from typing import NamedTuple

from xpgrad._typing import Shape
from xpgrad.backends.cupy_kernels.windows import Windows
from xpgrad.backends.windows import check_convolved, convolution_size


class Convolution(NamedTuple):
    """A convolution: the shapes of (N, C, *S), (O, C/groups, *K) and (N, O, *S'), and the settings."""

    x: Shape
    w: Shape
    y: Shape
    stride: Shape
    padding: Shape
    dilation: Shape
    groups: int

    @classmethod
    def of(cls, x: Shape, w: Shape, stride: Shape, padding: Shape, dilation: Shape, groups: int) -> Convolution:
        """The convolution of ``x`` with ``w``.

        Raises:
            ShapeError: if channels do not match or a kernel is larger than its padded input.
        """
        size = convolution_size(x, w, stride, padding, dilation, groups)
        return cls(x, w, (x[0], w[0], *size), tuple(stride), tuple(padding), tuple(dilation), groups)

    @classmethod
    def to(
        cls, y: Shape, x: Shape, w: Shape, stride: Shape, padding: Shape, dilation: Shape, groups: int
    ) -> Convolution:
        """The convolution of ``x`` with ``w`` whose result has the shape ``y``.

        Raises:
            ShapeError: if it has another shape.
        """
        check_convolved(y, x, w, stride, padding, dilation, groups)
        return cls(x, w, y, tuple(stride), tuple(padding), tuple(dilation), groups)

    @property
    def images(self) -> int:
        """How many images the batch has."""
        return self.x[0]

    @property
    def inputs(self) -> int:
        """How many channels an image has."""
        return self.x[1]

    @property
    def outputs(self) -> int:
        """How many channels a result has."""
        return self.w[0]

    @property
    def places(self) -> Shape:
        """The spatial size of a result."""
        return self.y[2:]

    @property
    def is_depthwise(self) -> bool:
        """Whether each channel of the input is convolved by itself."""
        return 1 < self.groups == self.inputs

    @property
    def is_product(self) -> bool:
        """Whether each image takes one product with the kernels as a matrix, as it is."""
        return self.groups == 1 and set(self.w[2:]) | set(self.stride) == {1} and not any(self.padding)

    def windows(self, images: int) -> Windows:
        """Where the windows of so many of the images lie."""
        return Windows(
            images, self.inputs, self.x[2:], self.places, self.w[2:], self.stride, self.padding, self.dilation
        )
