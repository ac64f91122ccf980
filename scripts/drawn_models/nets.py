"""The two networks, plain convolutions throughout: processors run them best."""

import torch
from torch import nn
from torch.nn import functional

STRIDES = (8, 16, 32)
TEMPLATE_DIMENSION = 128
# Where each output stands in the maps of a stride: which map, first and last channel.
PARTS = {"cls": (0, 0, 1), "obj": (0, 1, 2), "bbox": (1, 0, 4), "kps": (2, 0, 10)}


def conv(inputs, outputs, kernel=3, stride=1):
    """A convolution with batch normalisation and ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Bottleneck(nn.Module):
    """A residual block through half the channels."""

    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.body = nn.Sequential(
            conv(channels, half, 1),
            conv(half, half, 3),
            nn.Conv2d(half, channels, 1, bias=False),
            nn.BatchNorm2d(channels),
        )

    def forward(self, x):
        return functional.relu(x + self.body(x))


class Poll(nn.Module):
    """Landmarks by votes: every cell of a map says where it believes each of ten coordinates to be and how sure it is; every
    cell of the map of twice the stride takes the mean of the votes up to three of its strides away."""

    AWAY = 6

    def __init__(self, inputs):
        super().__init__()
        self.ask = nn.Conv2d(inputs, 20, 1)
        side = 2 * self.AWAY + 1
        # How far a voter stands from who asks, in the latter's strides, divided as the mean is.
        ramp = torch.linspace(-self.AWAY / 2, self.AWAY / 2, side) / side**2
        across = ramp.expand(side, side)
        self.register_buffer("apart", torch.stack([across, across.T] * 5)[:, None].contiguous())

    def mean(self, x):
        """The mean of the votes around each cell of twice the stride."""
        return functional.avg_pool2d(x, 2 * self.AWAY + 1, 2, self.AWAY)

    def forward(self, x):
        """N×10×rows/2×columns/2: from the asking cell, in its strides."""
        with torch.autocast("cpu", enabled=False):
            sure, told = self.ask(x.float()).split(10, 1)
            sure = sure.clamp(-8.0, 8.0).exp()
            apart = functional.conv2d(sure, self.apart, None, 2, self.AWAY, 1, 10)
            return (self.mean(sure * told) + apart) / self.mean(sure)


class Detector(nn.Module):
    """Faces at strides 8, 16 and 32 with the outputs of YuNet.

    Takes N×3×H×W, BGR, 0..255, both sides multiples of 32. Gives `cls`, `obj`, `bbox`, `kps` for each stride, each
    N×(H/stride·W/stride)×(1|1|4|10); `cls` and `obj` are logits until `probabilities` is set for the export.
    """

    def __init__(self):
        super().__init__()
        self.probabilities = False
        self.stem = nn.Sequential(conv(3, 16, 3, 2), conv(16, 24, 3, 2))
        self.eighth = nn.Sequential(conv(24, 40, 3, 2), Bottleneck(40), Bottleneck(40))
        self.sixteenth = nn.Sequential(conv(40, 72, 3, 2), Bottleneck(72), Bottleneck(72), Bottleneck(72))
        self.thirtysecond = nn.Sequential(conv(72, 96, 3, 2), Bottleneck(96), Bottleneck(96))
        self.lateral = nn.ModuleList(nn.Conv2d(c, 48, 1) for c in (40, 72, 96))
        # Whether there is a face, and where exactly, are asked apart.
        self.whether = nn.ModuleList(nn.Sequential(conv(48, 24), nn.Conv2d(24, 2, 1)) for _ in STRIDES)
        self.where = nn.ModuleList(nn.Sequential(*tower) for tower in (
            (conv(48, 40), conv(40, 40)), (conv(48, 64), conv(64, 64)), (conv(48, 48),)
        ))
        self.box = nn.ModuleList(nn.Conv2d(wide, 4, 1) for wide in (40, 64, 48))
        # The smallest faces' landmarks are told by the cell itself, the others' by the votes of the map of half the stride.
        self.landmarks = nn.ModuleList([nn.Conv2d(40, 10, 1), Poll(40), Poll(64)])
        for whether in self.whether:
            nn.init.normal_(whether[1].weight, std=0.01)
            nn.init.constant_(whether[1].bias, -4.0)

    def maps(self, x):
        """Three maps a stride, N×channels×rows×columns: cls and obj (2), box (4), landmarks (10)."""
        x = self.stem((x - 127.5) / 64.0)
        levels = [self.eighth(x)]
        levels.append(self.sixteenth(levels[-1]))
        levels.append(self.thirtysecond(levels[-1]))
        levels = [lateral(level) for lateral, level in zip(self.lateral, levels)]
        for finer in (1, 0):
            levels[finer] = levels[finer] + functional.interpolate(levels[finer + 1], scale_factor=2.0, mode="nearest")
        levels = [functional.relu(level) for level in levels]
        places = [where(level) for level, where in zip(levels, self.where)]
        points = [tell(place) for tell, place in zip(self.landmarks, (places[0], *places[:2]))]
        boxes = [box(place) for box, place in zip(self.box, places)]
        return [(w(level), box, point) for w, level, box, point in zip(self.whether, levels, boxes, points)]

    def flat(self, maps):
        """The twelve outputs."""
        flat = [[m.flatten(2).transpose(1, 2) for m in level] for level in maps]
        parts = [[level[i][:, :, a:b] for level in flat] for i, a, b in PARTS.values()]
        if self.probabilities:
            parts[:2] = [[level.sigmoid() for level in part] for part in parts[:2]]
        return tuple(level for part in parts for level in part)

    def forward(self, x):
        return self.flat(self.maps(x))


class Pointers(nn.Module):
    """Heads that each look for something of their own in a map: where it is on average (2 numbers), and what is there (4)."""

    HEADS, TOLD = 48, 4

    def __init__(self, inputs, side):
        super().__init__()
        self.where = nn.Conv2d(inputs, self.HEADS, 1)
        self.what = nn.Conv2d(inputs, self.HEADS * self.TOLD, 1)
        at = torch.linspace(-2.0, 2.0, side)
        self.register_buffer("places", torch.stack([at.repeat(side), at.repeat_interleave(side)], 1))

    def forward(self, x):
        """N×(HEADS · 6)."""
        with torch.autocast("cpu", enabled=False):
            x = x.float()
            share = self.where(x).flatten(2).softmax(2)
            # Told of the mean of the map, for the mean of what each place tells is the same and takes three times as long.
            seen = share @ x.flatten(2).transpose(1, 2)
            weight, bias = self.what.weight.view(self.HEADS, self.TOLD, -1), self.what.bias.view(self.HEADS, self.TOLD)
            what = torch.einsum("nhc,htc->nht", seen, weight) + bias
            return torch.cat([(share @ self.places).flatten(1), what.flatten(1)], 1)


class Embedder(nn.Module):
    """An aligned face to 128 numbers.

    Takes N×3×112×112, RGB, normalised as the manifest says of MobileFaceNet; gives N×128, not of unit length.
    """

    def __init__(self):
        super().__init__()
        # Large patches and few channels first: most of the time goes where the maps are large. Channels, and half of them,
        # are multiples of 16, which processors fill whole.
        self.fine = nn.Sequential(conv(3, 32, 7, 4), Bottleneck(32), conv(32, 64, 3, 2), *(Bottleneck(64) for _ in range(5)))
        self.coarse = nn.Sequential(conv(64, 128, 3, 2), *(Bottleneck(128) for _ in range(4)), conv(128, 20, 1))
        self.pointers = Pointers(64, 14)
        self.linear = nn.Linear(20 * 49 + 6 * Pointers.HEADS, TEMPLATE_DIMENSION)

    def forward(self, x):
        fine = self.fine(x)
        return self.linear(torch.cat([self.coarse(fine).flatten(1).float(), self.pointers(fine)], 1))


def parameters(net):
    """How many numbers a network has."""
    return sum(p.numel() for p in net.parameters())
