"""Train a network on an array larger than all the memory that this process may have.

``python plugins/dask/tests/larger_than_memory.py`` prints the loss and the time of each step, and the peak; a number
of rows may follow.
"""

from __future__ import annotations

import resource
import sys
import time

import dask.array as da

import xpgrad
from xpgrad import nn

FEATURES, CHUNK = 1024, 4096


def main(rows: int) -> None:
    allowed = 2 * rows * FEATURES  # bytes: half of what the array takes
    with xpgrad.use_backend("dask"):
        # In earnest `da.from_zarr(...)`, or `da.from_array(numpy.memmap(...), chunks=...)`.
        data = da.random.default_rng(0).random((rows, FEATURES), dtype="float32", chunks=(CHUNK, FEATURES))
        x = xpgrad.as_tensor(data)
        y = (x[:, :8].sum(1) > 4.0).float()
        net = nn.Sequential(nn.Linear(FEATURES, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
        optimizer = xpgrad.optim.Adam(net.parameters(), lr=0.01)
    print(f"x: {data.nbytes / 2**30:.2f} GiB in {data.npartitions} chunks; memory: {allowed / 2**30:.2f} GiB allowed")
    resource.setrlimit(resource.RLIMIT_DATA, (allowed, allowed))
    for step in range(3):
        started = time.perf_counter()
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(net(x), y)
        loss.backward()
        optimizer.step()
        print(f"step {step}: loss {loss.item():.3f} in {time.perf_counter() - started:.1f} s")
    print(f"peak: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 520_000)
