"""``python -m xpgrad``."""

from xpgrad.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
