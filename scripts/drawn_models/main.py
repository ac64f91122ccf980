"""Draws the data, trains both models, checks them against ONNX Runtime and writes them: see models/drawn.md."""

import argparse
import functools
import hashlib
import json
import multiprocessing
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch

import export
import measure
import train_detector
import train_embedder
from data import CloseUps, Scenes
from nets import parameters

SEED = 1
# Seeds of the albums; those of `mealpoint evaluate drawn` and of tests are others.
SCENES_SEED, CLOSE_UPS_SEED, CHECK_SEED = 101, 203, 401
# Masks are hard, and rarer in a canteen than this.
MASKED = 0.2
# Two trainings talk at once: by whole lines.
SAY = functools.partial(print, flush=True)


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


def make_detector(folders, steps, path):
    """Trains and writes the detector; gives what to say of it."""
    torch.set_num_threads(1)
    detector = train_detector.train(Scenes(folders), steps, SEED, SAY).to(memory_format=torch.contiguous_format)
    return finish(export.detector(detector), detector, torch.rand(1, 3, 256, 320) * 255, path)


def make_embedder(folders, steps, path):
    """Trains and writes the embedder; gives what to say of it."""
    torch.set_num_threads(1)
    close_ups = CloseUps(folders)
    embedder = train_embedder.train(close_ups, steps, SEED, SAY)
    features = train_embedder.features_of(embedder, close_ups, range(0, len(close_ups.pictures), 4))
    train_embedder.fold(embedder, *train_embedder.standard(features))
    embedder = embedder.to(memory_format=torch.contiguous_format)
    return finish(export.embedder(embedder), embedder, torch.randn(1, 3, 112, 112), path)


def finish(model, net, picture, path):
    """Checks and writes a model; gives its name, size and digest."""
    worst = export.write(model, net, picture, path)
    content = path.read_bytes()
    return (
        f"{path.name}: {parameters(net)} parameters, {len(content)} bytes, "
        f"sha256 {hashlib.sha256(content).hexdigest()}, off by {worst:.1g}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mealpoint", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    many = (lambda n: max(n // 50, 12)) if arguments.quick else (lambda n: n)
    if arguments.quick:
        arguments.work /= "quick"
    models = arguments.work if arguments.quick else arguments.models
    arguments.work.mkdir(parents=True, exist_ok=True)

    near = draw(arguments, "scenes-320", many(1500), 4, SCENES_SEED, "--size", "320x240", "--empty", many(6000))
    far = draw(arguments, "scenes-640", many(1800), 2, SCENES_SEED + 1, "--empty", many(2500))
    faces = draw(arguments, "close-ups", many(50_000), 2, CLOSE_UPS_SEED, "--close-up", "--masks", MASKED)
    # A processor each: the sums of one thread come out the same every time.
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        made = [
            pool.submit(make_embedder, [faces], many(24_000), models / "drawn-embedder.onnx"),
            pool.submit(make_detector, [near, far], many(42_000), models / "drawn-detector.onnx"),
        ]
        for model in made:
            print(model.result(), flush=True)

    check = draw(arguments, "check", many(150), 3, CHECK_SEED, "--empty", many(2000))
    print(json.dumps(measure.detector(models / "drawn-detector.onnx", Scenes([check])), indent=2))
    check = draw(arguments, "check-faces", many(2000), 4, CHECK_SEED + 1, "--close-up")
    print(json.dumps(measure.embedder(models / "drawn-embedder.onnx", CloseUps([check])), indent=2))


if __name__ == "__main__":
    main()
