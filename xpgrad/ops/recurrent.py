"""Recurrent networks: all steps of a layer in one direction, and what comes after the matrix products in a single step.

Ops of their own, since a sequence is hundreds of steps: composed, each would be a dozen nodes.
"""

from __future__ import annotations

from xpgrad.core.op import op


@op("MkldnnRnnLayer", outputs=4, constant_outputs=[3])
def lstm_layer(xp, x, h, c, w_ih, w_hh, bias, /, *, sizes, reverse):
    """Long short-term memory over ``x`` (total, inputs), of which ``sizes`` says how many rows each step has.

    Returns:
        The outputs (total, hidden), the last ``h`` and ``c`` (n, hidden), and what its rule reads again.
    """
    return xp.lstm_layer(x, h, c, w_ih, w_hh, bias, sizes=sizes, reverse=reverse)

@lstm_layer.vjp("x", "h", "c", "w_ih", "w_hh", "bias")
def _(xp, g, x, h, c, w_ih, w_hh, bias, out, sizes, reverse, needs):
    inputs = (x, h, c, w_ih, w_hh, bias)
    return xp.lstm_layer_gradients(
        *g[:3], *inputs, *out, sizes=sizes, reverse=reverse, needs=tuple(needs)
    )


@op("CudnnRnn", outputs=3, constant_outputs=[2])
def gru_layer(xp, x, h, w_ih, w_hh, b_ih, b_hh, /, *, sizes, reverse):
    """Gated recurrent units over ``x`` (total, inputs), of which ``sizes`` says how many rows each step has.

    Returns:
        The outputs (total, hidden), the last ``h`` (n, hidden), and what its rule reads again.
    """
    return xp.gru_layer(x, h, w_ih, w_hh, b_ih, b_hh, sizes=sizes, reverse=reverse)

@gru_layer.vjp("x", "h", "w_ih", "w_hh", "b_ih", "b_hh")
def _(xp, g, x, h, w_ih, w_hh, b_ih, b_hh, out, sizes, reverse, needs):
    inputs = (x, h, w_ih, w_hh, b_ih, b_hh)
    return xp.gru_layer_gradients(
        *g[:2], *inputs, *out, sizes=sizes, reverse=reverse, needs=tuple(needs)
    )


@op("ThnnFusedLstmCell", outputs=2)
def lstm_cell(xp, gates, memory, /):
    """The output and the memory of an LSTM from its ``gates`` (n, 4 * hidden) and its last ``memory`` (n, hidden)."""
    take_in, keep, new, give_out = _lstm_gates(xp, gates)
    memory = keep * memory + take_in * new
    return give_out * xp.tanh(memory), memory

@lstm_cell.vjp("gates", "memory")
def _(xp, g, gates, memory, out):
    take_in, keep, new, give_out = _lstm_gates(xp, gates)
    g_out, g_memory = g
    shown = xp.tanh(out[1])
    g_memory = g_memory + g_out * give_out * (1.0 - shown * shown)
    each = [
        g_memory * new * (take_in * (1.0 - take_in)),
        g_memory * memory * (keep * (1.0 - keep)),
        g_memory * take_in * (1.0 - new * new),
        g_out * shown * (give_out * (1.0 - give_out)),
    ]
    return xp.concat(each, axis=1), g_memory * keep

def _lstm_gates(xp, gates):
    n = gates.shape[1] // 4
    # One call for all of them costs less than three, though a quarter goes unused.
    opened = xp.sigmoid(gates)
    return opened[:, :n], opened[:, n : 2 * n], xp.tanh(gates[:, 2 * n : 3 * n]), opened[:, 3 * n :]


@op("ThnnFusedGruCell")
def gru_cell(xp, x, y, h, /):
    """The state of a GRU from the products ``x`` of its input and ``y`` of its last state ``h``, (n, 3 * hidden)."""
    _, keep, new = _gru_gates(xp, x, y)
    return new + keep * (h - new)

@gru_cell.vjp("x", "y", "h")
def _(xp, g, x, y, h):
    n = h.shape[1]
    reset, keep, new = _gru_gates(xp, x, y)
    g_new = g * (1.0 - keep) * (1.0 - new * new)
    g_keep = g * (h - new) * (keep * (1.0 - keep))
    g_reset = g_new * y[:, 2 * n :] * (reset * (1.0 - reset))
    return xp.concat([g_reset, g_keep, g_new], axis=1), xp.concat([g_reset, g_keep, g_new * reset], axis=1), g * keep

def _gru_gates(xp, x, y):
    n = x.shape[1] // 3
    opened = xp.sigmoid(x[:, : 2 * n] + y[:, : 2 * n])
    reset, keep = opened[:, :n], opened[:, n:]
    return reset, keep, xp.tanh(x[:, 2 * n :] + reset * y[:, 2 * n :])
