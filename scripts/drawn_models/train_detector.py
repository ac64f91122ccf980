"""Trains the detector on drawn scenes, a quarter of it at every scale, so that a face of any distance is found, the rest close to,
where the landmarks come from; most of that on close-ups, of which there are far more people."""

import math
import random

import cv2
import numpy as np
import torch
from torch.nn import functional

from measure import decode, merge
from nets import STRIDES, Detector
from steps import ahead, average_of, learn_at, optimiser_of

# Faces of these widths, counted in strides, are the task of a stride; neighbours share some.
REACH = (1.6, 7.0)
# Faces of these widths are neither asked for nor refused; whatever answers must say rightly where the face is, for the
# product averages all answers that agree on a box (src/vision/decode.rs).
HEARD = (1.1, 11.0)
# Cells farther than this from the middle of a face, in strides, have no say in where it is: what they learn is not as exact,
# and learning it costs the others.
SAY = 2.5
# Narrower faces are neither wanted nor refused.
LEAST_PX = 11.0
# Share of searches with nobody in them, for what hangs on the walls is made to look like faces.
EMPTY = 0.35
# The product's closer looks (src/vision/finder.rs): width of the face, and side of the part of the look that is enough to
# learn by. A head that is tilted by more than this, radians, is looked at upright.
LOOKS = {128: 96, 256: 200}
LEVEL = 0.14
# What only looks like a face is looked at closer too, and should then be seen through: the share of such looks, the score from
# which on the product takes the closer look at a still, and when, in shares of the training, the detector is asked what looks
# like a face by now.
MISTAKEN, GLIMPSE, ASKED = 0.2, 0.25, (0.3, 0.6)
# The share of the other closer looks that is taken in close-ups, by their sides: those show no face as large as the larger look.
CLOSE_UPS = {128: 0.8, 256: 0.5}
# The share of these that is cut off, black from there on as beyond the edge of a picture: how much of the face at most.
CUT, CUT_OFF = 0.25, 0.4


def size_of(box):
    """A face turned away is narrower, not smaller."""
    return max(box[2], 0.8 * box[3])


def upright_box(box, roll):
    """Width and height of the box of a face that was turned by `roll` and is upright now, taking faces for ellipses."""
    turned, still = math.sin(roll) ** 2, math.cos(roll) ** 2
    w2, h2 = box[2] ** 2, box[3] ** 2
    sure = max(still - turned, 0.3)
    wide, high = (w2 * still - h2 * turned) / sure, (h2 * still - w2 * turned) / sure
    return math.sqrt(max(wide, 0.4 * w2)), math.sqrt(max(high, 0.4 * h2))


def chosen(scenes, dice):
    """A picture with faces, and which of them."""
    index = dice.choice(scenes.with_faces)
    return index, dice.randrange(len(scenes.boxes[index]))


def look(scenes, close_ups, dice, side, mistaken):
    """As the product looks again at a face it has found, or at one of the `mistaken`: `side`×`side`, boxes and landmarks."""
    if mistaken and dice.random() < MISTAKEN:
        index, box, roll = dice.choice(mistaken)
        scale = math.exp(dice.gauss(0, 0.12)) * LOOKS[side] / size_of(box)
        turn = -roll if abs(roll) > LEVEL else 0.0
        return mirrored(dice, *shown(scenes, index, side, box[:2] + box[2:] / 2, (side / 2, side / 2), scale, turn))
    close, edge = dice.random() < CLOSE_UPS[side], None
    scenes = close_ups if close else scenes
    index, face = chosen(scenes, dice)
    box, landmarks = scenes.boxes[index][face], scenes.landmarks[index][face]
    if close and dice.random() < CUT:
        edge = edge_of(dice, box)
    across = landmarks[1] - landmarks[0] + landmarks[4] - landmarks[3]
    roll = math.atan2(across[1], across[0]) + dice.gauss(0, 0.04)
    turn = -roll if abs(roll) > LEVEL else 0.0
    wide = math.exp(dice.gauss(0, 0.12)) * LOOKS[side]
    scale = min(wide / size_of(box), 5.0)
    place = [side / 2 + dice.gauss(0, 0.05) * wide for _ in range(2)]
    picture, boxes, landmarks = shown(scenes, index, side, box[:2] + box[2:] / 2, place, scale, turn, edge)
    # Faces beside it are turned with it; their boxes hardly matter here.
    return mirrored(dice, picture, boxes[[face]], landmarks[[face]]) if turn else mirrored(dice, picture, boxes, landmarks)


def search(scenes, dice, side):
    """As the product searches a frame, or nobody: `side`×`side`, boxes and landmarks."""
    if scenes.empty and dice.random() < EMPTY:
        index = dice.choice(scenes.empty)
        picture = scenes.pictures[index]
        scale = math.exp(dice.uniform(math.log(0.3), math.log(2.0)))
        centre = (dice.uniform(0, picture.shape[1]), dice.uniform(0, picture.shape[0]))
        place = (side / 2, side / 2)
    else:
        index, face = chosen(scenes, dice)
        box = scenes.boxes[index][face]
        centre = box[:2] + box[2:] / 2
        wide = math.exp(dice.uniform(math.log(0.09), math.log(1.25))) * side
        scale = min(wide / size_of(box), 2.6)
        place = (dice.uniform(0.1, 0.9) * side, dice.uniform(0.1, 0.9) * side)
    return mirrored(dice, *shown(scenes, index, side, centre, place, scale, 0.0))


def edge_of(dice, box):
    """Rows and columns that are left of a picture which ends in the face at `box` or just beside it, most often below."""
    axis, far = dice.choice(((0, False), (0, True), (1, False), (1, True), (1, True)))
    share = dice.uniform(-0.3, CUT_OFF)
    at = max(int(box[axis] + box[2 + axis] * (1 - share if far else share)), 1)
    left = slice(at) if far else slice(at, None)
    return (slice(None), left) if axis == 0 else (left, slice(None))


def shown(scenes, index, side, centre, place, scale, turn, edge=None):
    """The picture with its point `centre` at `place`, `scale` times as large and turned by `turn` radians, black but for the
    rows and columns `edge`."""
    picture, boxes, landmarks = scenes.pictures[index], scenes.boxes[index], scenes.landmarks[index]
    if edge is not None:
        kept = np.zeros_like(picture)
        kept[edge] = picture[edge]
        picture = kept
    while scale < 0.5:
        picture = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        scale, centre = scale * 2, (centre[0] / 2, centre[1] / 2)
        boxes, landmarks = boxes / 2, landmarks / 2
    c, s = scale * math.cos(turn), scale * math.sin(turn)
    matrix = np.array([[c, -s], [s, c]])
    move = np.asarray(place) - matrix @ centre
    if len(boxes):
        centres = (boxes[:, :2] + boxes[:, 2:] / 2) @ matrix.T + move
        sizes = scale * np.array([upright_box(box, -turn) for box in boxes])
        boxes = np.concatenate([centres - sizes / 2, sizes], 1).astype(np.float32)
        landmarks = (landmarks @ matrix.T + move).astype(np.float32)
    # Truth counts from the upper left corner of the first pixel, OpenCV from its middle.
    middle = move + matrix @ (0.5, 0.5) - 0.5
    picture = cv2.warpAffine(picture, np.hstack([matrix, middle[:, None]]), (side, side), flags=cv2.INTER_LINEAR)
    return picture, boxes, landmarks


def mirrored(dice, picture, boxes, landmarks):
    """Every other one mirrored."""
    if dice.random() < 0.5:
        side = picture.shape[1]
        picture = picture[:, ::-1]
        boxes = boxes.copy()
        boxes[:, 0] = side - boxes[:, 0] - boxes[:, 2]
        landmarks = landmarks[:, [1, 0, 2, 4, 3]]
        landmarks[:, :, 0] = side - landmarks[:, :, 0]
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
            inside = ((far_x < w * 0.45) & (far_y < h * 0.45) & (away < SAY)) | near
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


def batch(scenes, close_ups, dice, side, count, mistaken):
    """A batch as the network takes it, with its targets."""
    if side in LOOKS:
        crops = [look(scenes, close_ups, dice, side, mistaken) for _ in range(count)]
    else:
        crops = [search(scenes, dice, side) for _ in range(count)]
    gain = np.exp(np.random.default_rng(dice.getrandbits(32)).uniform(-0.25, 0.25, (count, 1, 1, 1))).astype(np.float32)
    pictures = torch.from_numpy(np.stack([c[0] for c in crops])).float()
    pictures.mul_(torch.from_numpy(gain)).clamp_(max=255)
    goals = [targets(c[1], c[2], side) for c in crops]
    goals = [torch.from_numpy(np.stack(part)) for part in zip(*goals)]
    # In memory channels stay last, as convolutions like them best.
    return pictures.permute(0, 3, 1, 2), *goals


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
    error = (points - goal[:, 4:]).abs() / torch.maximum(goal[:, 2:3], 0.8 * goal[:, 3:4])
    # Beside the plain error its logarithm (wing loss: Z. Feng et al., CVPR 2018), so that small errors go on shrinking.
    loss_points = ((10 * error + 0.5 * torch.log1p(error / 0.01)).mean(1) * weight).sum()
    error = error.mean(1)
    positives = positive.float()
    counts = counted.float()
    loss_cls = functional.binary_cross_entropy_with_logits(cls[:, :, 0], positives, counts, reduction="sum") / number
    loss_obj = functional.binary_cross_entropy_with_logits(obj[:, :, 0], positives, counts, reduction="sum") / number
    error = (error * weight).sum()
    text = f"cls {loss_cls:.3f} obj {loss_obj:.3f} iou {(iou * weight).sum():.3f} points {error:.4f}"
    return loss_cls + loss_obj + 2 * loss_box + 4 * loss_points, text


# Side and number of the pictures of one batch after another.
ROUND = [(128, 32), (256, 8), (160, 24), (128, 32), (128, 32), (256, 8), (128, 32), (320, 6)]


def batches(scenes, close_ups, steps, dice, mistaken):
    """Batches with the number of the step and the side of their pictures."""
    for step in steps:
        side, count = ROUND[step % len(ROUND)]
        yield step, side, *batch(scenes, close_ups, dice, side, count, mistaken)


@torch.no_grad()
def taken_for_faces(net, scenes):
    """What the detector takes for faces in the empty pictures, searched as the product searches a still
    (src/vision/finder.rs): picture, box, roll."""
    mistaken = []
    for index in scenes.empty:
        picture = scenes.pictures[index]
        for longest in (320, 640):
            scale = longest / max(picture.shape[:2])
            if scale > 1:
                continue
            seen = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
            seen = np.pad(seen, [(0, -side % 32) for side in seen.shape[:2]] + [(0, 0)])
            outputs = net(torch.from_numpy(seen.transpose(2, 0, 1)[None].astype(np.float32)))
            for face in merge(decode([o.numpy() for o in outputs], seen.shape[1], GLIMPSE), GLIMPSE)[:24]:
                across = face[7:9] - face[5:7]
                mistaken.append((index, face[1:5] / scale, math.atan2(across[1], across[0])))
    return mistaken


def train(scenes, close_ups, steps, seed, log=print):
    """A trained detector: the running average of its weights."""
    torch.manual_seed(seed)
    net = Detector().to(memory_format=torch.channels_last).train()
    averaged = average_of(net).eval()
    averaged.module.probabilities = True
    optimiser = optimiser_of(list(net.parameters()), 1e-3)
    grids = {side: places(side) for side, _ in ROUND}
    dice, mistaken = random.Random(seed), []
    parts = [0, *(int(steps * share) for share in ASKED), steps]
    for first, last in zip(parts, parts[1:]):
        if first:
            mistaken = taken_for_faces(averaged.module, scenes)
            log(f"detector {first}/{steps}: takes {len(mistaken)} places in {len(scenes.empty)} empty pictures for faces")
        for step, side, pictures, *goals in ahead(batches(scenes, close_ups, range(first, last), dice, mistaken)):
            learn_at(optimiser, 2e-3, step, steps)
            with torch.autocast("cpu", torch.bfloat16):
                maps = net.maps(pictures)
            loss, text = loss_of(net.flat(maps), *goals, grids[side])
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 10.0)
            optimiser.step()
            averaged.update_parameters(net)
            if step % 300 < len(ROUND):
                log(f"detector {step}/{steps} {side} px: loss {loss:.3f} {text}")
    return averaged.module
