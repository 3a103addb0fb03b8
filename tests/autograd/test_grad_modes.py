"""`no_grad` and its relatives. These tests also hold in PyTorch (`tests/parity`)."""

import threading

import pytest

import xpgrad as torch


def leaf():
    return torch.tensor([1.0, 2.0], requires_grad=True)


MODES = [torch.no_grad, torch.enable_grad, torch.inference_mode]
WANTED = {torch.no_grad: False, torch.enable_grad: True, torch.inference_mode: False}


@pytest.mark.parametrize("mode", MODES)
def test_as_context_manager(mode):
    with mode():
        assert torch.is_grad_enabled() is WANTED[mode]
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("mode", MODES)
def test_as_decorator_with_and_without_parentheses(mode):
    def function():
        """Its own text."""
        return torch.is_grad_enabled()

    for decorated in (mode()(function), mode(function)):
        assert decorated() is WANTED[mode]
        assert torch.is_grad_enabled()
        assert decorated.__name__ == "function"
        assert decorated.__doc__ == "Its own text."


def test_nesting():
    x = leaf()
    with torch.no_grad():
        with torch.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad


@pytest.mark.parametrize("mode", MODES)
def test_an_exception_restores_the_mode(mode):
    @mode()
    def fail():
        raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert torch.is_grad_enabled()
    with pytest.raises(KeyError), mode():
        raise KeyError
    assert torch.is_grad_enabled()


def test_recursion():
    @torch.no_grad()
    def down(n):
        with torch.enable_grad():
            below = down(n - 1) if n else []
            return [*below, torch.is_grad_enabled()]

    assert down(3) == [True] * 4
    assert torch.is_grad_enabled()


def test_a_generator_runs_in_the_mode_and_its_consumer_does_not():
    @torch.no_grad()
    def produce():
        seen = []
        try:
            while len(seen) < 2:
                seen.append((torch.is_grad_enabled(), (yield len(seen))))
        finally:
            seen.append(torch.is_grad_enabled())
        return seen

    generator = produce()
    assert next(generator) == 0
    assert torch.is_grad_enabled()
    assert generator.send("a") == 1
    assert torch.is_grad_enabled()
    with pytest.raises(StopIteration) as stop:
        generator.send("b")
    assert stop.value.value == [(False, "a"), (False, "b"), False]
    assert torch.is_grad_enabled()


def test_exceptions_thrown_into_a_generator():
    @torch.no_grad()
    def produce():
        try:
            yield 1
        except KeyError:
            yield torch.is_grad_enabled()

    generator = produce()
    next(generator)
    assert generator.throw(KeyError()) is False
    assert torch.is_grad_enabled()


def test_closing_a_generator_runs_its_cleanup_in_the_mode():
    seen = []

    @torch.no_grad()
    def produce():
        try:
            yield 1
        finally:
            seen.append(torch.is_grad_enabled())

    generator = produce()
    next(generator)
    generator.close()
    assert seen == [False]
    assert torch.is_grad_enabled()


def test_set_grad_enabled_acts_at_once():
    try:
        torch.set_grad_enabled(False)
        assert not torch.is_grad_enabled()
    finally:
        torch.set_grad_enabled(True)
    assert torch.is_grad_enabled()


def test_set_grad_enabled_in_a_block():
    with torch.set_grad_enabled(False):
        assert not torch.is_grad_enabled()
        with torch.set_grad_enabled(True):
            assert torch.is_grad_enabled()
        assert not torch.is_grad_enabled()
    assert torch.is_grad_enabled()


def test_set_grad_enabled_as_decorator():
    @torch.set_grad_enabled(False)
    def function():
        return torch.is_grad_enabled()

    assert torch.is_grad_enabled()
    assert function() is False
    assert function() is False
    assert torch.is_grad_enabled()


def test_each_thread_has_its_own_mode():
    x = leaf()
    seen = {}

    def work():
        seen["start"] = torch.is_grad_enabled()
        with torch.no_grad():
            entered.set()
            left.wait(10)
            seen["inside"] = torch.is_grad_enabled()

    entered, left = threading.Event(), threading.Event()
    with torch.no_grad():
        thread = threading.Thread(target=work)
        thread.start()
        entered.wait(10)
    assert (x * 2).requires_grad
    left.set()
    thread.join()
    assert seen == {"start": True, "inside": False}
    assert torch.is_grad_enabled()


def test_a_leaf_made_in_no_grad_may_require_grad():
    with torch.no_grad():
        w = torch.ones(2, requires_grad=True)
        v = torch.ones(2).requires_grad_()
    assert w.requires_grad
    assert v.requires_grad
    (w * v).sum().backward()
    assert w.grad.tolist() == [1.0, 1.0]


def test_backward_works_inside_no_grad():
    x = leaf()
    y = (x * x).sum()
    with torch.no_grad():
        y.backward()
    assert x.grad.tolist() == [2.0, 4.0]


# inference_mode


def test_inference_mode_is_known():
    assert not torch.is_inference_mode_enabled()
    with torch.inference_mode():
        assert torch.is_inference_mode_enabled()
        with torch.inference_mode(False):
            assert not torch.is_inference_mode_enabled()
            assert torch.is_grad_enabled()
        assert torch.is_inference_mode_enabled()
    assert not torch.is_inference_mode_enabled()


def test_inference_tensors():
    x = leaf()
    with torch.inference_mode():
        made = torch.ones(2)
        result = x * 2
        part = x[0]
    assert made.is_inference()
    assert result.is_inference()
    assert not result.requires_grad
    # A view of an ordinary tensor is an ordinary one.
    assert not part.is_inference()
    assert not x.is_inference()


def test_what_is_made_of_inference_tensors_outside():
    with torch.inference_mode():
        made = torch.ones(2)
    assert not (made * 2).is_inference()
    assert not made.clone().is_inference()
    assert made[0].is_inference()


def test_inference_tensors_may_enter_a_graph_if_nothing_is_saved():
    x = leaf()
    with torch.inference_mode():
        made = torch.ones(2)
    (x + made).sum().backward()
    assert x.grad.tolist() == [1.0, 1.0]
    with pytest.raises(RuntimeError, match="Inference tensors cannot be saved for backward"):
        x * made
    (x * made.clone()).sum().backward()
    assert x.grad.tolist() == [2.0, 2.0]


def test_inference_tensors_outside_inference_mode():
    with torch.inference_mode():
        made = torch.ones(2)
        made.add_(1)
    assert made.tolist() == [2.0, 2.0]
    with pytest.raises(RuntimeError, match="Inplace update to inference tensor outside InferenceMode is not allowed"):
        made.add_(1)
    with pytest.raises(
        RuntimeError, match="Setting requires_grad=True on inference tensor outside InferenceMode is not"
    ):
        made.requires_grad_()
    with pytest.raises(RuntimeError, match="Inference tensors do not track version counter"):
        made._version  # noqa: B018


def test_enable_grad_does_not_record_in_inference_mode():
    x = leaf()
    with torch.inference_mode(), torch.enable_grad():
        y = x * 2
    assert not y.requires_grad
    assert y.is_inference()


def test_ordinary_tensors_may_be_written_in_inference_mode():
    ordinary = torch.ones(2)
    with torch.inference_mode():
        ordinary.add_(1)
    assert ordinary._version == 1
    assert not ordinary.is_inference()
