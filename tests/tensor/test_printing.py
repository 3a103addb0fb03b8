"""The text of a tensor: stored examples, and a search for any difference from PyTorch's own where it is installed."""

from __future__ import annotations

import contextlib
import math
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from xpgrad.tensor.printing import PrintOptions, print_options, printoptions, set_printoptions, tensor_text

HOST_DTYPES = {"bfloat16": "float32"}  # what stands in for a dtype that NumPy lacks; any other stands for itself


@dataclass
class Case:
    """A tensor, how it is to be printed, and (for the stored examples) its text."""

    values: Any
    dtype: str = "float32"
    text: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    default_dtype: str = "float32"
    device: str | None = None
    class_name: str | None = None
    requires_grad: bool = False

    @property
    def host(self) -> np.ndarray:
        return np.asarray(self.values, dtype=HOST_DTYPES.get(self.dtype, self.dtype))

    def printed(self) -> str:
        with printoptions(**self.options):
            return tensor_text(
                self.host,
                dtype=self.dtype,
                default_dtype=self.default_dtype,
                prefix=f"{self.class_name or 'tensor'}(",
                device=self.device,
                suffixes=["requires_grad=True"] if self.requires_grad else [],
            )

    def printed_by(self, torch: ModuleType) -> str:
        tensor = torch.from_numpy(self.host.copy()).to(getattr(torch, self.dtype))
        if self.class_name:
            tensor = tensor.as_subclass(type(self.class_name, (torch.Tensor,), {}))
        tensor.requires_grad_(self.requires_grad)
        # The host's own device goes without saying unless PyTorch believes that tensors live on a GPU by default.
        home = "cuda" if self.device == "cpu" else "cpu"
        before = torch.get_default_dtype()
        torch.set_default_dtype(getattr(torch, self.default_dtype))
        torch.set_printoptions(**self.options)
        try:
            with mock.patch.object(torch._C, "_get_default_device", return_value=home):
                return repr(tensor)
        finally:
            torch.set_printoptions(profile="default")
            torch.set_default_dtype(before)


CASES = [
    # Scalars.
    Case(3.0, text="tensor(3.)"),
    Case(-0.5, text="tensor(-0.5000)"),
    Case(7, "int64", text="tensor(7)"),
    Case(True, "bool", text="tensor(True)"),
    Case(1 - 2j, "complex64", text="tensor(1.-2.j)"),
    Case(math.nan, "float64", text="tensor(nan, dtype=torch.float64)"),
    Case(2.5, requires_grad=True, text="tensor(2.5000, requires_grad=True)"),
    # Fixed-point notation: as many digits as asked, or a bare point if every value is an integer.
    Case([1.0, 2.0, 3.0], text="tensor([1., 2., 3.])"),
    Case([-1.0, 20.0], text="tensor([-1., 20.])"),
    Case([0.5, 5.0, 500.0], text="tensor([  0.5000,   5.0000, 500.0000])"),
    Case([-1.5, 1.5], text="tensor([-1.5000,  1.5000])"),
    Case([0.0, -0.0], text="tensor([0., -0.])"),
    Case([-0.0, 0.5], text="tensor([-0.0000, 0.5000])"),
    Case([1e8], text="tensor([1.0000e+08])", options={"sci_mode": True}),
    Case([1e8, 1e6], text="tensor([100000000.,   1000000.])"),
    # Scientific notation: a ratio above 1000, a value above 1e8, or one below 1e-4.
    Case([1.0, 1000.0], text="tensor([   1., 1000.])"),
    Case([1.0, 1001.0], text="tensor([1.0000e+00, 1.0010e+03])"),
    Case([204.8, 2048.0, 0.2048], text="tensor([2.0480e+02, 2.0480e+03, 2.0480e-01])"),
    Case([2e8], text="tensor([2.0000e+08])"),
    Case([1e-4], "float64", text="tensor([0.0001], dtype=torch.float64)"),
    Case([1e-4], text="tensor([1.0000e-04])"),  # the nearest float32 is just below 1e-4
    Case([5e-324, 1e308], "float64", text="tensor([4.9407e-324, 1.0000e+308], dtype=torch.float64)"),
    Case([1e5, 0.01], text="tensor([100000.0000,      0.0100])", options={"sci_mode": False}),
    # Infinities, NaNs and zeros choose neither the notation nor the width.
    Case([1.0, math.inf, -math.inf, math.nan], text="tensor([1., inf, -inf, nan])"),
    Case([0.5, math.inf, math.nan], text="tensor([0.5000,    inf,    nan])"),
    Case([0.0, 2e8, math.nan], text="tensor([0.0000e+00, 2.0000e+08,        nan])"),
    Case([math.inf, math.nan], text="tensor([inf, nan])"),
    Case([0.0], text="tensor([0.])", options={"sci_mode": True}),
    # Other dtypes.
    Case([1, -20, 300], "int64", text="tensor([  1, -20, 300])"),
    Case([0, 255], "uint8", text="tensor([  0, 255], dtype=torch.uint8)"),
    Case([2**64 - 1], "uint64", text="tensor([18446744073709551615], dtype=torch.uint64)"),
    Case([True, False], "bool", text="tensor([ True, False])"),
    Case([65504.0, 6e-8], "float16", text="tensor([6.5504e+04, 5.9605e-08], dtype=torch.float16)"),
    Case([1.0, 0.333984375], "bfloat16", text="tensor([1.0000, 0.3340], dtype=torch.bfloat16)"),
    Case([1 + 2j, -1.5 - 20j], "complex64", text="tensor([ 1.0000+2.j, -1.5000-20.j])"),
    Case([complex(0.0, -0.0)], "complex64", text="tensor([0.-0.j])"),
    Case([complex(math.inf, math.nan)], "complex128", text="tensor([inf+nanj], dtype=torch.complex128)"),
    # The default dtype, and the complex dtype that goes with it.
    Case([1.0], "float64", default_dtype="float64", text="tensor([1.])"),
    Case([1.0], "float32", default_dtype="float64", text="tensor([1.], dtype=torch.float32)"),
    Case([1j], "complex128", default_dtype="float64", text="tensor([0.+1.j])"),
    Case([1j], "complex64", default_dtype="bfloat16", text="tensor([0.+1.j])"),
    # Nothing to print.
    Case([], text="tensor([])"),
    Case(np.empty((0, 3)), text="tensor([], size=(0, 3))"),
    Case([], "int64", text="tensor([], dtype=torch.int64)"),
    Case([], "bool", default_dtype="float64", text="tensor([], dtype=torch.bool)"),
    Case(
        np.empty((2, 0)),
        "complex64",
        device="cpu",
        text="tensor([], device='cpu', size=(2, 0), dtype=torch.complex64)",
    ),
    # Brackets, blank lines between blocks, one common width.
    Case(
        [[1.0, -2.5], [30.0, 4.0]],
        text="""\
tensor([[ 1.0000, -2.5000],
        [30.0000,  4.0000]])""",
    ),
    Case(
        np.arange(8).reshape(2, 1, 2, 2),
        "int64",
        text="""\
tensor([[[[0, 1],
          [2, 3]]],


        [[[4, 5],
          [6, 7]]]])""",
    ),
    Case(
        [[1.0, 2.0]],
        class_name="Image",
        requires_grad=True,
        text="Image([[1., 2.]], requires_grad=True)",
    ),
    # Lines that are full.
    Case(
        np.arange(24),
        "int64",
        text="""\
tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,
        18, 19, 20, 21, 22, 23])""",
    ),
    Case(
        np.arange(6).reshape(2, 3) / 2,
        options={"linewidth": 24},
        text="""\
tensor([[0.0000, 0.5000,
         1.0000],
        [1.5000, 2.0000,
         2.5000]])""",
    ),
    Case(
        [[1 + 2j] * 3] * 2,
        "complex64",
        options={"linewidth": 20},
        text="""\
tensor([[1.+2.j,
         1.+2.j,
         1.+2.j],
        [1.+2.j,
         1.+2.j,
         1.+2.j]])""",
    ),
    # Suffixes wrap on their own.
    Case(
        np.arange(10) / 2,
        "float64",
        requires_grad=True,
        text="""\
tensor([0.0000, 0.5000, 1.0000, 1.5000, 2.0000, 2.5000, 3.0000, 3.5000, 4.0000,
        4.5000], dtype=torch.float64, requires_grad=True)""",
    ),
    Case(
        np.arange(8) / 2,
        "float64",
        device="cpu",
        requires_grad=True,
        text="""\
tensor([0.0000, 0.5000, 1.0000, 1.5000, 2.0000, 2.5000, 3.0000, 3.5000],
       device='cpu', dtype=torch.float64, requires_grad=True)""",
    ),
    Case(
        [1, 2],
        "int16",
        options={"linewidth": 33},
        text="""\
tensor([1, 2],
       dtype=torch.int16)""",
    ),
    Case([1, 2], "int16", options={"linewidth": 34}, text="tensor([1, 2], dtype=torch.int16)"),
    # Summaries: by the number of elements, along every axis that is long enough, in the notation of what is shown.
    Case(
        np.arange(1000),
        "int64",
        options={"linewidth": 10**5},
        text=f"tensor([{', '.join(f'{i:3}' for i in range(1000))}])",
    ),
    Case(np.arange(1001), "int64", text="tensor([   0,    1,    2,  ...,  998,  999, 1000])"),
    Case(
        np.arange(1002).reshape(501, 2),
        "int64",
        text="""\
tensor([[   0,    1],
        [   2,    3],
        [   4,    5],
        ...,
        [ 996,  997],
        [ 998,  999],
        [1000, 1001]])""",
    ),
    Case(
        np.arange(18).reshape(2, 3, 3),
        "int64",
        options={"threshold": 10, "edgeitems": 1},
        text="""\
tensor([[[ 0,  ...,  2],
         ...,
         [ 6,  ...,  8]],

        [[ 9,  ..., 11],
         ...,
         [15,  ..., 17]]])""",
    ),
    Case([1.0, 2.0, 1e9, 3.0, 4.0], options={"threshold": 4, "edgeitems": 2}, text="tensor([1., 2.,  ..., 3., 4.])"),
    Case([[1.0, 2.0]], options={"threshold": 0, "edgeitems": 0}, text="tensor([...], size=(1, 2))"),
    Case([1.0, 2.0], "float16", options={"edgeitems": 0}, text="tensor([1., 2.], size=(2,), dtype=torch.float16)"),
    # Options.
    Case([1.0, 2.0625], options={"precision": 2}, text="tensor([1.00, 2.06])"),
    Case([0.5, 1.5], options={"precision": 0}, text="tensor([0, 2])"),
    Case([math.pi], options={"profile": "short"}, text="tensor([3.14])"),
    Case([math.pi], options={"profile": "short", "precision": 6}, text="tensor([3.141593])"),
]


@pytest.fixture
def torch() -> ModuleType:
    return pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def default_options() -> Iterator[None]:
    yield
    set_printoptions(profile="default")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text.partition("\n")[0][:60])
def test_stored_text(case: Case) -> None:
    assert case.printed() == case.text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.text.partition("\n")[0][:60])
def test_stored_text_is_pytorchs(case: Case, torch: ModuleType) -> None:
    assert case.printed_by(torch) == case.text


# Magnitudes and ratios about which the notation, the width or the rounding changes.
LANDMARKS = [0.0, 1e-4, 9.9999e-5, 0.99995, 0.5, 1.0, 2.5, 9.99995, 99.99995, 1000.0, 1000.1, 1e5, 1e8, 1.0001e8]
FLOATS = st.one_of(
    st.sampled_from([sign * value for value in LANDMARKS for sign in (1, -1)]),
    st.integers(-2000, 2000).map(float),
    st.floats(-10, 10),
    st.floats(),
)
PRINT_OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "precision": st.integers(0, 9),
        "threshold": st.sampled_from([0, 5, 50, math.inf]),
        "edgeitems": st.integers(0, 4),
        "linewidth": st.integers(1, 130),
        "profile": st.sampled_from(["default", "short", "full"]),
        "sci_mode": st.booleans(),
    },
)
SHAPES = st.one_of(
    hnp.array_shapes(min_dims=0, max_dims=1, min_side=0, max_side=40),
    hnp.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=8),
    st.sampled_from([(1000,), (1001,), (7, 150), (150, 7), (8, 3, 7, 7)]),
)
KINDS = ["bool", *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64))]
KINDS += ["bfloat16", "float16", "float32", "float64", "complex64", "complex128"]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    dtype = draw(st.sampled_from(KINDS))
    shape = draw(SHAPES)
    if "float" in dtype or "complex" in dtype:
        elements = st.builds(complex, FLOATS, FLOATS) if "complex" in dtype else FLOATS
        wide = draw(hnp.arrays("complex128" if "complex" in dtype else "float64", shape, elements=elements))
        with np.errstate(over="ignore"):
            values = wide.astype(HOST_DTYPES.get(dtype, dtype))
        if dtype == "bfloat16":  # the leading half of a float32
            values = np.asarray(np.asarray(values).view(np.uint32) & np.uint32(0xFFFF0000)).view(np.float32)
    else:
        values = draw(hnp.arrays(dtype, shape))
    if draw(st.booleans()):
        values = np.asarray(values).T
    return Case(
        values,
        dtype,
        options=draw(PRINT_OPTIONS),
        default_dtype=draw(st.sampled_from(["float32", "float64", "float16", "bfloat16"])),
        device=draw(st.sampled_from([None, "cpu"])),
        class_name=draw(st.sampled_from([None, "T", "QuiteALongName"])),
        requires_grad=("float" in dtype or "complex" in dtype) and draw(st.booleans()),
    )


def test_any_text_is_pytorchs(torch: ModuleType) -> None:
    @settings(max_examples=300, deadline=None)
    @given(cases())
    def check(case: Case) -> None:
        assert case.printed() == case.printed_by(torch)

    check()


def test_narrow_float_arrays_print_as_their_values() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    narrow = np.asarray([1.0, 0.333984375, np.nan], dtype=ml_dtypes.bfloat16)
    assert tensor_text(narrow, dtype="bfloat16") == "tensor([1.0000, 0.3340,    nan], dtype=torch.bfloat16)"


def test_signalling_nan_prints_without_a_warning() -> None:
    signalling = np.asarray([0x7FA00000] * 9, dtype=np.uint32).view(np.float32)
    assert tensor_text(signalling[:1], dtype="float32") == "tensor([nan])"
    assert tensor_text(signalling, dtype="float32").count("nan") == 9


def test_suffixes_follow_in_the_order_given() -> None:
    text = tensor_text(np.ones(2), dtype="float64", device="cuda:0", suffixes=["grad_fn=<MulBackward0>", "tag=1"])
    assert text == "tensor([1., 1.], device='cuda:0', dtype=torch.float64, grad_fn=<MulBackward0>,\n       tag=1)"


def test_a_summary_reads_only_what_it_shows() -> None:
    host = np.zeros((1000, 1000), dtype=np.float32)
    tracemalloc.start()
    try:
        text = tensor_text(host, dtype="float32")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert text.count("0.") == 36
    assert peak < 100_000  # bytes; the array has four million


def test_options_given_one_at_a_time_add_up() -> None:
    set_printoptions(precision=2)
    set_printoptions(linewidth=40)
    assert print_options == PrintOptions(precision=2, linewidth=40)
    set_printoptions(profile="full", edgeitems=1)
    assert print_options == PrintOptions(threshold=math.inf, edgeitems=1)


def test_sci_mode_goes_back_to_automatic_unless_given() -> None:
    set_printoptions(sci_mode=True)
    assert print_options.sci_mode is True
    set_printoptions(precision=4)
    assert print_options.sci_mode is None


def test_printoptions_restores_everything_even_after_an_error() -> None:
    set_printoptions(precision=3, sci_mode=False)
    before = dict(vars(print_options))
    with contextlib.suppress(KeyError), printoptions(profile="short", sci_mode=True):
        assert print_options == PrintOptions(precision=2, edgeitems=2, sci_mode=True)
        raise KeyError
    assert dict(vars(print_options)) == before


def test_unknown_profile() -> None:
    with pytest.raises(ValueError, match=r"no profile 'tiny'; use one of 'default', 'short', 'full'"):
        set_printoptions(profile="tiny")
