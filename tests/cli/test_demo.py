"""The demo: it learns, saves what it learned, and does the same wherever it runs."""

import importlib.util
import json
import re

import numpy as np
import pytest

import xpgrad
from xpgrad.cli import demo, main
from xpgrad.serialization import load_file

for module in ("sklearn", "matplotlib", "tqdm"):
    pytest.importorskip(module)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a run of two epochs."""
    out = tmp_path_factory.mktemp("demo") / "not" / "there"
    assert main(["demo", "--backend", "numpy", "--epochs", "2", "--seed", "0", "--out", str(out)]) == 0
    return out


def history_of(folder):
    return json.loads((folder / "model.json").read_text(encoding="utf-8"))


def run(out, *arguments):
    assert main(["demo", "--out", str(out), *arguments]) == 0
    return history_of(out)


def test_what_it_says(tmp_path, capsys):
    run(tmp_path, "--epochs", "1")
    said = capsys.readouterr()
    assert "Conv2d(1, 16, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))" in said.out
    line = r"epoch 1/1: loss \d\.\d{4}, train accuracy (9\d\.\d) %, test accuracy (9\d\.\d) %"
    assert re.search(line, said.out)
    assert re.search(
        rf"test accuracy 9\d\.\d % after 1 epochs and .* s; saved in {re.escape(str(tmp_path))}:", said.out
    )
    assert "epoch 1/1" in said.err  # the progress bar


def test_it_learns(finished):
    history = history_of(finished)
    assert history["test_accuracies"][-1] >= 97
    assert len(history["losses"]) == 2 * len(range(0, len(demo.digits(train=True)), 32))
    assert np.mean(history["losses"][-10:]) < 0.2 * history["losses"][0]


def test_the_checkpoint_is_the_network_that_was_measured(finished):
    model = demo.network()
    model.load_state_dict(load_file(finished / "model.safetensors"))
    assert demo.accuracy(model, demo.digits(train=False)) == history_of(finished)["test_accuracies"][-1]


def test_the_picture(finished):
    content = (finished / "demo.png").read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) > 10_000


def test_the_same_seed_the_same_result(finished, tmp_path):
    again = run(tmp_path, "--backend", "numpy", "--epochs", "2", "--seed", "0")
    assert again == history_of(finished)


def test_another_seed_another_result(finished, tmp_path):
    other = run(tmp_path, "--epochs", "1", "--seed", "1")
    assert other["losses"][0] != history_of(finished)["losses"][0]


def test_the_same_on_strict_up_to_rounding(finished, tmp_path):
    strict = run(tmp_path, "--backend", "strict:device1", "--epochs", "1", "--seed", "0")
    ours = history_of(finished)
    assert strict["where"] == "strict on strict:device1"
    count = len(strict["losses"])
    np.testing.assert_allclose(strict["losses"][:5], ours["losses"][:5], rtol=1e-5)
    np.testing.assert_allclose(strict["losses"], ours["losses"][:count], rtol=1e-2)
    assert abs(strict["test_accuracies"][0] - ours["test_accuracies"][0]) < 1.5
    assert xpgrad.get_default_device() == xpgrad.device("cpu")


def test_a_library_that_is_missing(tmp_path, monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *rest: None if name == "sklearn" else find(name, *rest)
    )
    assert main(["demo", "--out", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "demo: scikit-learn not installed; pip install 'xpgrad[demo]'\n"


def test_an_unknown_backend(tmp_path, capsys):
    assert main(["demo", "--out", str(tmp_path), "--backend", "nope"]) == 1
    assert capsys.readouterr().err.startswith("demo: unknown backend 'nope'")


def test_no_epochs(capsys):
    with pytest.raises(SystemExit):
        main(["demo", "--epochs", "0"])
    assert "must be a positive number, got 0" in capsys.readouterr().err
