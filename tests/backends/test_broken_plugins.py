"""Whatever is wrong with a plugin: nothing else breaks, and the first line of the error says what it is."""

from __future__ import annotations

import pytest

from xpgrad.backends.base import PROTOCOL_VERSION
from xpgrad.backends.registry import describe_backends, get_backend, registered_backends
from xpgrad.errors import BrokenBackendError, UnknownBackendError

GOOD = """
    import numpy
    from xpgrad.backends.base import Backend

    class FooBackend(Backend):
        name = "foo"
        protocol = 1
        xp = numpy
        array_types = (numpy.ndarray,)
"""
ENTRY = """
    [xpgrad.backends]
    foo = plugin_foo:FooBackend
"""
SOURCE = "backend 'foo' (plugin_foo:FooBackend, from xpgrad-foo 0.3)"


def test_a_good_plugin_loads_at_first_use(install):
    install("xpgrad-foo", "plugin_foo", GOOD, ENTRY)
    assert "foo" in registered_backends()
    backend = get_backend("foo")
    assert backend.name == "foo"
    assert get_backend("foo") is backend


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param(
            "raise RuntimeError('libfoo.so.1 is of another version\\nand so on')",
            f"{SOURCE} failed to load: RuntimeError: libfoo.so.1 is of another version\n"
            "Nothing else is affected. Upgrade it (`pip install -U xpgrad-foo`), or remove it: "
            "`pip uninstall xpgrad-foo`.",
            id="raises at import",
        ),
        pytest.param(
            "import plugin_dependency",
            f"{SOURCE} failed to load: ModuleNotFoundError: No module named 'plugin_dependency'\n"
            "`pip install plugin_dependency` may help, or reinstall xpgrad-foo with its dependencies.",
            id="lacks a dependency",
        ),
        pytest.param(
            "from xpgrad.backends.base import Backend, SomethingNewer",
            f"{SOURCE} failed to load: ImportError: cannot import name 'SomethingNewer' from 'xpgrad.backends.base'",
            id="needs another xpgrad",
        ),
        pytest.param(
            "raise SystemExit(3)", f"{SOURCE} failed to load: SystemExit: 3\nNothing else is affected.", id="exits"
        ),
        pytest.param(
            "def f(:", f"{SOURCE} failed to load: SyntaxError: invalid syntax (plugin_foo.py, line 1)", id="no Python"
        ),
        pytest.param(
            "class BarBackend: pass",
            f"{SOURCE} failed to load: AttributeError: module 'plugin_foo' has no attribute 'FooBackend'\n"
            "The entry point names what is not there; upgrade or report it: `pip install -U xpgrad-foo`.",
            id="lacks the class",
        ),
        pytest.param(
            "class FooBackend: pass",
            f"{SOURCE} is not a backend but the class FooBackend: the entry point must name a subclass of "
            "xpgrad.backends.base.Backend.",
            id="another class",
        ),
        pytest.param("FooBackend = 3", f"{SOURCE} is not a backend but 3:", id="no class"),
        pytest.param(
            GOOD.replace('"foo"', '"bar"'),
            f"{SOURCE} calls itself 'bar': the entry point and the `name` of the class must be the same.",
            id="another name",
        ),
        pytest.param(
            GOOD.replace("protocol = 1", f"protocol = {PROTOCOL_VERSION + 1}"),
            f"{SOURCE} speaks version {PROTOCOL_VERSION + 1} of the backend protocol, this xpgrad version "
            f"{PROTOCOL_VERSION}. Upgrade xpgrad: `pip install -U xpgrad`.",
            id="newer protocol",
        ),
        pytest.param(
            GOOD.replace("protocol = 1", "protocol = 0"),
            f"{SOURCE} speaks version 0 of the backend protocol, this xpgrad understands 1 to {PROTOCOL_VERSION}. "
            "Upgrade the plugin: `pip install -U xpgrad-foo`.",
            id="older protocol",
        ),
        pytest.param(
            GOOD.replace("protocol = 1", "protocol = 'new'"),
            f"{SOURCE}: protocol must be an integer",
            id="odd protocol",
        ),
        pytest.param(
            GOOD.replace("xp = numpy", "").replace('name = "foo"', ""),
            f"{SOURCE} lacks name, xp: a backend gives at least its name, xp and array_types",
            id="lacks members",
        ),
        pytest.param(
            GOOD.replace("(numpy.ndarray,)", "numpy.ndarray"),
            f"{SOURCE}: array_types must be a tuple of types, the usual one first; got <class 'numpy.ndarray'>",
            id="no tuple of types",
        ),
        pytest.param(
            GOOD + "\n        def __init__(self):\n            raise OSError('no licence')",
            f"{SOURCE} failed to load: OSError: no licence",
            id="raises when made",
        ),
    ],
)
def test_the_first_line_says_what_is_wrong(install, source, message):
    install("xpgrad-foo", "plugin_foo", source, ENTRY)
    with pytest.raises(BrokenBackendError) as caught:
        get_backend("foo")
    assert str(caught.value).startswith(message)

    reports, notes = describe_backends()
    states = {report.name: report for report in reports}
    assert states["foo"].status == "failed"
    assert states["foo"].reason.startswith(message)
    assert states["numpy"].status == "ready"
    assert notes == []


def test_the_cause_is_chained_for_its_traceback(install):
    install("xpgrad-foo", "plugin_foo", "1 / 0", ENTRY)
    with pytest.raises(BrokenBackendError) as caught:
        get_backend("foo")
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_plugin_whose_files_are_gone(install):
    install("xpgrad-foo", entry_points=ENTRY)
    with pytest.raises(BrokenBackendError, match="--force-reinstall xpgrad-foo"):
        get_backend("foo")


def test_a_plugin_mended_in_the_same_process_loads(install):
    site = install("xpgrad-foo", "plugin_foo", "1 / 0", ENTRY)
    with pytest.raises(BrokenBackendError):
        get_backend("foo")
    source = site / "plugin_foo.py"
    source.write_text("\n".join(line.removeprefix("    ") for line in GOOD.splitlines()))
    assert get_backend("foo").name == "foo"


def test_a_device_that_fails_when_asked_is_reported(install):
    install("xpgrad-foo", "plugin_foo", GOOD + "\n        def devices(self): raise OSError('bus error')", ENTRY)
    (report,) = [r for r in describe_backends()[0] if r.name == "foo"]
    assert (report.status, report.reason) == (
        "failed",
        "backend 'foo' failed when asked for its devices: OSError: bus error",
    )


def test_two_distributions_with_one_name(install):
    install("xpgrad-foo", "plugin_foo", GOOD, ENTRY)
    install("other-foo", entry_points=ENTRY)
    with pytest.raises(BrokenBackendError, match=r"'foo' is declared by .*xpgrad-foo 0.3.*which one is meant"):
        get_backend("foo")
    assert describe_backends()[0]


def test_the_first_on_the_path_wins_as_it_does_for_imports(install):
    install("xpgrad-foo", entry_points=ENTRY.replace("plugin_foo", "plugin_old"), version="0.1")
    install("XPGrad_Foo", "plugin_foo", GOOD, ENTRY, version="0.2")
    assert get_backend("foo").name == "foo"


# Metadata that is broken itself. `importlib.metadata.entry_points()` raises for all of these, whoever asks.


@pytest.mark.parametrize(
    "line",
    ["foo plugin_foo:FooBackend", "foo =", "= plugin_foo:FooBackend", "foo = plugin_foo", "fo o = a:b", "f:o = a:b"],
)
def test_a_malformed_entry_is_a_note_and_the_rest_still_works(install, line):
    install("xpgrad-bad", entry_points=f"[xpgrad.backends]\n{line}\n")
    install("xpgrad-foo", "plugin_foo", GOOD, ENTRY)
    assert get_backend("foo").name == "foo"
    _, (note,) = describe_backends()
    assert note.startswith(f"xpgrad-bad 0.3 declares {line!r} in the group xpgrad.backends, which is not of the form")
    with pytest.raises(UnknownBackendError, match=r"Note: xpgrad-bad 0\.3 declares"):
        get_backend("bad")


def test_malformed_entries_of_others_do_not_matter(install):
    install("somebody", entry_points="[console_scripts]\nthis is not an entry\n[xpgrad.backends]\n# nothing here\n")
    install(
        "xpgrad-foo",
        "plugin_foo",
        GOOD,
        "[console_scripts]\nneither is this\n\n[xpgrad.backends]\nfoo = plugin_foo:FooBackend [extra]",
    )
    assert get_backend("foo").name == "foo"
    assert describe_backends()[1] == []


def test_metadata_that_cannot_be_decoded_is_a_note(install):
    install("xpgrad-bad", entry_points=b"[xpgrad.backends]\n\xff\xfe")
    install("xpgrad-foo", "plugin_foo", GOOD, ENTRY)
    assert get_backend("foo").name == "foo"
    _, (note,) = describe_backends()
    assert "UnicodeDecodeError" in note


def test_a_built_in_name_cannot_be_taken(install):
    install("xpgrad-evil", entry_points="[xpgrad.backends]\nnumpy = plugin_evil:Evil\n")
    assert type(get_backend("numpy")).__name__ == "NumpyBackend"
    _, (note,) = describe_backends()
    assert note == "xpgrad-evil 0.3 declares a backend 'numpy', but that name is built in: it is ignored."
