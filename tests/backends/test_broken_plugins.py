"""Whatever is wrong with a plugin, the first line of the error says it. That nothing else breaks: test_isolation.py."""

from __future__ import annotations

import textwrap
from pathlib import Path

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
    [project.entry-points."xpgrad.backends"]
    foo = "plugin_foo:FooBackend"
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
            "raise SystemExit(3)",
            f"{SOURCE} failed to load: SystemExit: 3\nNothing else is affected.",
            id="exits",
        ),
        pytest.param(
            "class Panic(BaseException): pass\nraise Panic('unwrapped a None')",
            f"{SOURCE} failed to load: Panic: unwrapped a None\nNothing else is affected.",
            id="panics",
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
            GOOD.replace("numpy.ndarray,", "numpy.ndarray, object"),
            f"{SOURCE}: array_types must be types of arrays only",
            id="claims everything",
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
    site = install("xpgrad-foo", "plugin_foo", GOOD, ENTRY)
    (site / "plugin_foo.py").unlink()
    with pytest.raises(BrokenBackendError, match="--force-reinstall xpgrad-foo"):
        get_backend("foo")


def test_a_plugin_mended_in_the_same_process_loads(install):
    site = install("xpgrad-foo", "plugin_foo", "1 / 0", ENTRY)
    with pytest.raises(BrokenBackendError):
        get_backend("foo")
    (site / "plugin_foo.py").write_text(textwrap.dedent(GOOD))
    assert get_backend("foo").name == "foo"


@pytest.mark.parametrize(
    ("member", "message"),
    [
        ("devices(self): raise OSError('bus error')", "OSError: bus error"),
        ("devices(self): return 3", "TypeError"),
        ("version(self): raise RustPanic('no version')", "RustPanic: no version"),
    ],
)
def test_what_fails_when_the_listing_asks_is_reported(install, member, message):
    panic = "class RustPanic(BaseException): pass\n"
    install("xpgrad-foo", "plugin_foo", panic + textwrap.dedent(GOOD) + f"\n    def {member}", ENTRY)
    (report,) = [r for r in describe_backends()[0] if r.name == "foo"]
    assert report.status == "failed"
    assert report.reason.startswith(f"backend 'foo' failed when asked for its version and devices: {message}")


def test_a_version_that_is_no_text_is_written_as_one(install):
    install("xpgrad-foo", "plugin_foo", GOOD + "\n        def version(self): return 3", ENTRY)
    (report,) = [r for r in describe_backends()[0] if r.name == "foo"]
    assert (report.status, report.version) == ("ready", "3")


def test_an_interrupt_is_the_users(install):
    install("xpgrad-foo", "plugin_foo", "raise KeyboardInterrupt", ENTRY)
    with pytest.raises(KeyboardInterrupt):
        get_backend("foo")


def test_two_distributions_with_one_name(install):
    install("xpgrad-foo", "plugin_foo", GOOD, ENTRY)
    install("other-foo", "plugin_other", GOOD, ENTRY)
    with pytest.raises(BrokenBackendError, match=r"'foo' is declared by .*xpgrad-foo 0.3.*which one is meant"):
        get_backend("foo")
    (report,) = [r for r in describe_backends()[0] if r.name == "foo"]
    assert report.status == "failed"


def test_the_first_on_the_path_wins_as_it_does_for_imports(install):
    install("xpgrad-foo", "plugin_old", "1 / 0", ENTRY.replace("plugin_foo", "plugin_old"), "0.1")
    install("XPGrad_Foo", "plugin_foo", GOOD, ENTRY, "0.2")
    assert get_backend("foo").name == "foo"


# Metadata that is broken itself. `importlib.metadata.entry_points()` raises for some of these, whoever asks.


@pytest.mark.parametrize(
    "line", ["foo plugin_foo:FooBackend", "foo =", "foo = plugin_foo", "foo = a: b", "foo : a = a:b", "foo oo = a:b"]
)
def test_a_malformed_entry_is_a_note_and_the_reason_of_its_name(install, line):
    edit(install("xpgrad-bad", "plugin_bad", GOOD, ENTRY), "foo = plugin_foo:FooBackend", line)
    install("xpgrad-fine", "plugin_foo", GOOD.replace("foo", "fine"), ENTRY.replace("foo =", "fine ="))
    assert get_backend("fine").name == "fine"
    _, (note,) = describe_backends()
    assert note.startswith(f"xpgrad-bad 0.3 declares {line!r} in the group xpgrad.backends, which is not of the form")
    assert note.endswith("Upgrade or uninstall it: `pip install -U xpgrad-bad`, `pip uninstall xpgrad-bad`.")
    with pytest.raises(BrokenBackendError) as caught:
        get_backend("foo")
    assert str(caught.value) == f"backend 'foo': {note}"


def test_an_entry_without_a_name_is_a_note(install):
    edit(install("xpgrad-bad", "plugin_foo", GOOD, ENTRY), "foo = plugin", "= plugin")
    with pytest.raises(UnknownBackendError, match=r"Note: xpgrad-bad 0\.3 declares '= plugin_foo:FooBackend'"):
        get_backend("foo")


def test_malformed_entries_of_others_do_not_matter(install):
    site = install("somebody", "plugin_somebody", "", ENTRY)
    edit(site, "foo =", "# nothing here, but in another group\n[console_scripts]\nthis is not an entry\nfoo =")
    site = install("xpgrad-foo", "plugin_foo", GOOD, ENTRY.replace("Backend", "Backend [extra]", 1))
    edit(site, "[xpgrad.backends]", "[console_scripts]\nneither is this\n\n[xpgrad.backends]")
    assert get_backend("foo").name == "foo"
    assert describe_backends()[1] == []


def test_entry_points_that_cannot_be_decoded_are_a_note(install):
    site = install("xpgrad-bad", "plugin_bad", GOOD, ENTRY)
    entry_points(site).write_bytes(b"[xpgrad.backends]\n\xff\xfe")
    install("xpgrad-foo", "plugin_foo", GOOD, ENTRY)
    assert get_backend("foo").name == "foo"
    _, (note,) = describe_backends()
    assert note.startswith(f"{entry_points(site).parent}: its entry points cannot be read: UnicodeDecodeError")
    assert note.endswith("Reinstall what it belongs to, or delete it.")


def test_entry_points_without_other_metadata(install):
    site = install("xpgrad-foo", "plugin_foo", GOOD, ENTRY)
    (entry_points(site).parent / "METADATA").unlink()
    _, (note,) = describe_backends()
    assert note.startswith(f"{entry_points(site).parent} has no metadata besides its entry points")
    with pytest.raises(BrokenBackendError) as caught:
        get_backend("foo")
    assert str(caught.value) == f"backend 'foo': {note}"


def test_what_pip_was_removing_when_it_was_interrupted_is_not_there(install):
    site = install("xpgrad-foo", "plugin_foo", GOOD, ENTRY)
    (site / "plugin_foo.py").rename(site / "~lugin_foo.py")
    entry_points(site).parent.rename(site / "~pgrad_foo-0.3.dist-info")
    with pytest.raises(UnknownBackendError):
        get_backend("foo")
    install("xpgrad-foo", "plugin_foo", GOOD, ENTRY, "0.4")
    assert get_backend("foo").name == "foo"


def test_a_built_in_name_cannot_be_taken(install):
    install("xpgrad-evil", "plugin_evil", GOOD, ENTRY.replace("foo =", "numpy ="))
    assert type(get_backend("numpy")).__name__ == "NumpyBackend"
    _, (note,) = describe_backends()
    assert note.startswith("xpgrad-evil 0.3 declares a backend 'numpy', but that name is built in: it is ignored. ")


def entry_points(site: Path) -> Path:
    """The metadata of the plugin in ``site`` that says what it declares."""
    (found,) = site.glob("*.dist-info/entry_points.txt")
    return found


def edit(site: Path, old: str, new: str) -> None:
    """Replace ``old``, which is there, in what the plugin in ``site`` declares."""
    text = entry_points(site).read_text()
    assert old in text
    entry_points(site).write_text(text.replace(old, new))
