"""The two networks, plain convolutions throughout: processors run them best."""

import torch
from torch import nn
from torch.nn import functional

STRIDES = (8, 16, 32)
TEMPLATE_DIMENSION = 128
# Where each output stands in the maps of a stride: which map, first and last channel.
PARTS = {"cls": (0, 0, 1), "obj": (0, 1, 2), "bbox": (1, 0, 4), "kps": (1, 4, 14)}


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
        # Whether there is a face, and where exactly, are asked apart. The closer looks are answered by the coarser two.
        self.whether = nn.ModuleList(nn.Sequential(conv(48, 24), nn.Conv2d(24, 2, 1)) for _ in STRIDES)
        self.where = nn.ModuleList(
            nn.Sequential(nn.Sequential(conv(48, wide), conv(wide, wide)), nn.Conv2d(wide, 14, 1)) for wide in (32, 64, 64)
        )
        for whether in self.whether:
            nn.init.normal_(whether[1].weight, std=0.01)
            nn.init.constant_(whether[1].bias, -4.0)

    def maps(self, x):
        """Two maps a stride: N×2×rows×columns with cls and obj, N×14×rows×columns with box (4) and landmarks (10)."""
        x = self.stem((x - 127.5) / 64.0)
        levels = [self.eighth(x)]
        levels.append(self.sixteenth(levels[-1]))
        levels.append(self.thirtysecond(levels[-1]))
        levels = [lateral(level) for lateral, level in zip(self.lateral, levels)]
        for finer in (1, 0):
            levels[finer] = levels[finer] + functional.interpolate(levels[finer + 1], scale_factor=2.0, mode="nearest")
        levels = [functional.relu(level) for level in levels]
        return [(a(level), b(level)) for level, a, b in zip(levels, self.whether, self.where)]

    def flat(self, maps):
        """The twelve outputs."""
        flat = [[m.flatten(2).transpose(1, 2) for m in level] for level in maps]
        parts = [[level[i][:, :, a:b] for level in flat] for i, a, b in PARTS.values()]
        if self.probabilities:
            parts[:2] = [[level.sigmoid() for level in part] for part in parts[:2]]
        return tuple(level for part in parts for level in part)

    def forward(self, x):
        return self.flat(self.maps(x))


class Embedder(nn.Module):
    """An aligned face to 128 numbers.

    Takes N×3×112×112, RGB, normalised as the manifest says of MobileFaceNet; gives N×128, not of unit length.
    """

    def __init__(self):
        super().__init__()
        # Large patches first: most of the time goes where the maps are large.
        self.body = nn.Sequential(
            conv(3, 48, 7, 4),
            Bottleneck(48),
            conv(48, 72, 3, 2),
            *(Bottleneck(72) for _ in range(4)),
            conv(72, 128, 3, 2),
            *(Bottleneck(128) for _ in range(4)),
            conv(128, 20, 1),
        )
        self.linear = nn.Linear(20 * 49, TEMPLATE_DIMENSION)

    def forward(self, x):
        return self.linear(self.body(x).flatten(1))


def parameters(net):
    """How many numbers a network has."""
    return sum(p.numel() for p in net.parameters())
