"""How rows vary together."""

from __future__ import annotations
