"""Anomaly detection: NaN in a gradient is refused, and the line that led to it is named."""

import threading
from pathlib import Path

import pytest

import xpgrad
from xpgrad.autograd import detect_anomaly, is_anomaly_enabled, set_detect_anomaly
from xpgrad.errors import AnomalyError

# The warning of NumPy that leads here is beside the point.
pytestmark = pytest.mark.filterwarnings("ignore:(divide by zero|invalid value) encountered:RuntimeWarning")


def leaf(*values):
    return xpgrad.tensor(values, requires_grad=True)


def test_nan_in_a_gradient_names_function_and_line():
    x = leaf(0.0, 1.0)
    with detect_anomaly():
        y = (x.sqrt() * 0).sum()  # the line to be named
        with pytest.raises(AnomalyError) as error:
            y.backward()
    text = str(error.value)
    assert text.startswith("Function 'SqrtBackward0' returned nan values in its 0th output.")
    assert __file__ in text
    code = Path(__file__).read_text().splitlines()
    line = 1 + next(n for n, text in enumerate(code) if "# the line to be named" in text)
    assert f":{line}, in test_nan_in_a_gradient_names_function_and_line" in text


def test_without_it_nan_passes():
    x = leaf(0.0, 1.0)
    (x.sqrt() * 0).sum().backward()
    assert x.grad.isnan().tolist() == [True, False]


def test_infinity_passes():
    x = leaf(0.0, 1.0)
    with detect_anomaly():
        x.sqrt().sum().backward()
    assert x.grad.tolist() == [float("inf"), 0.5]


def test_a_graph_recorded_before_is_checked_but_has_no_line():
    x = leaf(0.0)
    y = (x.sqrt() * 0).sum()
    with detect_anomaly(), pytest.raises(AnomalyError, match="a line that was not traced"):
        y.backward()


def test_nan_in_a_recorded_backward():
    x = leaf(0.0)
    with detect_anomaly(), pytest.raises(AnomalyError, match="Function 'SqrtBackward0' returned nan values"):
        xpgrad.autograd.grad((x.sqrt() * 0).sum(), x, create_graph=True)


def test_other_errors_in_backward_get_the_line_as_a_note():
    class Fail(xpgrad.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            raise KeyError("planted")

    with detect_anomaly():
        y = Fail.apply(leaf(1.0)).sum()
        with pytest.raises(KeyError) as error:
            y.backward()
    (note,) = error.value.__notes__
    assert note.startswith("FailBackward was recorded at ")
    assert "test_other_errors_in_backward_get_the_line_as_a_note" in note


def test_the_error_about_modified_values_names_the_line_too():
    with detect_anomaly():
        y = leaf(1.0) * 1
        z = y.exp()
        z.add_(1)
        with pytest.raises(
            RuntimeError, match=r"saved at .*test_anomaly.py:\d+, in .* modified at .*test_anomaly.py:\d+"
        ):
            z.sum().backward()


def test_integer_and_missing_gradients_do_not_matter():
    x = leaf(3.0, 1.0)
    with detect_anomaly():
        x.max(0).values.backward()
    assert x.grad.tolist() == [1.0, 0.0]


def test_switching():
    assert not is_anomaly_enabled()
    with detect_anomaly():
        assert is_anomaly_enabled()
        with set_detect_anomaly(False):
            assert not is_anomaly_enabled()
        assert is_anomaly_enabled()
    assert not is_anomaly_enabled()
    try:
        set_detect_anomaly(True)
        assert is_anomaly_enabled()
    finally:
        set_detect_anomaly(False)


def test_it_does_not_turn_recording_on():
    x = leaf(1.0)
    with xpgrad.no_grad(), detect_anomaly():
        assert not (x * 2).requires_grad
    with detect_anomaly():
        with xpgrad.no_grad():
            assert not (x * 2).requires_grad
        assert (x * 2).requires_grad
    assert (x * 2).requires_grad


def test_each_thread_has_its_own():
    seen = []
    with detect_anomaly():
        thread = threading.Thread(target=lambda: seen.append(is_anomaly_enabled()))
        thread.start()
        thread.join()
    assert seen == [False]


def test_check_nan_off_only_traces():
    x = leaf(0.0)
    with detect_anomaly(check_nan=False):
        (x.sqrt() * 0).sum().backward()
    assert x.grad.isnan().item()
