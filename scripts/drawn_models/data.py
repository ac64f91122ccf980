"""What `mealpoint draw` wrote, read back."""

import json
import multiprocessing
import time
from pathlib import Path

import cv2
import numpy as np

# Where the landmarks of an aligned face lie (src/vision/align.rs).
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float64
)
ALIGNED_PX = 112

SHAPE = """head_width jaw_width chin_width chin_length cheekbones cheek_fullness brow_ridge jowls eye_spacing eye_width
eye_opening eye_tilt eye_depth eye_bags lid_fold brow_height brow_weight brow_tilt brow_arch nose_length nose_width
nose_bridge nose_tip mouth_width mouth_height upper_lip lower_lip mouth_corners ear_size ear_angle""".split()
DETAILS = """brow_length brow_gap brow_density brow_grey lid_hood iris_dark dark_rings frown_lines forehead_lines smile_folds
cheek_hollows cheek_patches nose_redness lip_colour""".split()
STYLES = "cropped parted swept_back receding ring bald permed bob bun".split()
BEARDS = "none stubble moustache goatee full".split()


def lines(path):
    """The JSON lines of a file; a last line cut short is left out."""
    for line in Path(path).read_text().splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return


def finished(folder):
    """The file that stands in a folder once everything in it is drawn, and says by which command."""
    return Path(folder) / "drawn"


def drawn(folder):
    """The folder, once it is; whoever draws it must be alive."""
    draws = multiprocessing.parent_process()
    while not finished(folder).exists():
        if draws is not None and not draws.is_alive():
            raise SystemExit(f"{folder} is not drawn, and nobody draws it any more")
        time.sleep(1)
    return folder


def identity(portrait):
    """What of a portrait makes the face, as numbers. Clothes, caps and glasses come and go and are left out, and so is the
    side of the parting, for the mirror has it on the other."""
    skin, hair = portrait["skin"], portrait["hair"]
    numbers = [portrait["shape"][name] for name in SHAPE]
    numbers += [portrait["details"][name] for name in DETAILS]
    numbers += [float(portrait["sex"] == "male"), portrait["age"]]
    numbers += [skin[name] for name in ("tone", "warmth", "wrinkles", "spots")]
    numbers += [hair[name] for name in ("grey", "density", "line")]
    numbers += [float(hair["style"] == style) for style in STYLES]
    numbers += [float(hair["beard"] == beard) for beard in BEARDS]
    return np.array(numbers, np.float32)


def similarity(landmarks, to=TEMPLATE):
    """The 2×3 similarity that brings `landmarks` (5×2) closest to `to` (S. Umeyama, PAMI 13(4), 1991), or one for each
    of many (N×5×2)."""
    a, b = landmarks.mean(-2, keepdims=True), to.mean(-2, keepdims=True)
    p, q = landmarks - a, to - b
    spread = (p * p).sum((-2, -1))
    c = (p * q).sum((-2, -1)) / spread
    s = (p[..., 0] * q[..., 1] - p[..., 1] * q[..., 0]).sum(-1) / spread
    turn = np.stack([np.stack([c, -s], -1), np.stack([s, c], -1)], -2)
    return np.concatenate([turn, b.swapaxes(-2, -1) - turn @ a.swapaxes(-2, -1)], -1)


def align(picture, landmarks):
    """The aligned face, 112×112, bilinear, black outside the picture."""
    matrix = similarity(np.asarray(landmarks, np.float64))
    return cv2.warpAffine(picture, matrix, (ALIGNED_PX, ALIGNED_PX), flags=cv2.INTER_LINEAR)


class Pictures:
    """Pictures read when first asked for, and kept."""

    def __init__(self):
        self.paths, self.parts, self.kept = [], [], {}

    def append(self, path, part=(0, 0, None, None)):
        """One more, or a part of it: left, top, right, bottom."""
        self.paths.append(path)
        self.parts.append(part)

    def __len__(self):
        return len(self.paths)

    def __getitem__(self, index):
        if index not in self.kept:
            left, top, right, bottom = self.parts[index]
            self.kept[index] = cv2.imread(str(self.paths[index]))[top:bottom, left:right].copy()
        return self.kept[index]


class Scenes:
    """Whole pictures with their faces."""

    def __init__(self, folders):
        self.pictures, self.boxes, self.landmarks = Pictures(), [], []
        for folder in map(Path, folders):
            for line in lines(folder / "truth.jsonl"):
                self.pictures.append(folder / line["file"])
                faces = line["faces"]
                self.boxes.append(np.array([f["box"] for f in faces], np.float32).reshape(-1, 4))
                self.landmarks.append(np.array([f["landmarks"] for f in faces], np.float32).reshape(-1, 5, 2))
        self.with_faces = [i for i, boxes in enumerate(self.boxes) if len(boxes)]
        self.empty = [i for i, boxes in enumerate(self.boxes) if not len(boxes)]


class CloseUps:
    """What alignment needs of close-ups, with landmarks and who it is."""

    # What of an aligned face's surroundings is kept, on each side: landmarks err, and faces are shown farther.
    MARGIN_PX = 14

    def __init__(self, folders):
        self.pictures, self.landmarks, self.person = Pictures(), np.zeros((0, 5, 2)), []
        self.masked = np.zeros(0, bool)
        self.identities, self.frames = np.zeros((0, 0), np.float32), {}
        for folder in folders:
            self.add(folder)

    def add(self, folder):
        """The close-ups of one more folder, all of other people."""
        folder, first = Path(folder), len(self.identities)
        identities = np.stack([identity(line["portrait"]) for line in lines(folder / "people.jsonl")])
        self.identities = np.concatenate([self.identities, identities]) if first else identities
        added = list(lines(folder / "truth.jsonl"))
        landmarks = np.array([line["faces"][0]["landmarks"] for line in added], np.float64)
        low, high = -self.MARGIN_PX, ALIGNED_PX + self.MARGIN_PX
        corners = np.array([[low, low], [high, low], [low, high], [high, high]], np.float64)
        turn = similarity(landmarks)
        around = (corners - turn[:, None, :, 2]) @ np.linalg.inv(turn[:, :, :2]).swapaxes(1, 2)
        start = np.maximum(np.floor(around.min(1)), 0).astype(int)
        end = np.ceil(around.max(1)).astype(int)
        for line, (left, top), (right, bottom) in zip(added, start.tolist(), end.tolist()):
            person = first + line["faces"][0]["identity"]
            self.frames.setdefault(person, []).append(len(self.pictures))
            self.pictures.append(folder / line["file"], (left, top, right, bottom))
            self.person.append(person)
        self.masked = np.concatenate([self.masked, [line["faces"][0]["mask"] for line in added]])
        self.landmarks = np.concatenate([self.landmarks, landmarks - start[:, None]])
