"""Train a network on an array twice as large as the memory that this process may have.

``python plugins/dask/tests/larger_than_memory.py`` prints the loss of each step, the time it took and the peak.
"""

from __future__ import annotations

import resource
import time

import dask.array as da

import xpgrad
from xpgrad import nn

ROWS, FEATURES, ALLOWED = 1_000_000, 512, 1 << 30


def main() -> None:
    # All memory that the process can have from here on, libraries, threads and all.
    resource.setrlimit(resource.RLIMIT_DATA, (ALLOWED, ALLOWED))
    xpgrad.manual_seed(0)
    with xpgrad.use_backend("dask"):
        # In practice `da.from_zarr(...)` or `da.from_array(numpy.memmap(...), chunks=...)`.
        draw = da.random.default_rng(0)
        features = draw.standard_normal((ROWS, FEATURES), dtype="float32", chunks=(20_000, FEATURES))
        x = xpgrad.as_tensor(features)
        y = (x[:, 0] * x[:, 1] > 0.0).long()
        net = nn.Sequential(nn.Linear(FEATURES, 32), nn.ReLU(), nn.Linear(32, 2))
        optimizer = xpgrad.optim.Adam(net.parameters(), lr=0.01)
    print(
        f"x: {features.nbytes / 2**30:.1f} GiB in {features.npartitions} chunks, of {ALLOWED / 2**30:.1f} GiB allowed"
    )
    for step in range(3):
        started = time.perf_counter()
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        print(f"step {step}: loss {loss.item():.4f} in {time.perf_counter() - started:.1f} s")
    print(f"peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
