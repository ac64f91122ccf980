"""Draws the data, trains both models, checks them against ONNX Runtime and writes them: see models/drawn.md."""

import argparse
import functools
import hashlib
import json
import multiprocessing
import os
import shlex
import shutil
import subprocess
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import torch

import export
import measure
import train_detector
import train_embedder
from data import CloseUps, Scenes, finished
from nets import parameters

SEED = 1
# Seeds of the albums; those of `mealpoint evaluate drawn` and of tests are others.
SCENES_SEED, CLOSE_UPS_SEED, CHECK_SEED = 101, 203, 401
# The share of the embedder's steps after which its second album joins the first.
JOINED = 0.35
# Masks are hard, and rarer in a canteen than this.
MASKED = 0.25
# The embedder takes longest: what goes on beside it gives way by so much, as `nice` counts.
GIVE_WAY = 5
# Two trainings talk at once: by whole lines.
SAY = functools.partial(print, flush=True)


def draw(arguments, name, people, frames, seed, *more):
    """A folder of drawn pictures, made unless it is there as it is asked for."""
    folder = arguments.work / name
    command = [arguments.mealpoint, "draw", "--people", people, "--frames", frames, "--seed", seed]
    command = [str(part) for part in [*command, "--format", "jpg", "--out", folder, *more]]
    mark = finished(folder)
    if not mark.exists() or mark.read_text() != shlex.join(command):
        shutil.rmtree(folder, ignore_errors=True)
        SAY(f"drawing {name}: {people} people, {frames} frames each")
        subprocess.run(["nice", "-n", str(GIVE_WAY), *command], check=True)
        mark.write_text(shlex.join(command))
    return folder


def make_detector(scenes, close_ups, steps, path):
    """Trains and writes the detector; gives what to say of it."""
    os.nice(GIVE_WAY)
    torch.set_num_threads(1)
    detector = train_detector.train(Scenes(scenes), Scenes(close_ups, packed=True), steps, SEED, SAY)
    detector = detector.to(memory_format=torch.contiguous_format)
    return finish(export.detector(detector), detector, torch.rand(1, 3, 256, 320) * 255, path)


def make_embedder(albums, steps, path):
    """Trains and writes the embedder; gives what to say of it."""
    torch.set_num_threads(1)
    embedder, close_ups = train_embedder.train(albums, steps, SEED, SAY)
    features = train_embedder.features_of(embedder, close_ups, range(0, len(close_ups.pictures), 8))
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

    close_ups = ("--close-up", "--masks", MASKED)
    steps = many(24_000)
    first = draw(arguments, "close-ups", many(20_000), 2, CLOSE_UPS_SEED, *close_ups)
    # A processor each: the sums of one thread come out the same every time.
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        try:
            # Both learn from the first people while others are drawn.
            albums = [(first, 0), (arguments.work / "more-close-ups", int(steps * JOINED))]
            embedder, detector = models / "drawn-embedder.onnx", models / "drawn-detector.onnx"
            learning = pool.submit(make_embedder, albums, steps, embedder)
            near = draw(arguments, "scenes-320", many(1500), 4, SCENES_SEED, "--size", "320x240", "--empty", many(6000))
            far = draw(arguments, "scenes-640", many(1800), 2, SCENES_SEED + 1, "--empty", many(2500))
            found = pool.submit(make_detector, [near, far], [first], many(22_000), detector)
            draw(arguments, "more-close-ups", many(16_000), 2, CLOSE_UPS_SEED + 1, *close_ups)
            # The detector is done first; what both are measured on is drawn while the embedder goes on.
            SAY(found.result())
            scenes = draw(arguments, "check", many(150), 3, CHECK_SEED, "--empty", many(1000))
            faces = draw(arguments, "check-faces", many(2000), 4, CHECK_SEED + 1, "--close-up")
            SAY(json.dumps(measure.detector(detector, Scenes([scenes])), indent=2))
            SAY(learning.result())
        except BaseException:
            # An embedder that waits for pictures would wait for ever.
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
    SAY(json.dumps(measure.embedder(embedder, CloseUps([faces])), indent=2))


if __name__ == "__main__":
    main()
