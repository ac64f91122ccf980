"""The peer of `mealpoint bench vision`: FaceDetectorYN at 640x480, similarity warp, MobileFaceNet, numpy search.

Run by scripts/compare-opencv. Both sides see the same picture, scaled into 640x480, search a gallery of the same size and
take turns, so that a busy machine is busy for both.
"""

import argparse
import json
import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import cv2
import numpy as np
import onnxruntime

ROOT = Path(__file__).resolve().parent.parent
FRAME = (640, 480)
LIMIT = 0.6
TEMPLATE = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]], np.float32
)


def model_path(model_id):
    """The file of a model of models/models.toml, in the folders that the kiosk looks in, then the mirror of set-up."""
    manifest = tomllib.loads((ROOT / "models/models.toml").read_text())
    card = next(card for card in manifest["model"] if card["id"] == model_id)
    name = card["file"]
    folders = [ROOT / ".mealpoint/models", Path(os.environ.get("MEALPOINT_MODEL_MIRROR") or "."), ROOT / "../shared/models"]
    for folder in folders:
        if (folder / name).is_file():
            return str(folder / name)
    sys.exit(f"compare-opencv: {name} is missing; remedy: put {card['source']} into .mealpoint/models under that name")


def into_frame(picture):
    """As large as fits into 640x480, black around: what `bench vision` does."""
    height, width = picture.shape[:2]
    scale = min(FRAME[0] / width, FRAME[1] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)
    frame = np.zeros((FRAME[1], FRAME[0], 3), np.uint8)
    left, top = (FRAME[0] - size[0]) // 2, (FRAME[1] - size[1]) // 2
    frame[top : top + size[1], left : left + size[0]] = small
    return frame


def similarity(landmarks):
    """Umeyama's least-squares similarity onto the template, as a 2x3 matrix."""
    source, target = landmarks - landmarks.mean(0), TEMPLATE - TEMPLATE.mean(0)
    spread = (source**2).sum()
    a = (source * target).sum() / spread
    b = (source[:, 0] * target[:, 1] - source[:, 1] * target[:, 0]).sum() / spread
    turn = np.array([[a, -b], [b, a]])
    return np.hstack([turn, (TEMPLATE.mean(0) - turn @ landmarks.mean(0))[:, None]])


class Peer:
    """The usual way to do it in Python."""

    def __init__(self, threads, people, templates):
        cv2.setNumThreads(threads or -1)
        self.detector = cv2.FaceDetectorYN.create(model_path("yunet-640"), "", FRAME, 0.8, 0.3, 5000)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or 0
        self.embedder = onnxruntime.InferenceSession(model_path("mobilefacenet"), options, ["CPUExecutionProvider"])
        self.input = self.embedder.get_inputs()[0].name
        gallery = np.random.default_rng(1).standard_normal((people * templates, 128), np.float32)
        self.gallery = gallery / np.linalg.norm(gallery, axis=1, keepdims=True)
        self.mean = np.array([0.485, 0.456, 0.406], np.float32)
        self.deviation = np.array([0.229, 0.224, 0.225], np.float32)

    def template(self, frame):
        """Unit template of the widest face of a picture of the detector's size, or None without a face."""
        _, faces = self.detector.detect(frame)
        if faces is None:
            return None
        face = faces[faces[:, 2].argmax()]
        aligned = cv2.warpAffine(frame, similarity(face[4:14].reshape(5, 2)), (112, 112))
        rgb = cv2.cvtColor(aligned, cv2.COLOR_BGR2RGB).astype(np.float32) / 255.0
        tensor = ((rgb - self.mean) / self.deviation).transpose(2, 0, 1)[None]
        vector = self.embedder.run(None, {self.input: np.ascontiguousarray(tensor)})[0][0]
        return vector / np.linalg.norm(vector)

    def frame(self, frame):
        """One frame; returns the index of the best template, or None without a face."""
        vector = self.template(frame)
        if vector is None:
            return None
        scores = self.gallery @ vector
        best = np.argpartition(scores, -2)[-2:]
        return int(best[scores[best].argmax()])

    def median_ms(self, frame, frames):
        for _ in range(20):
            if self.frame(frame) is None:
                sys.exit("compare-opencv: the peer sees no face in the picture; name other --pictures")
        times = []
        for _ in range(frames):
            started = time.perf_counter()
            self.frame(frame)
            times.append(time.perf_counter() - started)
        return 1e3 * float(np.median(times))


def ours(arguments, threads):
    """`mealpoint bench vision` in a process of its own."""
    command = [str(ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release/mealpoint"), "--json", "bench", "vision"]
    command += ["--pictures", arguments.pictures, "--frames", str(arguments.frames)]
    command += ["--people", str(arguments.people), "--templates", str(arguments.templates)]
    command += ["--threads", str(threads)] if threads else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"compare-opencv: {done.stderr.strip()}")
    return json.loads(done.stdout)


def peer(arguments, threads, picture):
    """The peer in a process of its own, so that both sides start alike and threads are set once."""
    command = [sys.executable, __file__, "--peer", picture, "--threads", str(threads)]
    command += ["--frames", str(arguments.frames), "--people", str(arguments.people), "--templates", str(arguments.templates)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"compare-opencv: {done.stderr.strip()}")
    return float(done.stdout)


def main():
    default = os.environ.get("MEALPOINT_FACES") or str(ROOT / "../shared/faces")
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", default=str(Path(default) / "people"))
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--people", type=int, default=5000)
    parser.add_argument("--templates", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.peer:
        frame = into_frame(cv2.imread(arguments.peer))
        print(Peer(arguments.threads, arguments.people, arguments.templates).median_ms(frame, arguments.frames))
        return 0
    worst = 0.0
    for threads in (1, 0):
        left, right, bare, search = [], [], [], []
        for _ in range(arguments.rounds):
            report = ours(arguments, threads)
            left.append(report["ms"]["total"]["p50"])
            bare.append(report["ratio_to_bare_models"])
            search.append(report["ms"]["search"]["p50"])
            right.append(peer(arguments, threads, report["picture"]))
        ratio = float(np.median(left) / np.median(right))
        worst = max(worst, ratio)
        print(
            f"{'1 thread' if threads else 'as shipped'}: ours {np.median(left):.2f} ms (search {np.median(search):.3f} ms, "
            f"{np.median(bare):.2f} x its bare models), OpenCV + numpy {np.median(right):.2f} ms, ratio {ratio:.2f}"
        )
    print(f"worst ratio {worst:.2f}, limit {LIMIT}")
    return 0 if worst <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
