"""What both trainings share."""

import math
import threading
from queue import Queue

import torch


def ahead(batches):
    """The same batches in the same order, made by a thread of their own while the network learns."""
    queue = Queue(4)

    def feed():
        try:
            for batch in batches:
                queue.put((batch, None))
            queue.put((None, None))
        except BaseException as error:
            queue.put((None, error))

    threading.Thread(target=feed, daemon=True).start()
    while True:
        batch, error = queue.get()
        if error is not None:
            raise error
        if batch is None:
            return
        yield batch


def optimiser_of(weights, decay):
    """AdamW that draws matrices and filters towards zero, and leaves biases and scales alone."""
    groups = [([p for p in weights if p.ndim > 1], decay), ([p for p in weights if p.ndim <= 1], 0)]
    return torch.optim.AdamW([{"params": params, "weight_decay": decay} for params, decay in groups], fused=True)


def average_of(net):
    """A copy of the network that is drawn after it: `update_parameters(net)` after each step."""
    follow = torch.optim.swa_utils.get_ema_multi_avg_fn(0.999)
    return torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=follow, use_buffers=True)


def learn_at(optimiser, peak, step, steps):
    """The rate of learning: rises for 200 steps, then falls by a cosine."""
    rate = peak * min(1, (step + 1) / 200) * (0.5 + 0.5 * math.cos(math.pi * step / steps)) + 1e-5
    for group in optimiser.param_groups:
        group["lr"] = rate
