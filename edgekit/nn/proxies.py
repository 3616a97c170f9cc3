"""Scores of a network that nobody has trained: what is said of a network after one batch.

    synflow      sum |w dR/dw|, R = sum of the outputs for ones, with |w| for w     Tanaka et al., NeurIPS 2020
    grad_norm    || dL/dw || on one batch                                           Abdelfattah et al., ICLR 2021
    naswot       log det of how alike the ReLU patterns of a batch are              Mellor et al., ICML 2021

The honest control beside them are the plain MACs and the number of weights.
"""

from copy import deepcopy

import torch
from torch import nn
from torch.nn import functional


def synflow(model, x, y=None):
    """Return log10 of the sum of |w dR/dw| over all weights, for an input of ones in the shape of x (N, ...)."""
    model = deepcopy(model).double().eval()  # batch norms pass on what they get
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.abs_()
    model(torch.ones(1, *x.shape[1:], dtype=torch.float64)).sum().backward()
    flows = (parameter.detach() * parameter.grad for parameter in model.parameters() if parameter.dim() > 1)
    return float(torch.log10(sum(flow.sum() for flow in flows)))


def grad_norm(model, x, y):
    """Return the length of the gradient of the cross-entropy on x (N, ...), y (N,), over all weights."""
    model = deepcopy(model).train()
    functional.cross_entropy(model(torch.as_tensor(x)), torch.as_tensor(y)).backward()
    return float(sum((p.grad**2).sum() for p in model.parameters() if p.dim() > 1) ** 0.5)


@torch.no_grad()
def naswot(model, x, y=None):
    """Return log |det K|; K (N, N) counts on how many ReLUs two examples of x agree, on or off.

    A network that tells examples apart before training has rows of K that differ.
    """
    model, signs = deepcopy(model).train(), []
    for module in model.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
            module.register_forward_hook(lambda _, __, output: signs.append((output > 0).flatten(1).double()))
    model(torch.as_tensor(x))
    on = torch.cat(signs, dim=1)
    return float(torch.linalg.slogdet(on @ on.T + (1 - on) @ (1 - on).T).logabsdet)


PROXIES = {"synflow": synflow, "grad_norm": grad_norm, "naswot": naswot}
