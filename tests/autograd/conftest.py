"""Everything here is asked on NumPy, on NumPy that only reads, and on array-api-strict."""

import pytest

import xpgrad

# What depends on memory that can be written to, or on how it is laid out.
NUMPY_ONLY = {
    "test_data_shares_memory_but_neither_history_nor_version": "without writable memory, data is a view as detach() is",
    "test_views_are_known_as_such": "without strides no reshape has to copy",
    "test_a_reshape_that_had_to_copy_is_no_view": "without strides no reshape has to copy",
    "test_a_function_must_not_return_gradients_on_another_device": "names its devices itself",
    "test_gradients_flow_back_across_a_move": "names its devices itself",
}


@pytest.fixture(autouse=True, params=["numpy", "numpy-readonly", "strict"])
def backend(request):
    reason = NUMPY_ONLY.get(request.function.__name__)
    if reason and request.param != "numpy":
        pytest.skip(reason)
    xpgrad.set_default_backend(request.param)
    yield request.param
    xpgrad.set_default_backend(None)
