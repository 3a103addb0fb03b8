"""Getting a file from the first of several addresses that has it."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from xpgrad.errors import DataError

_SECONDS = 60


def download(urls: Sequence[str], path: Path, md5: str) -> None:
    """Write to ``path`` what one of ``urls`` serves and has the checksum ``md5``; never anything else.

    Raises:
        DataError: None does.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    failures = []
    for url in urls:
        try:
            with urllib.request.urlopen(url, timeout=_SECONDS) as response:
                content = response.read()
        except (urllib.error.URLError, OSError, ValueError) as error:
            failures.append(f"{url}: {error}")
            continue
        found = hashlib.md5(content, usedforsecurity=False).hexdigest()
        if found == md5:
            _write(path, content)
            return
        failures.append(f"{url}: served {len(content)} bytes with MD5 {found} instead of {md5}")
    raise DataError(
        f"Error downloading {path.name}:\n  " + "\n  ".join(failures) + f"\nPut the file into {path.parent} by hand."
    )


def _write(path: Path, content: bytes) -> None:
    """Write all of it or nothing, also if several programs do so at once."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
