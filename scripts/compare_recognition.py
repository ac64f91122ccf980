"""The true match rates of scripts/compare-recognition, ours and the plain pipeline's.

Each person's photos are compared clean against spoiled, every photo with every other; a photo never with itself spoiled.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from compare_opencv import ROOT, Peer, into_frame

# One in so many impostor pairs may pass.
FALSE_MATCHES = 1000


def turned(degrees):
    """Tilted about its middle, nothing cut off, grey around."""

    def spoil(picture):
        height, width = picture.shape[:2]
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        c, s = abs(matrix[0, 0]), abs(matrix[0, 1])
        size = int(height * s + width * c), int(height * c + width * s)
        matrix[:, 2] += (size[0] - width) / 2, (size[1] - height) / 2
        return cv2.warpAffine(picture, matrix, size, borderValue=(90, 90, 90))

    return spoil


def small(picture):
    """A third of the size and back, as somebody far away."""
    height, width = picture.shape[:2]
    return cv2.resize(cv2.resize(picture, None, fx=1 / 3, fy=1 / 3, interpolation=cv2.INTER_AREA), (width, height))


def far(picture):
    """In the middle of a frame four times as wide."""
    height, width = picture.shape[:2]
    frame = np.full((3 * height, 4 * width, 3), 90, np.uint8)
    frame[height : 2 * height, 3 * width // 2 : 3 * width // 2 + width] = picture
    return frame


def covered(picture):
    """The lower two fifths covered, as by a mask; photos are about the face."""
    out = picture.copy()
    out[int(0.6 * len(out)) :] = (190, 190, 180)
    return out


SPOILED = {
    "as they are": lambda picture: picture,
    "tilted by 20°": turned(20),
    "tilted by 35°": turned(35),
    "on their side": turned(90),
    "an eighth of the light": lambda picture: picture // 8,
    "overexposed": lambda picture: np.clip(picture * 1.9 + 25, 0, 255).astype(np.uint8),
    "blurred": lambda picture: cv2.GaussianBlur(picture, None, 0.012 * max(picture.shape)),
    "a third of the size": small,
    "far away": far,
    "lower part covered": covered,
}


def pairs_of(people):
    """Number of the clean photo, number of the spoiled one, and whether these are of one person."""
    return [(a, b, people[a] == people[b]) for a in range(len(people)) for b in range(len(people)) if a != b]


def ours(folder, pairs):
    """`mealpoint evaluate pairs`: true match rate, pairs without a template."""
    with open(folder / "pairs.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path_a", "path_b", "same"])
        rows.writerows((f"clean/{a:04}.png", f"spoiled/{b:04}.png", int(same)) for a, b, same in pairs)
    command = [str(ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release/mealpoint"), "--json", "evaluate", "pairs"]
    command += ["--models", "real", "--pairs", str(folder / "pairs.csv"), "--pictures", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"compare-recognition: {done.stderr.strip()}")
    points = json.loads(done.stdout)["tmr_at_fmr"]
    return next(point["tmr"] for point in points if abs(point["fmr"] * FALSE_MATCHES - 1) < 1e-6)


def plain(clean, spoiled, pairs):
    """The peer's true match rate."""
    scores = {True: [], False: []}
    for a, b, same in pairs:
        scores[same].append(-1.0 if clean[a] is None or spoiled[b] is None else float(clean[a] @ spoiled[b]))
    impostors = np.sort(scores[False])[::-1]
    return float((np.array(scores[True]) > impostors[len(impostors) // FALSE_MATCHES]).mean())


def main():
    photos = sorted(path for path in (Path(sys.argv[1]) / "people").glob("*/*") if path.is_file())
    pictures = [cv2.imread(str(path)) for path in photos]
    people = [path.parent.name for path, picture in zip(photos, pictures) if picture is not None]
    pictures = [picture for picture in pictures if picture is not None]
    pairs = pairs_of(people)
    print(f"{len(pictures)} photos of {len(set(people))} people, {len(pairs)} pairs, {sum(p[2] for p in pairs)} of one person")
    peer = Peer(0, 1, 1)
    clean = [peer.template(into_frame(picture)) for picture in pictures]
    behind = False
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        (folder / "clean").mkdir()
        (folder / "spoiled").mkdir()
        for at, picture in enumerate(pictures):
            cv2.imwrite(str(folder / f"clean/{at:04}.png"), picture)
        for name, spoil in SPOILED.items():
            spoiled = [spoil(picture) for picture in pictures]
            for at, picture in enumerate(spoiled):
                cv2.imwrite(str(folder / f"spoiled/{at:04}.png"), picture)
            left = ours(folder, pairs)
            right = plain(clean, [peer.template(into_frame(picture)) for picture in spoiled], pairs)
            behind |= left < right - 0.01
            print(f"{name:24} ours {left:.3f}  OpenCV + numpy {right:.3f}", flush=True)
    return 1 if behind else 0


if __name__ == "__main__":
    sys.exit(main())
