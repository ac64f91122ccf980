"""Trains the detector on drawn scenes: crops at every scale, so that a face of any distance is found."""

import math
import random

import cv2
import numpy as np
import torch
from torch.nn import functional

from nets import STRIDES, Detector
from steps import ahead, average_of, learn_at, optimiser_of

# Faces of these widths, counted in strides, are the task of a stride; neighbours share some.
REACH = (1.6, 7.0)
# Faces of these widths are neither asked for nor refused; whatever answers must say rightly where the face is, for the
# product averages all answers that agree on a box (src/vision/decode.rs).
HEARD = (1.1, 11.0)
# Narrower faces are neither wanted nor refused.
LEAST_PX = 11.0
# Share of crops with nobody in them, for what hangs on the walls is made to look like faces.
EMPTY = 0.25
# Width of a face in the product's closer looks, a share of their sides (src/vision/finder.rs).
LOOK = 0.6


def size_of(box):
    """A face turned away is narrower, not smaller."""
    return max(box[2], 0.8 * box[3])


def crop(scenes, dice, side):
    """One training picture `side`×`side` and its faces: boxes, landmarks, and whether each counts."""
    if scenes.empty and dice.random() < EMPTY:
        index = dice.choice(scenes.empty)
        picture = scenes.pictures[index]
        scale = math.exp(dice.uniform(math.log(0.3), math.log(2.0)))
        centre = (dice.uniform(0, picture.shape[1]), dice.uniform(0, picture.shape[0]))
        place = (side / 2, side / 2)
    else:
        index = dice.choice(scenes.with_faces)
        picture = scenes.pictures[index]
        box = scenes.boxes[index][dice.randrange(len(scenes.boxes[index]))]
        centre = (box[0] + box[2] / 2, box[1] + box[3] / 2)
        if dice.random() < 0.5:
            # As the product looks again at a face it has found.
            wide = math.exp(dice.gauss(0, 0.12)) * LOOK * side
            scale = min(wide / size_of(box), 5.0)
            place = (side / 2 + dice.gauss(0, 0.05) * side, side / 2 + dice.gauss(0, 0.05) * side)
        else:
            wide = math.exp(dice.uniform(math.log(0.09), math.log(1.25))) * side
            scale = min(wide / size_of(box), 2.6)
            place = (dice.uniform(0.1, 0.9) * side, dice.uniform(0.1, 0.9) * side)
    boxes, landmarks = scenes.boxes[index], scenes.landmarks[index]
    while scale < 0.5:
        picture = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        scale, centre = scale * 2, (centre[0] / 2, centre[1] / 2)
        boxes, landmarks = boxes / 2, landmarks / 2
    matrix = np.array([[scale, 0, place[0] - scale * centre[0]], [0, scale, place[1] - scale * centre[1]]])
    move = matrix[:, 2].astype(np.float32)
    boxes = np.concatenate([boxes[:, :2] * scale + move, boxes[:, 2:] * scale], 1)
    landmarks = landmarks * scale + move
    picture = cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_LINEAR)
    if dice.random() < 0.5:
        picture = picture[:, ::-1]
        boxes = boxes.copy()
        boxes[:, 0] = side - boxes[:, 0] - boxes[:, 2]
        landmarks = landmarks[:, [1, 0, 2, 4, 3]]
        landmarks[:, :, 0] = side - 1 - landmarks[:, :, 0]
    return picture, boxes, landmarks


def targets(boxes, landmarks, side):
    """For every cell of every stride: label (1, 0, or -1 for neither), box (centre and size) and landmarks in pixels, and
    how much these weigh."""
    labels, wanted, weights = [], [], []
    for stride in STRIDES:
        cells = side // stride
        label = np.zeros((cells, cells), np.float32)
        weight = np.zeros((cells, cells), np.float32)
        value = np.zeros((cells, cells, 14), np.float32)
        nearest = np.full((cells, cells), np.inf, np.float32)
        at = np.arange(cells, dtype=np.float32) * stride
        for box, points in zip(boxes, landmarks):
            x, y, w, h = box
            centre_x, centre_y = x + w / 2, y + h / 2
            seen = max(0, min(x + w, side) - max(x, 0)) * max(0, min(y + h, side) - max(y, 0)) / (w * h)
            size = size_of(box) / stride
            if seen <= 0 or not HEARD[0] <= size <= HEARD[1]:
                continue
            far_x, far_y = np.abs(at - centre_x)[None, :], np.abs(at - centre_y)[:, None]
            away = np.maximum(far_x, far_y) / stride
            near = away < min(max(0.3 * size, 0.6), 1.5)
            inside = ((far_x < w * 0.45) & (far_y < h * 0.45)) | near
            mine = inside & (away < nearest)
            nearest[mine] = away[mine]
            value[mine] = np.concatenate([[centre_x, centre_y, w, h], points.reshape(-1)])
            # Around the centre cells there is doubt, which costs nothing.
            label[mine] = -1
            weight[mine] = 0.5 if seen > 0.6 else 0
            if seen > 0.6 and REACH[0] <= size <= REACH[1] and size_of(box) >= LEAST_PX:
                label[mine & near] = 1
                weight[mine & near] = 1
        labels.append(label.reshape(-1))
        weights.append(weight.reshape(-1))
        wanted.append(value.reshape(-1, 14))
    return np.concatenate(labels), np.concatenate(wanted), np.concatenate(weights)


def batch(scenes, dice, side, count):
    """A batch as the network takes it, with its targets."""
    crops = [crop(scenes, dice, side) for _ in range(count)]
    pictures = np.stack([c[0] for c in crops]).astype(np.float32)
    gain = np.exp(np.random.default_rng(dice.getrandbits(32)).uniform(-0.25, 0.25, (count, 1, 1, 1))).astype(np.float32)
    pictures = np.clip(pictures * gain, 0, 255)
    goals = [targets(c[1], c[2], side) for c in crops]
    goals = [torch.from_numpy(np.stack(part)) for part in zip(*goals)]
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()), *goals


def places(side):
    """Column, row and stride of every cell, in the order of the targets."""
    parts = []
    for stride in STRIDES:
        cells = side // stride
        rows, columns = np.divmod(np.arange(cells * cells), cells)
        parts.append(np.stack([columns, rows, np.full_like(rows, stride)], 1))
    return torch.from_numpy(np.concatenate(parts).astype(np.float32))


def overlap(centre, size, wanted_centre, wanted_size):
    """Intersection over union of boxes given by centre and size."""
    low = torch.maximum(centre - size / 2, wanted_centre - wanted_size / 2)
    high = torch.minimum(centre + size / 2, wanted_centre + wanted_size / 2)
    both = (high - low).clamp(min=0).prod(-1)
    return both / (size.prod(-1) + wanted_size.prod(-1) - both).clamp(min=1e-6)


def loss_of(outputs, labels, wanted, weights, grid):
    """Sum of the four losses, and a description."""
    cls, obj, bbox, kps = (torch.cat(outputs[i : i + 3], 1).float() for i in (0, 3, 6, 9))
    positive, counted, told = labels == 1, labels >= 0, weights > 0
    number = positive.sum().clamp(min=1)
    grid = grid.expand(len(labels), -1, -1)[told]
    stride = grid[:, 2:]
    goal, weight = wanted[told], weights[told] / weights.sum().clamp(min=1)
    offset = bbox[told]
    centre = (grid[:, :2] + offset[:, :2]) * stride
    size = offset[:, 2:].clamp(max=6).exp() * stride
    iou = overlap(centre, size, goal[:, :2], goal[:, 2:4])
    encoded = torch.cat([goal[:, :2] / stride - grid[:, :2], (goal[:, 2:4] / stride).log()], 1)
    near = functional.smooth_l1_loss(offset, encoded, beta=0.1, reduction="none").mean(1)
    loss_box = ((1 - iou + near) * weight).sum()
    points = (grid[:, :2].repeat(1, 5) + kps[told]) * stride
    error = ((points - goal[:, 4:]).abs() / torch.maximum(goal[:, 2:3], 0.8 * goal[:, 3:4])).mean(1)
    # Beside the plain error its logarithm (wing loss: Z. Feng et al., CVPR 2018), so that small errors go on shrinking.
    loss_points = ((10 * error + 0.5 * torch.log1p(error / 0.01)) * weight).sum()
    positives = positive.float()
    counts = counted.float()
    loss_cls = functional.binary_cross_entropy_with_logits(cls[:, :, 0], positives, counts, reduction="sum") / number
    quality = torch.zeros_like(positives)
    quality[told] = iou.detach().clamp(0, 1) ** 0.5
    quality = quality * positives
    loss_obj = functional.binary_cross_entropy_with_logits(obj[:, :, 0], quality, counts, reduction="sum") / number
    error = (error * weight).sum()
    text = f"cls {loss_cls:.3f} obj {loss_obj:.3f} iou {(iou * weight).sum():.3f} points {error:.4f}"
    return loss_cls + loss_obj + 2 * loss_box + 3 * loss_points, text


def batches(scenes, steps, seed):
    """Batches with the side of their pictures: five of 160×160 and one of 320×320 in turn."""
    dice = random.Random(seed)
    for step in range(steps):
        side, count = (320, 6) if step % 6 == 5 else (160, 24)
        yield side, *batch(scenes, dice, side, count)


def train(scenes, steps, seed, log=print):
    """A trained detector: the running average of its weights."""
    torch.manual_seed(seed)
    net = Detector().to(memory_format=torch.channels_last).train()
    averaged = average_of(net)
    optimiser = optimiser_of(list(net.parameters()), 1e-3)
    grids = {side: places(side) for side in (160, 320)}
    for step, (side, pictures, *goals) in enumerate(ahead(batches(scenes, steps, seed))):
        learn_at(optimiser, 2e-3, step, steps)
        with torch.autocast("cpu", torch.bfloat16):
            maps = net.maps(pictures.contiguous(memory_format=torch.channels_last))
        loss, text = loss_of(net.flat(maps), *goals, grids[side])
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        optimiser.step()
        averaged.update_parameters(net)
        if step % 100 == 0:
            log(f"detector {step}/{steps} loss {loss:.3f} {text}")
    return averaged.module.eval()
