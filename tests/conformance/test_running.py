"""A run of the kit on an installed plugin: what is expected, what is reported, and what happens when it goes wrong."""

import re
import tomllib

import pytest

from xpgrad.errors import ArgumentError
from xpgrad.testing.conformance.known import parse

NO_BITCAST = '{"bitcast": __import__("xpgrad.backends.fallbacks", fromlist=["*"]).FALLBACKS["bitcast"]}'
WRONG_SINE = '{"sin": lambda xp, x, /: 2 * x}'
SINE = "--checks=functions/trigonometric.sin/forward"


def test_a_backend_that_conforms(kit, tmp_path):
    ran = kit(SINE)
    assert ran.code == 0, ran.text
    assert ran.report["conforms"]
    assert ran.report["not passed"] == {}
    assert ran.report["levels"]["functions"] == {"passed": 1}
    assert ran.report["versions"]["xpgrad-toy"] == "0.3"
    page = (tmp_path / "conformance-toy-part.md").read_text()
    assert "# Conformance of `toy`" in page
    assert "| Functions | 1      | -      |" in page
    assert not (tmp_path / "conformance-toy.svg").exists(), "a part of the suite gets no badge"
    assert not list(tmp_path.glob("*.jsonl"))


def test_a_failure_is_reported_by_the_name_of_the_function(kit, tmp_path):
    ran = kit(SINE, kernels=WRONG_SINE)
    assert ran.code == 1, ran.text
    assert not ran.report["conforms"]
    assert ran.report["not passed"]["functions/trigonometric.sin/forward"]["status"] == "failed"
    assert "`functions/trigonometric.sin/forward`" in (tmp_path / "conformance-toy-part.md").read_text()
    assert "expected 0." in (tmp_path / "conformance-toy-part.md").read_text()


DECLARED = """
    suite = 1
    [[known]]
    checks = ["functions/trigonometric.sin/forward"]
    reason = "the sine is not one"
"""


def test_a_declared_failure_is_expected(kit):
    ran = kit(SINE, kernels=WRONG_SINE, declared=DECLARED)
    assert ran.code == 0, ran.text
    assert ran.report["not passed"] == {
        "functions/trigonometric.sin/forward": {"status": "known", "why": "the sine is not one"}
    }


def test_a_declared_failure_that_passes_fails_the_run(kit):
    ran = kit(SINE, declared=DECLARED)
    assert ran.code == 1
    assert ran.report["not passed"]["functions/trigonometric.sin/forward"]["status"] == "repaired"


@pytest.mark.parametrize("condition", ['when = "numpy < 1"', 'devices = ["cuda:*"]', 'when = "not-installed > 1"'])
def test_a_declared_failure_is_expected_where_it_holds(kit, condition):
    assert kit(SINE, kernels=WRONG_SINE, declared=DECLARED + condition).code == 1
    assert kit(SINE, declared=DECLARED + condition).code == 0


def test_a_declared_failure_that_matches_nothing_is_an_error(kit):
    ran = kit(SINE, declared=DECLARED.replace("trigonometric.sin/", "trigonometric.sine/"))
    assert ran.code == 4
    assert "of which no check is asked: functions/trigonometric.sine/forward" in ran.text
    assert ran.report == {}


def test_a_declared_failure_of_what_is_unsupported_is_an_error(kit):
    declared = DECLARED.replace("trigonometric.sin/forward", "striding.bitcast,dtype=torch.int64/forward")
    ran = kit(SINE, kernels=NO_BITCAST, declared=declared)
    assert ran.code == 4
    assert "of which no check is asked: functions/striding.bitcast,dtype=torch.int64/forward" in ran.text


def test_a_misspelt_check_is_an_error(kit):
    ran = kit("--checks=functions/trigonometric.sinn/forward")
    assert ran.code == 4
    assert "no check is called like 'functions/trigonometric.sinn/forward'; near it are" in ran.text


def test_what_kills_the_process_is_named(kit):
    ran = kit(SINE, kernels='{"sin": lambda xp, x, /: os.abort()}')
    assert ran.code not in (0, 1)
    assert "a process died while it asked" in ran.text
    assert "functions/trigonometric.sin/forward" in ran.text


def test_what_kills_the_process_can_be_declared(kit):
    ran = kit(
        "--checks=functions/trigonometric.sin/forward",
        kernels='{"sin": lambda xp, x, /: os.abort()}',
        declared=DECLARED + "run = false",
    )
    assert ran.code == 0, ran.text
    assert ran.report["levels"]["functions"] == {"known": 1}


def test_a_worker_that_dies_fails_its_check(kit):
    # As many checks as are worth two processes.
    many = "--checks=functions/arithmetic.*"
    ran = kit(SINE, many, "--jobs=2", kernels='{"sin": lambda xp, x, /: os.abort() if x.shape else x}')
    assert ran.code == 1, ran.text
    assert ran.report["not passed"]["functions/trigonometric.sin/forward"]["status"] == "failed"


NEWER_SINE = """
    (
        object.__setattr__(
            __import__("xpgrad.testing.conformance.suite", fromlist=["*"]).checks()[
                "functions/trigonometric.sin/forward"
            ],
            "since",
            2,
        ),
        {"sin": lambda xp, x, /: 2 * x},
    )[1]
"""


def test_what_is_newer_than_the_pinned_suite_fails_nobody(kit):
    ran = kit(SINE, kernels=NEWER_SINE.strip(), declared="suite = 1")
    assert ran.code == 0, ran.text
    assert ran.report["not passed"]["functions/trigonometric.sin/forward"]["status"] == "new"


def test_what_a_backend_lacks_is_counted_apart(kit):
    ran = kit("--checks=functions/striding.bitcast*", kernels=NO_BITCAST)
    assert ran.code == 0, ran.text
    assert set(ran.report["levels"]["functions"]) == {"unsupported"}
    assert "bitcast" in ran.report["lacks"]


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ("suite = ", "Invalid value"),
        ("known = []", "the file lacks 'suite'"),
        ("suite = '1'", "the file: suite must be of type int, got '1'"),
        ("suite = 99", "it pins version 99 of the suite"),
        ("suite = 0", "it pins version 0 of the suite, and the first is 1"),
        ("suite = 1\nknwon = []", "the file has an unknown key 'knwon'; known are suite, known"),
        ("suite = 1\n[[known]]\nchecks = ['a']", "known failure 1 lacks 'reason'"),
        ("suite = 1\n[[known]]\nchecks = ['a']\nreason = ''", "must name at least one check, and say why it fails"),
        ("suite = 1\n[[known]]\nchecks = ['a']\nreason = 'b'\nwhen = '?'", "when must be like 'numpy < 2.5', got '?'"),
    ],
)
def test_what_is_declared_wrongly_is_said(declared, message):
    with pytest.raises((ArgumentError, tomllib.TOMLDecodeError), match=re.escape(message)):
        parse(declared)


def test_the_file_that_is_wrong_is_named(kit):
    ran = kit(SINE, declared="suite = 99")
    assert ran.code == 4
    assert "conformance-toy.toml: it pins version 99 of the suite" in ran.text


def test_an_unknown_backend_or_device(kit):
    assert "has no device 'gpu'; it has cpu" in kit("--device=gpu").text
