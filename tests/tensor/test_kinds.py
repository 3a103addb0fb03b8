"""What a tensor says of its memory, and of kinds that it is not. These tests also hold in PyTorch."""

import pytest

import xpgrad as torch

FLAGS = ["is_ipu", "is_maia", "is_meta", "is_mkldnn", "is_mps", "is_mtia", "is_nested", "is_sparse_csr", "is_vulkan",
         "is_xla", "is_xpu"]  # fmt: skip


@pytest.mark.parametrize("flag", FLAGS)
def test_of_no_other_kind(flag):
    assert getattr(torch.ones(2), flag) is False


def test_dense():
    x = torch.ones(2, 3)
    assert x.layout is torch.strided
    assert (x.dense_dim(), x.sparse_dim()) == (2, 0)
    assert not x.is_pinned()
    assert not torch.is_conj(x)
    assert not torch.is_neg(x)
    assert torch.resolve_neg(torch.resolve_conj(x)) is x
    assert x.to_dense() is x
    assert x.to_dense(torch.float64).dtype is torch.float64


def test_addresses():
    x = torch.zeros(2, 3)
    assert x.data_ptr() == x[0].data_ptr() == x.detach().data_ptr()
    assert x[1].data_ptr() == x.data_ptr() + 12
    assert x.clone().data_ptr() != x.data_ptr()
    assert torch.zeros(0).data_ptr() == 0


def test_a_library_without_addresses():
    if not hasattr(torch, "use_backend"):
        pytest.skip("about other libraries")
    with torch.use_backend("strict"), pytest.raises(TypeError, match="backend 'strict' do not tell their address"):
        torch.ones(2).data_ptr()


def test_the_same_memory_seen_the_same_way():
    x = torch.zeros(2, 3)
    assert x.is_set_to(x.view(2, 3))
    assert not x.is_set_to(x.view(3, 2))
    assert not x.is_set_to(x.clone())
    assert not x.is_set_to(x[:1])


def test_orders_of_dimensions():
    x = torch.empty(2, 3, 5, 7)
    assert x.dim_order() == (0, 1, 2, 3)
    assert x.permute(0, 2, 3, 1).dim_order() == (0, 3, 1, 2)
    assert x.permute(3, 2, 1, 0).dim_order(ambiguity_check=True) == (3, 2, 1, 0)
    flat = torch.empty(1, 2, 3, 4)
    with pytest.raises(RuntimeError, match="does not have unique dim order"):
        flat.dim_order(ambiguity_check=True)
    assert flat.dim_order(ambiguity_check=[torch.contiguous_format, torch.channels_last]) == (0, 1, 2, 3)
    with pytest.raises(TypeError, match="must be a bool or a list of memory formats"):
        flat.dim_order(ambiguity_check="no")


def test_functions_of_elements():
    x = torch.tensor([[1, 2], [3, 4]])
    assert x.apply_(lambda n: n * n) is x
    assert x.tolist() == [[1, 4], [9, 16]]
    assert x.map_(torch.tensor([1, 2]), lambda a, b: a - b).tolist() == [[0, 2], [8, 14]]
    with pytest.raises(RuntimeError, match="Can't call apply_"):
        torch.ones(1, requires_grad=True).apply_(abs)
    with pytest.raises(TypeError):
        x.map_(torch.ones(2), lambda a, b: a)


def test_new():
    x = torch.ones(2, dtype=torch.float64)
    assert (x.new(2, 3).shape, x.new(2, 3).dtype) == ((2, 3), torch.float64)
    assert x.new([1, 2]).tolist() == [1.0, 2.0]


def test_questions_as_functions():
    x = torch.ones(2, 3)
    assert torch.typename(x) == "torch.FloatTensor"
    assert torch.typename(torch.nn.Linear(1, 1)).endswith("Linear")
    assert torch.is_same_size(x, torch.zeros(2, 3))
    assert not torch.is_same_size(x, x[0])
    assert torch.is_signed(x)
    assert not torch.is_inference(x)
    assert not torch.is_storage(x)
    assert torch.get_device(x) == -1
    assert torch.is_nonzero(torch.tensor(1))
    with pytest.raises(RuntimeError, match="is ambiguous"):
        torch.is_nonzero(x)


def test_buffers():
    memory = bytearray(8)
    x = torch.frombuffer(memory, dtype=torch.int16, offset=2, count=2)
    x.fill_(1)
    assert memory == bytes([0, 0, 1, 0, 1, 0, 0, 0])
    with pytest.raises(ValueError, match="must not be 0"):
        torch.frombuffer(b"", dtype=torch.int8)
    with pytest.raises(ValueError, match="no greater than buffer length"):
        torch.frombuffer(memory, dtype=torch.int8, offset=8)
    with pytest.raises(ValueError, match="must be a multiple of element size"):
        torch.frombuffer(memory, dtype=torch.int16, offset=1)
    with pytest.raises(ValueError, match="must not be greater than actual buffer length"):
        torch.frombuffer(memory, dtype=torch.int16, count=5)


def test_dlpack_capsules():
    x = torch.zeros(3)
    capsule = torch.utils.dlpack.to_dlpack(x)
    y = torch.utils.dlpack.from_dlpack(capsule)
    y[0] = 5
    assert x.tolist() == [5.0, 0.0, 0.0]


def test_ranges_that_include_their_end():
    with pytest.warns(UserWarning, match="torch.range is deprecated"):
        assert torch.range(1, 4).tolist() == [1.0, 2.0, 3.0, 4.0]
    with pytest.warns(UserWarning):
        assert torch.range(0, 1, 0.1).shape == (11,)
    with pytest.warns(UserWarning):
        assert torch.range(1, 4, dtype=torch.int64).tolist() == [1, 2, 3, 4]
    with pytest.warns(UserWarning), pytest.raises(RuntimeError):
        torch.range(1, 0)


def test_settings_that_are_kept():
    try:
        torch.set_deterministic_debug_mode("warn")
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        torch.use_deterministic_algorithms(True)
        assert torch.get_deterministic_debug_mode() == 2
    finally:
        torch.use_deterministic_algorithms(False)
    assert torch.get_deterministic_debug_mode() == 0
    with pytest.raises(RuntimeError, match="invalid value of debug_mode"):
        torch.set_deterministic_debug_mode("loud")
    assert torch.get_float32_matmul_precision() == "highest"
    torch.set_float32_matmul_precision("high")
    assert torch.get_float32_matmul_precision() == "high"
    torch.set_float32_matmul_precision("highest")


def test_the_default_type_of_old():
    try:
        with pytest.warns(UserWarning, match="set_default_tensor_type.* is deprecated"):
            torch.set_default_tensor_type(torch.DoubleTensor)
        assert torch.tensor(1.0).dtype is torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_functions_that_write():
    x = torch.tensor([-1.0, 4.0])
    assert torch.abs_(x) is x
    assert torch.sqrt_(x).tolist() == [1.0, 2.0]


def test_named_tuples_have_names():
    assert isinstance(torch.sort(torch.ones(2)), torch.return_types.sort)


def test_repeats_alone():
    assert torch.repeat_interleave(torch.tensor([1, 0, 2])).tolist() == [0, 2, 2]
    with pytest.raises(RuntimeError):
        torch.repeat_interleave(torch.tensor([1.0, 2.0]))
    with pytest.raises(RuntimeError):
        torch.repeat_interleave(torch.tensor([[1]]))


def test_classes_print_the_name_they_are_found_by():
    library = torch.__name__
    assert str(type(torch.ones(1))) == f"<class '{library}.Tensor'>"
    assert str(type(torch.float32)) == f"<class '{library}.dtype'>"
    assert str(type(torch.device("cpu"))) == f"<class '{library}.device'>"
    assert str(torch.Size) == f"<class '{library}.Size'>"


def test_limits_print_with_six_digits():
    assert repr(torch.finfo(torch.float32)) == (
        "finfo(resolution=1e-06, min=-3.40282e+38, max=3.40282e+38, eps=1.19209e-07, smallest_normal=1.17549e-38, "
        "tiny=1.17549e-38, dtype=float32)"
    )
    assert repr(torch.iinfo(torch.int8)) == "iinfo(min=-128, max=127, dtype=int8)"


def test_what_tutorials_ask_of_the_machine():
    assert torch.backends.mps.is_available() in (True, False)
    torch.backends.cudnn.benchmark = torch.backends.cudnn.benchmark
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cuda.matmul.allow_tf32
    if torch.accelerator.is_available():
        assert torch.accelerator.current_accelerator().type == "cuda"
        assert torch.accelerator.current_device_index() < torch.accelerator.device_count()
    else:
        assert torch.accelerator.current_accelerator() is None
        assert torch.accelerator.device_count() == 0
        with pytest.raises(RuntimeError, match="Cannot access accelerator device when none is available"):
            torch.accelerator.current_device_index()


def test_data_by_the_names_of_old():
    data = torch.utils.data
    assert data.dataloader.DataLoader is data.DataLoader
    assert data.dataset.TensorDataset is data.TensorDataset
    assert data.sampler.RandomSampler is data.RandomSampler
