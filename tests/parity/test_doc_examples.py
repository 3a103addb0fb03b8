"""The examples in PyTorch's documentation print the same here."""

import pytest

pytest.importorskip("torch")

from tests.parity.doc_examples import documented, partings

pytestmark = pytest.mark.filterwarnings("ignore")
EXAMPLES = dict(documented())

# What parts, by reason; each is expected to fail, and to be taken off here when it no longer does.
KNOWN = {
    "sparse tensors: the standard has none": [
        "narrow_copy", "sparse_bsc_tensor", "sparse_bsr_tensor", "sparse_compressed_tensor", "sparse_coo_tensor",
        "sparse_csc_tensor", "sparse_csr_tensor", "Tensor.col_indices", "Tensor.crow_indices", "Tensor.sparse_mask",
        "Tensor.to_dense", "Tensor.to_sparse", "Tensor.to_sparse_bsc", "Tensor.to_sparse_bsr", "Tensor.to_sparse_coo",
        "Tensor.to_sparse_csc", "Tensor.to_sparse_csr",
    ],
    "quantised tensors: the standard has none": [
        "fake_quantize_per_channel_affine", "fake_quantize_per_tensor_affine", "quantize_per_channel",
        "quantize_per_tensor", "quantize_per_tensor_dynamic", "quantized_batch_norm", "quantized_max_pool1d",
        "quantized_max_pool2d",
    ],
    "storages: memory is the array library's": ["from_file", "is_storage"],
    "files are xpgrad.serialization, without pickle": ["load", "save"],
    "events and streams are PyTorch's own": ["Event"],
    "it needs several machines": ["nn.SyncBatchNorm"],
    "it is for the compiler": ["autograd.graph.region_activation_memory_budget"],
    "conjugates and negatives are computed at once": ["conj", "resolve_conj", "resolve_neg"],
    "asarray keeps the history": ["asarray"],
    "a DLPack capsule is of the version that says whether it may be written to": ["from_dlpack"],
    "a device is looked for when it is named": ["set_default_device"],
    "no array library has complex32": ["set_default_dtype"],
    "a sort is stable": ["sort"],
    "a function is Python's": ["vmap"],
    "the state of a generator is 32 bytes": ["Generator.get_state"],
    "hooks for saved values get them outside the graph": ["autograd.graph.saved_tensors_hooks"],
    "it calls a module that is private": ["masked.logaddexp"],
}  # fmt: skip
REASONS = {name: reason for reason, names in KNOWN.items() for name in names}


def questions():
    for name in EXAMPLES:
        marks = [pytest.mark.xfail(reason=REASONS[name], strict=True)] if name in REASONS else []
        yield pytest.param(name, id=name, marks=marks)


@pytest.mark.parametrize("name", list(questions()))
def test_an_example_prints_the_same(name):
    for statement, theirs, ours in partings(name, EXAMPLES[name]):
        pytest.fail(f">>> {statement}\n{theirs}\n--- here\n{ours}", pytrace=False)


def test_what_parts_is_documented():
    assert set(REASONS) <= set(EXAMPLES)
