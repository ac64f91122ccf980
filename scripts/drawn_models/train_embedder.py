"""Trains the embedder on close-ups.

Who a drawn person is stands in numbers in `people.jsonl`, so the network learns to read those numbers off a face, which
takes far fewer people than learning from names alone; a contrastive loss on the same batches keeps one person's frames
together. At the end the features' mean and deviation are folded into the last layer.
"""

import math
import random
import threading
import time
from queue import Queue

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from data import ALIGNED_PX, PARTING, TEMPLATE, similarity
from nets import TEMPLATE_DIMENSION, Embedder

MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
# The detector's error of a landmark, as a share of the eye distance, standard deviation.
LANDMARK_ERROR = 0.025


def encode(aligned):
    """Aligned BGR bytes (N×112×112×3) as the network takes them."""
    rgb = aligned[..., ::-1].astype(np.float32) / 255.0
    return torch.from_numpy(((rgb - MEAN) / DEVIATION).transpose(0, 3, 1, 2).copy())


def view(close_ups, index, chance, error=LANDMARK_ERROR):
    """The aligned face of a close-up, its landmarks off as a detector's are."""
    landmarks = close_ups.landmarks[index]
    apart = np.hypot(*(landmarks[1] - landmarks[0]))
    apart = max(apart, 0.7 * np.hypot(*((landmarks[3:] - landmarks[:2]).mean(0))))
    common = chance.normal(0, 0.6 * error * apart, 2)
    landmarks = landmarks + common + chance.normal(0, error * apart, (5, 2))
    matrix = similarity(landmarks, TEMPLATE)
    return cv2.warpAffine(close_ups.pictures[index], matrix, (ALIGNED_PX, ALIGNED_PX), flags=cv2.INTER_LINEAR)


def contrast(features, people, sharpness=12.0):
    """How well a frame finds the other frame of its person in the batch: cross entropy."""
    unit = functional.normalize(features, dim=1)
    alike = sharpness * unit @ unit.T
    alike = alike.masked_fill(torch.eye(len(unit), dtype=torch.bool), -1e4)
    same = (people[:, None] == people[None, :]) & ~torch.eye(len(unit), dtype=torch.bool)
    return -(functional.log_softmax(alike, 1) * same).sum(1).div(same.sum(1).clamp(min=1)).mean()


def train(close_ups, steps, seed, start_from=None, checkpoint=None, log=print, peak=3e-3, progress=None):
    """A trained embedder, its last layer not yet scaled. `progress` gives how much of the training is over, 0..1, by
    the step; the rate of learning follows it."""
    progress = progress or (lambda step: step / steps)
    torch.manual_seed(seed)
    net = Embedder().to(memory_format=torch.channels_last).train()
    names = close_ups.identities
    mean, deviation = names.mean(0), names.std(0).clip(0.05)
    reader = nn.Linear(TEMPLATE_DIMENSION, names.shape[1])
    norm = nn.BatchNorm1d(TEMPLATE_DIMENSION, affine=False)
    if start_from:
        state = torch.load(start_from)
        net.load_state_dict(state["net"])
        reader.load_state_dict(state["reader"])
        norm.load_state_dict(state["norm"])
    weights = [p for m in (net, reader) for p in m.parameters()]
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in weights if p.ndim > 1], "weight_decay": 0.01},
            {"params": [p for p in weights if p.ndim <= 1], "weight_decay": 0},
        ]
    )
    queue = Queue(4)

    def feed():
        dice = random.Random(seed)
        chance = np.random.default_rng(seed)
        people = [p for p, frames in close_ups.frames.items() if len(frames) > 1]
        at = len(people)
        for _ in range(steps):
            if at + 32 > len(people):
                dice.shuffle(people)
                at = 0
            chosen = people[at : at + 32]
            at += 32
            faces, goals, who = [], [], []
            for person in chosen:
                mirrored = dice.random() < 0.5
                for index in dice.sample(close_ups.frames[person], 2):
                    face = view(close_ups, index, chance)
                    goal = (names[person] - mean) / deviation
                    if mirrored:
                        face = face[:, ::-1]
                        goal = goal.copy()
                        goal[PARTING] = (-names[person][PARTING] - mean[PARTING]) / deviation[PARTING]
                    faces.append(face)
                    goals.append(goal)
                    who.append(person)
            gain = np.exp(chance.normal(0, 0.08, (len(faces), 1, 1, 3)))
            faces = np.clip(np.stack(faces) * gain, 0, 255)
            queue.put((encode(faces), torch.from_numpy(np.stack(goals)), torch.tensor(who)))

    threading.Thread(target=feed, daemon=True).start()
    begun = time.time()
    shown = []
    for step in range(steps):
        done = progress(step)
        if done >= 1:
            break
        rate = peak * min(1, (step + 1) / 100) * (0.5 + 0.5 * math.cos(math.pi * done)) + 1e-5
        for group in optimiser.param_groups:
            group["lr"] = rate
        faces, goals, who = queue.get()
        with torch.autocast("cpu", torch.bfloat16):
            features = net(faces.contiguous(memory_format=torch.channels_last))
        features = norm(features.float())
        error = (reader(features) - goals) ** 2
        reading, together = error.mean(), contrast(features, who)
        loss = reading + 0.15 * together
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 5.0)
        optimiser.step()
        shown.append((reading.item(), together.item()))
        if step % 50 == 49:
            reading, together = np.mean(shown[-50:], 0)
            log(f"embedder {step + 1}/{steps} {time.time() - begun:.0f} s reading {reading:.3f} contrast {together:.3f}")
        if checkpoint and step % 100 == 99:
            torch.save({"net": net.state_dict(), "reader": reader.state_dict(), "norm": norm.state_dict()}, checkpoint)
    return net.eval()


@torch.no_grad()
def features_of(net, close_ups, indices, seed=7, error=LANDMARK_ERROR):
    """What the network says of close-ups: len(indices)×128."""
    chance = np.random.default_rng(seed)
    parts = []
    for at in range(0, len(indices), 128):
        faces = np.stack([view(close_ups, int(i), chance, error) for i in indices[at : at + 128]])
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
