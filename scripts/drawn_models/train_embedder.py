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

from data import ALIGNED_PX, TEMPLATE, CloseUps, drawn, similarity
from nets import TEMPLATE_DIMENSION, Embedder
from steps import ahead, learn_at, optimiser_of

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
# The detector's errors: standard deviation across and down of left eye, right eye, tip of the nose, left and right corner of the
# mouth, as shares of the eye distance, on a face that shows all of them and on one that wears a mask. On faces that are hard to
# see it errs much more than on others: standard deviation of the errors' logarithm. It takes both corners of the mouth for lower
# or higher than they are together: the share of their errors' variance.
LANDMARK_ERRORS = np.array([
    [(0.014, 0.010), (0.014, 0.010), (0.028, 0.018), (0.020, 0.019), (0.020, 0.019)],
    [(0.016, 0.013), (0.016, 0.013), (0.042, 0.055), (0.065, 0.060), (0.065, 0.060)],
])
UNEVEN, TOGETHER = 0.55, 0.75
# The share of faces that reach out of the picture, which is black there; standard deviation of how far, in pixels of the aligned
# face; and how many times as much the detector errs.
CUT, CUT_PX, CUT_ERRORS = 0.25, 24, 1.6
# Faces are seen a little nearer and farther (src/vision/eye.rs): standard deviation of the size's logarithm.
ZOOM = 0.04


def encode(aligned, gain=None):
    """Aligned BGR bytes (N×112×112×3) as the network takes them, each picture's channels (N×3, RGB) times `gain`. In memory
    channels stay last, as convolutions like them best."""
    gain = np.ones((len(aligned), 3), np.float32) if gain is None else gain
    # What becomes of each of 256 values: N×256×3.
    values = np.minimum(np.arange(256, dtype=np.float32)[:, None] * gain[:, None], 255)
    values = (values / 255 - MEAN) / DEVIATION
    faces = [cv2.LUT(cv2.cvtColor(face, cv2.COLOR_BGR2RGB), to[None]) for face, to in zip(aligned, values)]
    return torch.from_numpy(np.stack(faces)).permute(0, 3, 1, 2)


def displaced(landmarks, masked, uneven, chance):
    """Landmarks (N×5×2) as a detector sees them, whose errors are `uneven` (N) times the usual ones."""
    across = landmarks[:, 1] - landmarks[:, 0]
    wide = np.hypot(*across.T)
    across /= wide[:, None]
    high = np.hypot(*(landmarks[:, 3:] - landmarks[:, :2]).mean(1).T)
    off = chance.normal(0, 1, (len(landmarks), 5, 2))
    off[:, 3:, 1] = TOGETHER**0.5 * chance.normal(0, 1, (len(landmarks), 1)) + (1 - TOGETHER) ** 0.5 * off[:, 3:, 1]
    off *= LANDMARK_ERRORS[masked.astype(int)] * (uneven * np.maximum(wide, 0.7 * high))[:, None, None]
    down = np.stack([-across[:, 1], across[:, 0]], 1)
    return landmarks + off[:, :, :1] * across[:, None] + off[:, :, 1:] * down[:, None]


def cut(picture, turn, side, depth):
    """The picture without what reaches into the aligned face by `depth` pixels of it, from the left, the right, above or below,
    and the similarity `turn` that aligns what is left."""
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * ALIGNED_PX - turn[:, 2]
    corners = corners @ np.linalg.inv(turn[:, :2]).T
    axis, far = divmod(side, 2)
    depth = depth / np.hypot(*turn[0, :2])
    at = int(corners[:, axis].max() - depth if far else corners[:, axis].min() + depth)
    at = min(max(at, 1), picture.shape[1 - axis] - 1)
    if far:
        return (picture[:, :at] if axis == 0 else picture[:at]), turn
    gone = np.array([at, 0] if axis == 0 else [0, at])
    return (picture[:, at:] if axis == 0 else picture[at:]), np.column_stack([turn[:, :2], turn[:, 2] + turn[:, :2] @ gone])


def views(close_ups, indices, chance):
    """The aligned faces of close-ups (N×112×112×3) as the product would see them: their landmarks off as a detector's are, now
    and then reaching out of the picture, more often below than elsewhere."""
    many = len(indices)
    is_cut = chance.random(many) < CUT
    uneven = np.exp(chance.normal(0, UNEVEN, many)) * np.where(is_cut, CUT_ERRORS, 1)
    landmarks = displaced(close_ups.landmarks[indices], close_ups.masked[indices], uneven, chance)
    zoom, middle = np.exp(chance.normal(0, ZOOM, (many, 1, 1))), TEMPLATE.mean(0)
    turns = similarity(landmarks, middle + zoom * (TEMPLATE - middle))
    sides, depths = chance.choice(4, many, p=(0.2, 0.2, 0.2, 0.4)), np.abs(chance.normal(0, CUT_PX, many))
    faces = []
    for index, turn, is_cut, side, depth in zip(indices, turns, is_cut, sides, depths):
        picture = close_ups.pictures[index]
        if is_cut:
            picture, turn = cut(picture, turn, side, depth)
        faces.append(cv2.warpAffine(picture, turn, (ALIGNED_PX, ALIGNED_PX)))
    return np.stack(faces)


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
    """Cross entropy of naming a person by what the numbers of everybody make of a template, among the batch's people, those
    who look most like them, and some others; the right one handicapped by a margin."""

    OTHERS = 512
    # So many of those who look most like a person among so many people, sought again after so many calls.
    ALIKE, SOUGHT, EVERY = 16, 8192, 1000

    def __init__(self, many, sharpness=30.0):
        super().__init__()
        # Of everybody drawn so far: people × many.
        self.numbers = torch.zeros(0, many)
        self.template = nn.Sequential(
            nn.Linear(many, 512), nn.ReLU(inplace=True), nn.Linear(512, TEMPLATE_DIMENSION)
        )
        self.sharpness, self.calls = sharpness, 0

    def templates(self, people):
        """Of length 1."""
        return functional.normalize(self.template(self.numbers[people]))

    @torch.no_grad()
    def seek(self):
        """Who looks most like whom: people × ALIKE."""
        everybody = self.templates(slice(None))
        among = torch.randperm(len(everybody))[: self.SOUGHT]
        wanted = everybody[among].T
        alike = [(some @ wanted).topk(min(self.ALIKE, len(among))).indices for some in everybody.split(1024)]
        return among[torch.cat(alike)]

    def forward(self, features, people, margin):
        if self.calls % self.EVERY == 0 or len(self.alike) < len(self.numbers):
            self.alike = self.seek()
        self.calls += 1
        others = torch.randint(len(self.numbers), (self.OTHERS,))
        chosen, place = torch.cat([people, self.alike[people].flatten(), others]).unique(return_inverse=True)
        place = place[: len(people)]
        alike = functional.linear(functional.normalize(features), self.templates(chosen))
        handicap = margin * functional.one_hot(place, len(chosen))
        return functional.cross_entropy(self.sharpness * (alike - handicap), place)


def batches(close_ups, steps, dice, chance, numbers):
    """So many batches of 32 people with two frames each, every other one mirrored: faces as the network takes them, the people's
    numbers and who they are."""
    people = [p for p, frames in close_ups.frames.items() if len(frames) > 1]
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
        who = torch.from_numpy(np.repeat(chosen, 2))
        yield encode(faces, gain), numbers[who], who


def train(albums, steps, seed, log=print):
    """A trained embedder, its last layer not yet scaled, and the close-ups that it was trained on: `albums` are folders of them
    and the step from which on each is used, the first one's 0; a folder that is still being drawn is waited for."""
    torch.manual_seed(seed)
    dice, chance = random.Random(seed), np.random.default_rng(seed)
    net = Embedder().to(memory_format=torch.channels_last).train()
    close_ups = CloseUps([drawn(albums[0][0])])
    mean, deviation = close_ups.identities.mean(0), close_ups.identities.std(0).clip(0.05)
    many = len(mean)
    reader, names = nn.Linear(TEMPLATE_DIMENSION, many), Names(many)
    norm = nn.BatchNorm1d(TEMPLATE_DIMENSION, affine=False)
    weights = [p for m in (net, reader) for p in m.parameters()]
    optimiser = optimiser_of(weights, 0.02)
    optimiser.add_param_group({"params": list(names.parameters()), "weight_decay": 0})
    contrast = Contrast()
    shown = []
    ends = [first for _, first in albums[1:]] + [steps]
    for (folder, first), last in zip(albums, ends):
        if first:
            close_ups.add(drawn(folder))
        names.numbers = torch.from_numpy((close_ups.identities - mean) / deviation)
        seen = batches(close_ups, last - first, dice, chance, names.numbers)
        for step, (faces, goals, who) in enumerate(ahead(seen), first):
            learn_at(optimiser, 3e-3, step, steps)
            with torch.autocast("cpu", torch.bfloat16):
                features = net(faces)
            features = norm(features.float())
            reading = ((reader(features) - goals) ** 2).mean()
            loss, said = 2.5 * reading, {"reading": reading}
            # Telling apart comes when there is something to tell by; earlier it only keeps the reading from being learned.
            later = min(1.0, (step / steps - 0.3) / 0.3)
            if later > 0:
                said["contrast"], said["naming"] = contrast(features, who), names(features, who, 0.3 * later)
                loss = loss + later * (0.3 * said["contrast"] + 0.25 * said["naming"])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 5.0)
            optimiser.step()
            shown.append({name: part.item() for name, part in said.items()})
            if step % 100 == 99:
                means = {name: np.mean([part[name] for part in shown[-100:] if name in part]) for name in said}
                log(f"embedder {step + 1}/{steps} " + " ".join(f"{name} {mean:.3f}" for name, mean in means.items()))
    return net.eval(), close_ups


@torch.no_grad()
def features_of(net, close_ups, indices, seed=7):
    """What the network says of close-ups: len(indices)×128."""
    chance = np.random.default_rng(seed)
    parts = []
    for at in range(0, len(indices), 128):
        faces = views(close_ups, indices[at : at + 128], chance)
        with torch.autocast("cpu", torch.bfloat16):
            parts.append(net(encode(faces)).float())
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
