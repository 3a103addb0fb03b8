"""Between tensors and Python, NumPy and files. These tests also hold in PyTorch (`tests/parity`)."""

import copy
import pickle

import numpy as np
import pytest

import xpgrad as torch


def leaf(*values):
    return torch.tensor(values if len(values) > 1 else values[0], requires_grad=True)


# NumPy.


def test_numpy_shares_memory_both_ways():
    array = np.zeros(3)
    tensor = torch.from_numpy(array)
    tensor.add_(1)
    array[0] = 7
    assert tensor.tolist() == array.tolist() == [7.0, 1.0, 1.0]
    back = tensor.numpy()
    tensor[1] = 5
    assert back.tolist() == [7.0, 5.0, 1.0]


def test_views_share_memory_with_numpy_too():
    tensor = torch.zeros(2, 3)
    tensor.t().numpy()[0, 1] = 4
    assert tensor.tolist() == [[0.0, 0.0, 0.0], [4.0, 0.0, 0.0]]


def test_tensor_copies():
    array = np.zeros(3)
    tensor = torch.tensor(array)
    array[0] = 7
    assert tensor.tolist() == [0.0, 0.0, 0.0]


def test_as_tensor_does_not_copy_without_need():
    array = np.zeros(3)
    assert torch.as_tensor(array).add_(1).tolist() == array.tolist() == [1.0, 1.0, 1.0]
    torch.as_tensor(array, dtype=torch.float32).add_(1)
    assert array.tolist() == [1.0, 1.0, 1.0]
    x = torch.ones(2)
    assert torch.as_tensor(x) is x


def test_numpy_of_what_requires_grad():
    x = leaf(1.0, 2.0)
    for tensor in (x, x * 2):
        with pytest.raises(
            RuntimeError, match=r"Can't call numpy\(\) on Tensor that requires grad. Use tensor.detach\(\)"
        ):
            tensor.numpy()
        with pytest.raises(RuntimeError, match="Can't call numpy"):
            np.asarray(tensor)
    assert x.detach().numpy().tolist() == [1.0, 2.0]
    assert x.numpy(force=True).tolist() == [1.0, 2.0]


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_numpy_functions_take_tensors():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert np.asarray(x).tolist() == x.tolist()
    assert np.asarray(x, dtype="int64").dtype == np.int64
    assert np.sum(np.asarray(x)) == 10
    assert np.array(x).base is None
    np.testing.assert_array_equal(x, x.numpy())


@pytest.mark.parametrize(
    "dtype",
    ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128"],
)
def test_every_dtype_goes_there_and_back(dtype):
    array = np.asarray([0, 1, 1], dtype=dtype)
    tensor = torch.from_numpy(array)
    assert tensor.dtype is getattr(torch, dtype)
    assert tensor.numpy().dtype == array.dtype
    np.testing.assert_array_equal(tensor.numpy(), array)


def test_arrays_of_no_dimension_and_no_element():
    assert torch.from_numpy(np.asarray(2.5)).item() == 2.5
    assert tuple(torch.from_numpy(np.zeros((0, 3))).shape) == (0, 3)


# DLPack.


def test_dlpack_shares_memory():
    x = torch.arange(3)
    array = np.from_dlpack(x)
    x.add_(1)
    assert array.tolist() == [1, 2, 3]
    y = torch.from_dlpack(np.arange(3.0))
    assert y.tolist() == [0.0, 1.0, 2.0]
    z = torch.from_dlpack(x)
    z.zero_()
    assert x.tolist() == [0, 0, 0]


def test_dlpack_of_what_requires_grad():
    with pytest.raises(BufferError, match="Can't export tensors that require gradient"):
        np.from_dlpack(leaf(1.0, 2.0))


def test_dlpack_device():
    assert tuple(int(n) for n in torch.ones(1).__dlpack_device__()) == (1, 0)


# Python numbers.


def test_numbers_out_of_tensors():
    assert (torch.tensor(3).item(), torch.tensor([2.5]).item(), torch.tensor(True).item()) == (3, 2.5, True)
    assert isinstance(torch.tensor(3).item(), int)
    assert isinstance(torch.tensor(True).item(), bool)
    assert (float(torch.tensor(3)), int(torch.tensor(2.9)), complex(torch.tensor(1.0))) == (3.0, 2, 1 + 0j)
    assert torch.tensor([[1, 2], [3, 4]]).tolist() == [[1, 2], [3, 4]]
    assert torch.tensor(1.5).tolist() == 1.5


def test_float32_numbers_are_exact_doubles():
    assert torch.tensor(0.1).item() == float(np.float32(0.1))


def test_tensors_as_indices_and_counts():
    i = torch.tensor(2)
    assert [10, 20, 30][i] == 30
    assert list(range(i)) == [0, 1]
    assert "ab" * i == "abab"
    with pytest.raises(TypeError, match="only integer tensors of a single element can be converted to an index"):
        [1][torch.tensor(0.0)]


def test_truth():
    assert torch.tensor(1.0)
    assert not torch.tensor([0])
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with more than one value is ambiguous"):
        bool(torch.tensor([1, 2]))
    with pytest.raises(RuntimeError, match="Boolean value of Tensor with no values is ambiguous"):
        bool(torch.tensor([]))
    assert not (torch.tensor(1) > 2)


def test_item_wants_one_element():
    with pytest.raises(RuntimeError, match="a Tensor with 2 elements cannot be converted to Scalar"):
        torch.ones(2).item()
    with pytest.raises(ValueError, match="only one element tensors can be converted to Python scalars"):
        float(torch.ones(2))


# Containers.


def test_iteration_len_and_membership():
    x = torch.tensor([[1, 2], [3, 4]])
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    assert len(x) == 2
    _, second = x
    assert second.tolist() == [3, 4]
    assert 3 in x
    assert 9 not in x
    assert torch.tensor(4) in x
    with pytest.raises(TypeError, match="iteration over a 0-d tensor"):
        list(torch.tensor(1))
    with pytest.raises(TypeError, match=r"len\(\) of a 0-d tensor"):
        len(torch.tensor(1))


def test_iteration_keeps_the_graph():
    x = leaf(1.0, 2.0)
    sum(row * row for row in x).backward()
    assert x.grad.tolist() == [2.0, 4.0]


def test_python_functions():
    x = torch.tensor([3.0, 1.0, 2.0])
    assert (sum(x).item(), max(x).item(), min(x).item()) == (6.0, 3.0, 1.0)
    assert [t.item() for t in sorted(x)] == [1.0, 2.0, 3.0]
    assert [t.item() for t in reversed(x)] == [2.0, 1.0, 3.0]
    assert abs(torch.tensor(-2)).item() == 2
    assert dict(zip("abc", x.tolist(), strict=True)) == {"a": 3.0, "b": 1.0, "c": 2.0}


def test_tensors_are_keys_by_identity():
    x, y = torch.ones(1), torch.ones(1)
    found = {x: "x", y: "y"}
    assert (found[x], found[y]) == ("x", "y")
    assert x in {x}


def test_formatting():
    assert f"{torch.tensor(2.5):.2f} {torch.tensor(3):4d} {torch.tensor(2.5)}" == "2.50    3 2.5"
    assert f"{torch.tensor([1, 2])}" == "tensor([1, 2])"
    assert f"{leaf(2.25):>6.1f}" == "   2.2"
    with pytest.raises(TypeError, match="unsupported format string passed to"):
        format(torch.ones(2), ".2f")


# Copies and pickles.


def test_copy_and_deepcopy():
    x = leaf(1.0, 2.0)
    (x * x).sum().backward()
    x.note = "kept"
    deep = copy.deepcopy(x)
    assert deep.is_leaf
    assert deep.requires_grad
    assert deep.grad.tolist() == [2.0, 4.0]
    assert deep.note == "kept"
    with torch.no_grad():
        deep.zero_()
        deep.grad.zero_()
    assert x.tolist() == [1.0, 2.0]
    assert x.grad.tolist() == [2.0, 4.0]
    shallow = copy.copy(x)
    assert shallow is not x
    with torch.no_grad():
        shallow.zero_()
    assert x.tolist() == [0.0, 0.0]


def test_deepcopy_keeps_what_is_shared_shared():
    x = torch.ones(2)
    first, second = copy.deepcopy([x, x])
    assert first is second


def test_results_cannot_be_deep_copied():
    with pytest.raises(RuntimeError, match="Only Tensors created explicitly by the user"):
        copy.deepcopy(leaf(1.0, 2.0) * 2)


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_leaves_can_be_pickled(protocol):
    x = leaf(1.0, 2.0)
    back = pickle.loads(pickle.dumps(x, protocol))
    assert back.tolist() == [1.0, 2.0]
    assert back.requires_grad
    assert back.is_leaf
    assert back.dtype is torch.float32
    plain = pickle.loads(pickle.dumps(torch.arange(3), protocol))
    assert (plain.tolist(), plain.requires_grad) == ([0, 1, 2], False)


def test_dtypes_devices_and_sizes_can_be_pickled_and_copied():
    for value in (torch.float32, torch.bool, torch.device("cuda:1"), torch.Size([2, 3])):
        assert pickle.loads(pickle.dumps(value)) == value
        assert copy.deepcopy(value) == value
    assert pickle.loads(pickle.dumps(torch.int64)) is torch.int64
    assert copy.deepcopy(torch.int64) is torch.int64


def test_named_tuples_can_be_pickled():
    back = pickle.loads(pickle.dumps(torch.tensor([[1.0, 3.0, 2.0]]).max(1)))
    assert back.values.tolist() == [3.0]
    assert back.indices.tolist() == [1]
    assert type(back) is type(torch.ones(1, 1).max(1))


# Dtypes and devices.


def test_to():
    x = leaf(1.0, 2.0)
    assert x.to(torch.float32) is x
    assert x.to("cpu") is x
    y = x.to(torch.float64)
    assert y.dtype is torch.float64
    (y * y).sum().backward()
    assert x.grad.dtype is torch.float32
    assert x.grad.tolist() == [2.0, 4.0]
    assert x.to(torch.ones(1, dtype=torch.int64)).dtype is torch.int64
    assert x.to(torch.float32, copy=True) is not x


def test_integers_have_no_gradient():
    x = leaf(1.5, 2.5)
    for result in (x.long(), x.int(), x.bool(), x.to(torch.uint8)):
        assert not result.requires_grad


def test_sizes():
    size = torch.ones(2, 3).shape
    assert repr(size) == "torch.Size([2, 3])"
    assert size == (2, 3)
    assert size == torch.Size([2, 3])
    assert isinstance(size, tuple)
    rows, columns = size
    assert (rows, columns, size[-1], size.numel(), len(size)) == (2, 3, 3, 6, 2)
    assert isinstance(size[:1], torch.Size)
    assert isinstance(size + size, torch.Size)
    assert torch.ones(2, 3).size() == size
    assert torch.ones(2, 3).size(1) == 3
    assert torch.ones(size).shape == size
    assert hash(size) == hash((2, 3))
    assert {size: 1}[(2, 3)] == 1


def test_devices():
    cpu = torch.device("cpu")
    assert (cpu.type, cpu.index, str(cpu), repr(cpu)) == ("cpu", None, "cpu", "device(type='cpu')")
    gpu = torch.device("cuda", 1)
    assert (gpu.type, gpu.index, str(gpu), repr(gpu)) == ("cuda", 1, "cuda:1", "device(type='cuda', index=1)")
    assert gpu == torch.device("cuda:1")
    assert gpu != torch.device("cuda")
    assert len({cpu, torch.device("cpu"), gpu}) == 2
    assert torch.ones(1).device == cpu
    assert torch.ones(1, device=cpu).device == torch.ones(1, device="cpu").device
    assert not torch.ones(1).is_cuda


def test_dtypes():
    assert repr(torch.float32) == "torch.float32"
    assert torch.float is torch.float32
    assert torch.long is torch.int64
    assert (torch.float32.itemsize, torch.complex64.itemsize, torch.bool.itemsize) == (4, 8, 1)
    assert torch.float64.is_floating_point
    assert not torch.int8.is_floating_point
    assert torch.complex64.is_complex
    assert len({torch.float32, torch.float, torch.float64}) == 2
    for name in ("float", "double", "half", "int", "long", "short", "bool"):
        assert getattr(torch.ones(1), name)().dtype is getattr(torch, name)


def test_finfo_and_iinfo():
    single, byte = torch.finfo(torch.float32), torch.iinfo(torch.uint8)
    expected = np.finfo("float32")
    assert (single.eps, single.max, single.min, single.bits) == (expected.eps, expected.max, expected.min, 32)
    assert (single.tiny, single.smallest_normal, single.resolution) == (expected.tiny, expected.tiny, 1e-06)
    assert (byte.min, byte.max, byte.bits) == (0, 255, 8)


# Constructors of earlier days.


def test_legacy_constructors():
    assert torch.FloatTensor([1, 2]).dtype is torch.float32
    assert torch.LongTensor([1, 2]).tolist() == [1, 2]
    assert torch.DoubleTensor(2, 3).shape == (2, 3)
    assert torch.Tensor([1, 2]).dtype is torch.float32
    assert torch.Tensor(2, 3).shape == (2, 3)
    assert torch.Tensor().shape == (0,)
    assert torch.ByteTensor([1, 255]).dtype is torch.uint8
    assert torch.FloatTensor(torch.Size([2, 1])).shape == (2, 1)
    assert torch.Tensor(np.asarray([1.5, 2.5])).tolist() == [1.5, 2.5]


def test_legacy_types():
    x = torch.ones(1)
    assert x.type() == "torch.FloatTensor"
    assert torch.ones(1, dtype=torch.int64).type() == "torch.LongTensor"
    assert isinstance(x, torch.FloatTensor)
    assert not isinstance(x, torch.LongTensor)
    assert isinstance(x, torch.Tensor)
    assert x.type(torch.DoubleTensor).dtype is torch.float64
    assert x.type("torch.IntTensor").dtype is torch.int32
    assert x.type_as(torch.ones(1, dtype=torch.int64)).dtype is torch.int64
    assert torch.is_tensor(x)
    assert not torch.is_tensor([1])


def test_new_tensors_like_this_one():
    x = torch.ones(2, dtype=torch.float64)
    assert x.new_tensor([1, 2]).dtype is torch.float64
    assert x.new_zeros(3).dtype is torch.float64
    assert x.new_ones((2, 2), dtype=torch.int64).dtype is torch.int64
    assert x.new_full((2,), 7).tolist() == [7.0, 7.0]
    assert x.new_empty(2, 3).shape == (2, 3)


def test_subclasses_of_tensor():
    class Mine(torch.Tensor):
        pass

    mine = torch.ones(2).as_subclass(Mine)
    assert isinstance(mine, Mine)
    assert mine.tolist() == [1.0, 1.0]


def test_attributes_of_ones_own():
    x = torch.ones(2)
    x.note = [1]
    assert x.note == [1]
    assert not hasattr(torch.ones(2), "note")


def test_variable_is_a_tensor():
    from xpgrad.autograd import Variable

    x = torch.ones(2)
    v = Variable(x, requires_grad=True)
    assert isinstance(v, torch.Tensor)
    assert isinstance(x, Variable)
    assert not x.requires_grad
    (v * 3).sum().backward()
    assert v.grad.tolist() == [3.0, 3.0]
    x.zero_()
    assert v.tolist() == [0.0, 0.0]


@pytest.mark.filterwarnings("ignore:__array__ implementation")
def test_images_can_be_shown():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    image = axes.imshow(torch.arange(6.0).reshape(2, 3))
    assert image.get_array().tolist() == [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
    (line,) = axes.plot(torch.arange(3), torch.arange(3.0) ** 2)
    assert line.get_ydata().tolist() == [0.0, 1.0, 4.0]
    axes.hist(torch.arange(5.0))
    pyplot.close(figure)
