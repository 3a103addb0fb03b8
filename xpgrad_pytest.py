"""Pytest's entry to the conformance kit: its options, and nothing more.

Every run of pytest in an environment with xpgrad imports this module, so it imports neither xpgrad nor NumPy. It stands
beside the package since importing a module of the package imports all of that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of ``pytest --pyargs xpgrad.testing.conformance``."""
    group = parser.getgroup("xpgrad", "conformance of a backend of xpgrad")
    group.addoption("--xpgrad-backend", metavar="NAME", help="the backend that the conformance kit asks")
    group.addoption("--xpgrad-device", metavar="DEVICE", help="one of its devices instead of the default one")
    group.addoption("--xpgrad-report", metavar="FOLDER", help="write conformance-NAME.json, .md and .svg there")
    group.addoption(
        "--xpgrad-checks",
        metavar="ID",
        action="append",
        help="ask only the checks of this id, in which a * stands for any text; may be given several times",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the run, if a backend is named."""
    if config.getoption("xpgrad_backend"):
        from xpgrad.testing.conformance.session import Session  # noqa: PLC0415

        config.pluginmanager.register(Session(config), "xpgrad-conformance")
