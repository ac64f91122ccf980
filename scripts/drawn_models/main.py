"""Draws the data, trains both models, checks them against ONNX Runtime and writes them: see models/drawn.md."""

import argparse
import hashlib
import json
import random
import shutil
import subprocess
from pathlib import Path

import numpy as np
import torch

import export
import measure
import train_detector
import train_embedder
from data import CloseUps, Scenes

SEED = 1
# Seeds of the albums; those of `mealpoint evaluate drawn` and of tests are others.
SCENES_SEED, CLOSE_UPS_SEED, CHECK_SEED = 101, 201, 401


def draw(arguments, name, people, frames, seed, *more):
    """A folder of drawn pictures, made unless it is there."""
    folder = arguments.work / name
    if not (folder / "drawn").exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"drawing {name}: {people} people, {frames} frames each", flush=True)
        command = [arguments.mealpoint, "draw", "--people", people, "--frames", frames, "--seed", seed]
        subprocess.run([str(part) for part in [*command, "--format", "jpg", "--out", folder, *more]], check=True)
        (folder / "drawn").touch()
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mealpoint", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    many = (lambda n: max(n // 50, 12)) if arguments.quick else (lambda n: n)
    models = arguments.work if arguments.quick else arguments.models

    random.seed(SEED)
    np.random.seed(SEED)
    torch.use_deterministic_algorithms(True, warn_only=True)

    near = draw(arguments, "scenes-320", many(1400), 4, SCENES_SEED, "--size", "320x240")
    far = draw(arguments, "scenes-640", many(350), 3, SCENES_SEED + 1, "--empty", many(1500))
    detector = train_detector.train(Scenes([near, far]), many(8000), SEED).to(memory_format=torch.contiguous_format)
    detector.probabilities = True
    made = [(export.detector(detector), detector, torch.rand(1, 3, 256, 320) * 255, "drawn-detector.onnx")]

    faces = draw(arguments, "close-ups", many(3300), 6, CLOSE_UPS_SEED, "--close-up")
    close_ups = CloseUps([faces])
    embedder = train_embedder.train(close_ups, many(9000), SEED)
    features = train_embedder.features_of(embedder, close_ups, range(0, len(close_ups.pictures), 4))
    train_embedder.fold(embedder, *train_embedder.standard(features))
    embedder = embedder.to(memory_format=torch.contiguous_format)
    made.append((export.embedder(embedder), embedder, torch.randn(1, 3, 112, 112), "drawn-embedder.onnx"))

    for model, net, picture, name in made:
        worst = export.write(model, net, picture, models / name)
        content = (models / name).read_bytes()
        print(f"{name}: {len(content)} bytes, sha256 {hashlib.sha256(content).hexdigest()}, off by {worst:.1g}")

    check = draw(arguments, "check", many(150), 3, CHECK_SEED, "--empty", many(2000))
    print(json.dumps(measure.detector(models / "drawn-detector.onnx", Scenes([check])), indent=2))
    check = draw(arguments, "check-faces", many(1000), 6, CHECK_SEED + 1, "--close-up")
    print(json.dumps(measure.embedder(models / "drawn-embedder.onnx", CloseUps([check])), indent=2))


if __name__ == "__main__":
    main()
