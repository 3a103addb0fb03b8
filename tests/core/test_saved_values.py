"""The error about a saved value that was modified: which operation saved it and where, which statement wrote."""

import re
from pathlib import Path

import pytest

import xpgrad
from xpgrad.autograd import Function, detect_anomaly
from xpgrad.errors import SavedValueModifiedError

TEXT = Path(__file__).read_text().splitlines()


def line_of(mark):
    """Where in this file the comment ``# mark`` stands."""
    (number,) = [n for n, text in enumerate(TEXT, 1) if text.endswith(f"# {mark}")]
    return number


def message_of(result):
    with pytest.raises(SavedValueModifiedError) as error:
        result.sum().backward()
    return str(error.value)


def middle():
    return xpgrad.tensor([1.0, 2.0], requires_grad=True) * 1


def test_it_names_operation_value_versions_and_both_statements():
    y = middle()
    z = y * y  # saved by the operator
    y.add_(1)  # written by the method
    message = message_of(z)
    assert message.startswith(
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        "[numpy float32 (2,)], the 'y' of MulBackward0, is at version 1; expected version 0 instead."
    )
    here = re.escape(__file__)
    saved, written = line_of("saved by the operator"), line_of("written by the method")
    assert re.search(rf"It was saved at {here}:{saved}, in test_it_names", message)
    assert re.search(rf"and modified at {here}:{written}, in test_it_names", message)
    assert message.endswith("Use the out-of-place operation there, or write into a clone().")


def saved_at(message):
    (found,) = re.findall(rf"saved at {re.escape(__file__)}:(\d+), in ", message)
    return int(found)


def written_at(message):
    (found,) = re.findall(rf"modified at {re.escape(__file__)}:(\d+), in ", message)
    return int(found)


def test_savers_of_all_spellings():
    y, results = middle(), {}
    results["operator"] = y * y  # operator
    results["reflected"] = 3.0 / y  # reflected
    results["method"] = y.log()  # method
    results["function"] = xpgrad.log(y)  # function
    results["second use"] = y * y  # second use
    y.zero_()
    for mark, result in results.items():
        assert saved_at(message_of(result)) == line_of(mark), mark


def test_savers_inside_the_package_say_how_to_learn_more():
    y = middle()
    result = xpgrad.lerp(y, y, y)
    y.zero_()
    assert "(inside xpgrad; autograd.detect_anomaly() names the line of yours)" in message_of(result)


def test_savers_in_statements_of_several_lines():
    y = middle()
    result = (
        y * y  # in the middle
    )
    y.zero_()
    assert line_of("in the middle") - 1 <= saved_at(message_of(result)) <= line_of("in the middle")


def write_item(y):
    y[0] = 3.0  # an item


def write_view(y):
    y.view(2, 1).mul_(2)  # a view


def write_augmented(y):
    y *= 2  # augmented


def write_alias(y):
    y.detach().zero_()  # an alias


def write_unrecorded(y):
    with xpgrad.no_grad():
        y.add_(1)  # unrecorded


def write_out(y):
    with xpgrad.no_grad():
        xpgrad.exp(y, out=y)  # out


def write_fill(y):
    y.fill_(1)  # fill


WRITERS = {
    "an item": write_item,
    "a view": write_view,
    "augmented": write_augmented,
    "an alias": write_alias,
    "unrecorded": write_unrecorded,
    "out": write_out,
    "fill": write_fill,
}


@pytest.mark.parametrize("mark", WRITERS)
def test_writers_of_all_kinds(mark):
    y = middle()
    result = y * y
    WRITERS[mark](y)
    message = message_of(result)
    assert written_at(message) == line_of(mark)
    assert f"in {WRITERS[mark].__name__}" in message


def test_the_last_of_several_writers_is_named():
    y = middle()
    result = y * y
    y.add_(1)
    write_fill(y)
    message = message_of(result)
    assert "is at version 2; expected version 0" in message
    assert written_at(message) == line_of("fill")


def test_a_result_that_was_saved():
    y = middle()
    z = y.exp()
    write_fill(z)
    message = message_of(z * 1)
    assert "the result of ExpBackward0, is at version 1; expected version 0" in message
    assert written_at(message) == line_of("fill")


def test_under_anomaly_detection_every_saver_is_named():
    y = middle()
    with detect_anomaly():
        z = y.exp()  # traced
    write_fill(z)
    assert saved_at(message_of(z * 1)) == line_of("traced")


def test_custom_functions_name_the_writer():
    class Keep(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * ctx.saved_tensors[0]

    y = middle()
    result = Keep.apply(y)
    write_fill(y)
    message = message_of(result)
    assert "saved by KeepBackward" in message
    assert written_at(message) == line_of("fill")


def test_it_is_noticed_where_arrays_are_immutable():
    y = xpgrad.tensor([1.0, 2.0], requires_grad=True, device="strict:cpu") * 1
    result = y * y
    write_item(y)
    message = message_of(result)
    assert "[strict float32 (2,)]" in message
    assert written_at(message) == line_of("an item")
