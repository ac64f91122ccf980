"""A quick measure of both models, after the fashion of the product (`mealpoint evaluate drawn` is the real one)."""

import cv2
import numpy as np
import onnxruntime

from data import align
from train_embedder import encode, views

STRIDES = (8, 16, 32)


def session(path):
    """A model on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def decode(outputs, columns, least):
    """Score, box and landmarks (16 numbers a row) of every cell that scores at least `least`, best first."""
    found = []
    for level, stride in enumerate(STRIDES):
        cls, obj, bbox, kps = (outputs[level + at][0] for at in (0, 3, 6, 9))
        score = np.sqrt(np.clip(cls, 0, 1) * np.clip(obj, 0, 1))[:, 0]
        cells = np.flatnonzero(score >= least)
        rows, places = np.divmod(cells, columns // stride)
        corner = np.stack([places, rows], 1)
        centre = (corner + bbox[cells, :2]) * stride
        size = np.exp(bbox[cells, 2:]) * stride
        points = (np.tile(corner, 5) + kps[cells]) * stride
        found.append(np.hstack([score[cells, None], centre - size / 2, size, points]))
    found = np.concatenate(found)
    return found[np.argsort(-found[:, 0])]


def overlap(one, many):
    """Intersection over union of one box with many."""
    low = np.maximum(one[:2], many[:, :2])
    high = np.minimum(one[:2] + one[2:], many[:, :2] + many[:, 2:])
    both = np.clip(high - low, 0, None).prod(1)
    return both / (one[2:].prod() + many[:, 2:].prod(1) - both)


def merge(found, least):
    """One row a face: see src/vision/decode.rs."""
    faces, peaks = [], np.zeros((0, 4))
    for peak in found[found[:, 0] >= least]:
        if len(peaks) and overlap(peak[1:5], peaks).max() > 0.3:
            continue
        peaks = np.vstack([peaks, peak[1:5]])
        same = found[overlap(peak[1:5], found[:, 1:5]) > 0.5]
        weight = same[:, :1] ** 2
        faces.append(np.hstack([peak[:1], (same[:, 1:] * weight).sum(0) / weight.sum()]))
    return np.array(faces).reshape(-1, 15)


def look(model, picture, matrix, width, height, least):
    """Faces of a view of the picture, in its pixels. `matrix` is (scale, right, down)."""
    scale, right, down = matrix
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    if right == down == 0 and scale < 1:
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=flags)
        shown = np.zeros((height, width, 3), np.uint8)
        shown[: small.shape[0], : small.shape[1]] = small
    else:
        while scale < 0.5:
            picture, scale = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), scale * 2
        shown = cv2.warpAffine(picture, np.array([[scale, 0, right], [0, scale, down]], float), (width, height))
    outputs = model.run(None, {"input": shown.astype(np.float32).transpose(2, 0, 1)[None]})
    faces = merge(decode(outputs, width, 0.3), least)
    scale = matrix[0]
    faces[:, 1:3] -= (right, down)
    faces[:, 5:] -= np.tile((right, down), 5)
    faces[:, 1:] /= scale
    return faces


def find(model, picture, least):
    """The faces of a frame, the widest looked at again: see src/vision/finder.rs."""
    height, width = picture.shape[:2]
    scale = min(320 / max(height, width), 1.0)
    padded = [int(np.ceil(int(side * scale) / 32)) * 32 for side in (width, height)]
    faces = look(model, picture, (scale, 0, 0), *padded, least)
    if len(faces):
        widest = faces[:, 3].argmax()
        face = faces[widest]
        zoom = 96 / max(face[3], 0.8 * face[4])
        centre = (face[1:3] + face[3:5] / 2) * zoom
        near = look(model, picture, (zoom, 80 - centre[0], 80 - centre[1]), 160, 160, least)
        if len(near):
            shared = overlap(face[1:5], near[:, 1:5])
            if shared.max() > 0.2:
                near = near[shared.argmax()]
                near[0] = max(near[0], face[0])
                faces[widest] = near
    return faces


def detector(path, scenes, least=0.3):
    """Recall at one false alarm per 1,000 empty frames, that score, and the landmarks' mean error in eye distances."""
    model = session(path)
    alarms = []
    for index in scenes.empty:
        faces = find(model, scenes.pictures[index], least)
        alarms.append(faces[:, 0].max() if len(faces) else 0.0)
    alarms = np.sort(alarms)[::-1]
    allowed = len(alarms) // 1000
    threshold = float(max(alarms[allowed], least)) + 1e-4 if len(alarms) else least
    scores, errors, small = [], [], []
    for index in scenes.with_faces:
        faces = find(model, scenes.pictures[index], least)
        # The nearest is drawn last and stands in nobody's shade.
        truth, box = scenes.landmarks[index][-1], scenes.boxes[index][-1]
        apart = np.hypot(*(truth[1] - truth[0]))
        score, error = 0.0, np.nan
        if len(faces):
            far = np.hypot(*(faces[:, 5:].reshape(-1, 5, 2) - truth).transpose(2, 0, 1)).mean(1) / apart
            if far.min() < 0.6:
                score, error = faces[far.argmin(), 0], far.min()
        scores.append(score)
        errors.append(error)
        small.append(box[2])
    scores = np.array(scores)
    return {
        "empty": len(alarms),
        "highest_alarms": [round(float(a), 3) for a in alarms[:5]],
        "threshold": round(threshold, 4),
        "faces": len(scores),
        "recall": round(float((scores >= threshold).mean()), 4),
        "recall_at": {str(t): round(float((scores >= t).mean()), 4) for t in (0.5, 0.6, 0.7, 0.8)},
        "landmark_error": round(float(np.nanmean(errors)), 4),
        "missed_widths_px": [round(float(w)) for w, s in zip(small, scores) if s < threshold][:20],
    }


def templates(path, close_ups, seed=11):
    """Unit templates of all close-ups, N×128."""
    model = session(path)
    chance = np.random.default_rng(seed)
    rows = []
    for index in range(len(close_ups.pictures)):
        rows.append(model.run(None, {"input": encode(views(close_ups, [index], chance)).contiguous().numpy()})[0][0])
    rows = np.array(rows)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def open_set(rows, person, masked, enrolled_frames=3, strangers=0.5):
    """FNIR at FPIR 0.1 % and 1 %, half of the people enrolled with three frames, the others strangers; `masked`: who wears a
    mask in which frame."""
    people = np.unique(person)
    known = people[: int(len(people) * (1 - strangers))]
    first = {p: np.flatnonzero(person == p) for p in people}
    enrolled = np.stack([rows[first[p][:enrolled_frames]] for p in known])
    centroids = enrolled.mean(1)
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    at = {p: i for i, p in enumerate(known)}

    def scores(probes):
        best = np.max([probes @ enrolled[:, k].T for k in range(enrolled.shape[1])], 0)
        return (best + probes @ centroids.T) / 2

    probes = np.concatenate([first[p][enrolled_frames:] for p in known])
    own = scores(rows[probes])
    right = np.array([at[p] for p in person[probes]])
    line = np.arange(len(probes))
    genuine = own[line, right].copy()
    own[line, right] = -1
    first_place = genuine > own.max(1)
    others = np.concatenate([first[p] for p in people[len(known) :]])
    wrong = np.sort(scores(rows[others]).max(1))[::-1] if len(others) else np.sort(own.max(1))[::-1]
    points = {}
    for rate in (0.01, 0.001):
        threshold = wrong[int(len(wrong) * rate)]
        missed = ~((genuine > threshold) & first_place)
        points[str(rate)] = {
            "threshold": round(float(threshold), 4),
            "fnir": round(float(missed.mean()), 4),
            "fnir_masked": round(float(missed[masked[probes]].mean()), 4),
            "fnir_unmasked": round(float(missed[~masked[probes]].mean()), 4),
        }
    return {
        "enrolled": len(known),
        "probes": len(probes),
        "masked_probes": int(masked[probes].sum()),
        "stranger_probes": len(wrong),
        "rank1": round(float(first_place.mean()), 4),
        "genuine_mean": round(float(genuine.mean()), 4),
        "points": points,
    }


def pairs(rows, person, rates=(1e-2, 1e-3, 1e-4, 1e-5)):
    """The calibration of models.toml: one picture against one, the similarity that keeps each false match rate."""
    alike = rows @ rows.T
    above = np.triu(np.ones_like(alike, bool), 1)
    same = person[:, None] == person[None, :]
    genuine, impostor = alike[same & above], np.sort(alike[~same & above])[::-1]
    points = []
    for rate in rates:
        threshold = float(impostor[int(len(impostor) * rate)])
        points.append({"fmr": rate, "similarity": round(threshold, 3), "tmr": round(float((genuine > threshold).mean()), 3)})
    return {
        "genuine_pairs": len(genuine),
        "impostor_pairs": len(impostor),
        "impostor_mean": round(float(impostor.mean()), 4),
        "points": points,
    }


def embedder(path, close_ups):
    """See `pairs` and `open_set`."""
    rows = templates(path, close_ups)
    person = np.array(close_ups.person)
    return {"calibration": pairs(rows, person), **open_set(rows, person, close_ups.masked)}
