"""The graph core: grad mode, nodes, ops, the engine, views and in-place writes. It knows no operator and no method."""
