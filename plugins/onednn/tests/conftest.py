"""Tests that call oneDNN are skipped, with the reason, where there is none."""

from __future__ import annotations

import pytest

from xpgrad_onednn.library import OneDnnError
from xpgrad_onednn.threads import library


@pytest.fixture
def onednn():
    """The library."""
    try:
        return library()
    except OneDnnError as error:
        pytest.skip(str(error))
