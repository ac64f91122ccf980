"""Trains the embedder on close-ups.

Who a drawn person is stands in numbers in `people.jsonl`, so the network learns to read those numbers off a face, which
takes far fewer people than learning from names alone. Beside that it tells the two frames of a person from those of
thousands of others, and names the person by a cosine with a margin (CosFace: H. Wang et al., CVPR 2018). What everybody's
template should be is not learned by heart, as it usually is, but made of their numbers: so it holds for people never seen
too. Somebody mirrored is the same, for a still's template is that of the face and of its mirror image together
(src/vision/eye.rs). At the end the features' mean and deviation are folded into the last layer.
"""

import random

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from data import ALIGNED_PX, TEMPLATE, similarity
from nets import TEMPLATE_DIMENSION, Embedder
from steps import ahead, learn_at, optimiser_of

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
# The detector's error of a landmark, as a share of the eye distance, standard deviation.
LANDMARK_ERROR = 0.03
# Faces are seen a little nearer and farther (src/vision/eye.rs): standard deviation of the size's logarithm.
ZOOM = 0.04


def encode(aligned, gain=np.ones((1, 3), np.float32)):
    """Aligned BGR bytes (N×112×112×3) as the network takes them, each picture's channels (N×3, RGB) times `gain`."""
    rgb = torch.from_numpy(aligned).permute(0, 3, 1, 2)[:, [2, 1, 0]].float()
    rgb = (rgb * torch.from_numpy(gain)[:, :, None, None]).clamp_(max=255)
    scale, shift = 1 / (255 * DEVIATION), MEAN / DEVIATION
    return rgb.mul_(torch.from_numpy(scale)[:, None, None]).sub_(torch.from_numpy(shift)[:, None, None])


def views(close_ups, indices, chance, error=LANDMARK_ERROR):
    """The aligned faces of close-ups (N×112×112×3), their landmarks off as a detector's are."""
    landmarks, many = close_ups.landmarks[indices], len(indices)
    wide = np.hypot(*(landmarks[:, 1] - landmarks[:, 0]).T)
    high = np.hypot(*(landmarks[:, 3:] - landmarks[:, :2]).mean(1).T)
    off = chance.normal(0, 0.6, (many, 1, 2)) + chance.normal(0, 1, (many, 5, 2))
    landmarks = landmarks + error * np.maximum(wide, 0.7 * high)[:, None, None] * off
    zoom, middle = np.exp(chance.normal(0, ZOOM, (many, 1, 1))), TEMPLATE.mean(0)
    turned = zip(indices, similarity(landmarks, middle + zoom * (TEMPLATE - middle)))
    return np.stack([cv2.warpAffine(close_ups.pictures[index], matrix, (ALIGNED_PX, ALIGNED_PX)) for index, matrix in turned])


class Contrast:
    """How well a frame finds the other frame of its person among the batch's and those of the last batches: cross entropy
    (X. Wang et al., Cross-Batch Memory, CVPR 2020)."""

    KEPT = 6144

    def __init__(self, sharpness=20.0):
        self.sharpness = sharpness
        self.kept, self.whose = torch.zeros(0, TEMPLATE_DIMENSION), torch.zeros(0, dtype=torch.long)

    def __call__(self, features, people):
        unit = functional.normalize(features)
        itself = torch.eye(len(unit), dtype=torch.bool)
        same = people[:, None] == people[None, :]
        near = (self.sharpness * unit @ unit.T).masked_fill(itself, -1e4)
        far = (self.sharpness * unit @ self.kept.T).masked_fill(people[:, None] == self.whose[None, :], -1e4)
        told = functional.log_softmax(torch.cat([near, far], 1), 1)[:, : len(unit)]
        self.kept = torch.cat([unit.detach(), self.kept])[: self.KEPT]
        self.whose = torch.cat([people, self.whose])[: self.KEPT]
        return -(told * (same & ~itself)).sum(1).mean()


class Names(nn.Module):
    """Cross entropy of naming a person among the batch's and some thousand others by what their numbers make of a template,
    the right one handicapped by a margin."""

    OTHERS = 2048

    def __init__(self, numbers, sharpness=30.0):
        super().__init__()
        self.numbers = numbers
        self.template = nn.Sequential(
            nn.Linear(numbers.shape[1], 512), nn.ReLU(inplace=True), nn.Linear(512, TEMPLATE_DIMENSION)
        )
        self.sharpness = sharpness

    def forward(self, features, people, margin):
        chosen = torch.cat([people, torch.randint(len(self.numbers), (self.OTHERS,))])
        chosen, place = chosen.unique(return_inverse=True)
        place = place[: len(people)]
        alike = functional.linear(functional.normalize(features), functional.normalize(self.template(self.numbers[chosen])))
        handicap = margin * functional.one_hot(place, len(chosen))
        return functional.cross_entropy(self.sharpness * (alike - handicap), place)


def batches(close_ups, steps, seed, mean, deviation):
    """Batches of 32 people with two frames each, every other one mirrored: faces as the network takes them, the people's
    numbers with mean 0 and deviation 1, and who they are."""
    dice, chance = random.Random(seed), np.random.default_rng(seed)
    people = [p for p, frames in close_ups.frames.items() if len(frames) > 1]
    numbers = close_ups.identities
    at = len(people)
    for _ in range(steps):
        if at + 32 > len(people):
            dice.shuffle(people)
            at = 0
        chosen = people[at : at + 32]
        at += 32
        frames = [dice.sample(close_ups.frames[person], 2) for person in chosen]
        faces = views(close_ups, [index for two in frames for index in two], chance)
        mirrored = chance.random(len(faces)) < 0.5
        faces[mirrored] = faces[mirrored, :, ::-1]
        gain = np.exp(chance.normal(0, 0.08, (len(faces), 3))).astype(np.float32)
        who = np.repeat(chosen, 2)
        goals = ((numbers[who] - mean) / deviation).astype(np.float32)
        yield encode(faces, gain), torch.from_numpy(goals), torch.from_numpy(who)


def train(close_ups, steps, seed, log=print):
    """A trained embedder, its last layer not yet scaled."""
    torch.manual_seed(seed)
    net = Embedder().to(memory_format=torch.channels_last).train()
    numbers = close_ups.identities
    mean, deviation = numbers.mean(0), numbers.std(0).clip(0.05)
    reader, names = nn.Linear(TEMPLATE_DIMENSION, numbers.shape[1]), Names(torch.from_numpy((numbers - mean) / deviation))
    norm = nn.BatchNorm1d(TEMPLATE_DIMENSION, affine=False)
    weights = [p for m in (net, reader) for p in m.parameters()]
    optimiser = optimiser_of(weights, 0.02)
    optimiser.add_param_group({"params": list(names.parameters()), "weight_decay": 0})
    contrast = Contrast()
    shown = []
    for step, (faces, goals, who) in enumerate(ahead(batches(close_ups, steps, seed, mean, deviation))):
        learn_at(optimiser, 3e-3, step, steps)
        with torch.autocast("cpu", torch.bfloat16):
            features = net(faces.contiguous(memory_format=torch.channels_last))
        features = norm(features.float())
        reading = ((reader(features) - goals) ** 2).mean()
        together = contrast(features, who)
        # Telling apart comes when there is something to tell by; earlier it only keeps the reading from being learned.
        later = min(1.0, max(0.0, (step / steps - 0.3) / 0.3))
        naming = names(features, who, 0.3 * later)
        optimiser.zero_grad()
        (2 * reading + later * (0.3 * together + 0.25 * naming)).backward()
        torch.nn.utils.clip_grad_norm_(weights, 5.0)
        optimiser.step()
        shown.append((reading.item(), together.item(), naming.item()))
        if step % 100 == 99:
            reading, together, naming = np.mean(shown[-100:], 0)
            log(f"embedder {step + 1}/{steps} reading {reading:.3f} contrast {together:.3f} naming {naming:.3f}")
    return net.eval()


@torch.no_grad()
def features_of(net, close_ups, indices, seed=7, error=LANDMARK_ERROR):
    """What the network says of close-ups: len(indices)×128."""
    chance = np.random.default_rng(seed)
    parts = []
    for at in range(0, len(indices), 128):
        faces = views(close_ups, indices[at : at + 128], chance, error)
        with torch.autocast("cpu", torch.bfloat16):
            parts.append(net(encode(faces).contiguous(memory_format=torch.channels_last)).float())
    return torch.cat(parts).numpy()


def standard(features):
    """Mean and matrix that give every feature mean 0 and deviation 1, as the losses saw them: (x − mean) · matrix."""
    return features.mean(0), np.diag(1 / features.std(0)).astype(np.float64)


def fold(net, mean, matrix):
    """Puts `standard`'s answer into the last layer."""
    weight, bias = net.linear.weight.data.double(), net.linear.bias.data.double()
    matrix = torch.from_numpy(matrix)
    net.linear.weight.data = (matrix.T @ weight).float()
    net.linear.bias.data = ((bias - torch.from_numpy(mean).double()) @ matrix).float()
