"""What PyTorch has beside dense tensors: asking for it says that it is not here."""

import pytest

import xpgrad as torch


@pytest.mark.parametrize("make", ["zeros", "ones", "empty", "rand", "randn"])
def test_a_layout_that_is_not_there_is_refused(make):
    assert getattr(torch, make)(2, layout=torch.strided).shape == (2,)
    with pytest.raises(RuntimeError, match="is supported, got torch"):
        getattr(torch, make)(2, layout=torch.sparse_coo)


@pytest.mark.parametrize("name", ["names", "storage", "untyped_storage", "dequantize", "to_padded_tensor"])
def test_what_is_not_there_says_why(name):
    assert not hasattr(torch.ones(2), name)
    with pytest.raises(AttributeError, match="are not supported; "):
        getattr(torch.ones(2), name)


@pytest.mark.parametrize("name", ["load", "save", "compile", "sparse", "nested", "qint8"])
def test_a_name_that_is_not_there_says_why(name):
    assert not hasattr(torch, name)
    with pytest.raises(AttributeError, match=f"has no attribute '{name}': "):
        getattr(torch, name)
