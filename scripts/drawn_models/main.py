"""Draws the data, trains both models, checks them against ONNX Runtime and writes them: see models/drawn.md."""

import argparse
import functools
import hashlib
import json
import multiprocessing
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
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


class Albums:
    """Folders of drawn pictures, each made unless it is there as this program would make it; what is not is removed at once.
    The program may be built anew meanwhile: a copy of it draws."""

    def __init__(self, mealpoint, work, many):
        def album(people, frames, seed, *more):
            return ["draw", "--people", many(people), "--frames", frames, "--seed", seed, "--format", "jpg", *more]

        near = ("--close-up", "--masks", MASKED)
        self.work, self.mealpoint = work, work / "mealpoint"
        shutil.copy2(mealpoint, work / "mealpoint.new")
        (work / "mealpoint.new").replace(self.mealpoint)
        self.program = hashlib.sha256(self.mealpoint.read_bytes()).hexdigest()
        self.commands = {
            "close-ups": album(20_000, 2, CLOSE_UPS_SEED, *near),
            "more-close-ups": album(16_000, 2, CLOSE_UPS_SEED + 1, *near),
            "scenes-320": album(1500, 4, SCENES_SEED, "--size", "320x240", "--empty", many(6000)),
            "scenes-640": album(1800, 2, SCENES_SEED + 1, "--empty", many(2500)),
            "check": album(150, 3, CHECK_SEED, "--empty", many(1000)),
            "check-faces": album(2000, 4, CHECK_SEED + 1, "--close-up"),
        }
        for name in self.commands:
            mark = finished(work / name)
            if not mark.exists() or mark.read_text() != self.made_by(name):
                mark.unlink(missing_ok=True)
                shutil.rmtree(work / name, ignore_errors=True)

    def made_by(self, name):
        """What stands in the mark of an album that is whole."""
        return shlex.join([*map(str, self.commands[name]), self.program])

    def draw(self, name, *meanwhile):
        """The folder, with everything in it; what goes on `meanwhile` must not have failed."""
        for work in meanwhile:
            if work.done():
                work.result()
        folder = self.work / name
        if not finished(folder).exists():
            SAY(f"drawing {name}: {shlex.join(map(str, self.commands[name][1:]))}")
            command = [self.mealpoint, *self.commands[name], "--out", folder]
            subprocess.run(["nice", "-n", str(GIVE_WAY), *map(str, command)], check=True)
            finished(folder).write_text(self.made_by(name))
        return folder


def make_detector(scenes, close_ups, steps, path):
    """Trains and writes the detector; gives what to say of it."""
    os.nice(GIVE_WAY)
    torch.set_num_threads(1)
    detector = train_detector.train(Scenes(scenes), Scenes(close_ups), steps, SEED, SAY)
    detector = detector.to(memory_format=torch.contiguous_format)
    scene = Scenes(scenes[:1])
    picture = scene.pictures[scene.with_faces[0]][:224]
    picture = torch.from_numpy(picture).permute(2, 0, 1)[None].float().contiguous()
    return finish(export.detector(detector), detector, picture, path)


def make_embedder(albums, steps, path):
    """Trains and writes the embedder; gives what to say of it."""
    torch.set_num_threads(1)
    embedder, close_ups = train_embedder.train(albums, steps, SEED, SAY)
    features = train_embedder.features_of(embedder, close_ups, range(0, len(close_ups.pictures), 8))
    train_embedder.fold(embedder, *train_embedder.standard(features))
    embedder = embedder.to(memory_format=torch.contiguous_format)
    face = train_embedder.encode(train_embedder.views(close_ups, [0], np.random.default_rng(SEED)))
    return finish(export.embedder(embedder), embedder, face.contiguous(), path)


def finish(model, net, picture, path):
    """Checks and writes a model; gives its name, size and digest."""
    worst = export.write(model, net, picture, path)
    content = path.read_bytes()
    return (
        f"{path.name}: {parameters(net)} parameters, {len(content)} bytes, "
        f"sha256 {hashlib.sha256(content).hexdigest()}, off by {worst:.1g}"
    )


def install(made, models):
    """Puts both models in their place at once, and their digests into the manifest beside them."""
    manifest = models / "models.toml"
    text = manifest.read_text()
    for path in made:
        content = path.read_bytes()
        card = re.compile(rf'(file = "{path.name}"\n(?:.*\n)*?sha256 = ")\w+("\nbytes = )\d+')
        text, found = card.subn(rf"\g<1>{hashlib.sha256(content).hexdigest()}\g<2>{len(content)}", text)
        if found != 1:
            raise SystemExit(f"{manifest}: no card of {path.name} with sha256 and bytes after it; remedy: put it back")
    for path in made:
        shutil.copy2(path, models / f"{path.name}.part")
    for path in made:
        (models / f"{path.name}.part").replace(models / path.name)
    manifest.write_text(text)


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
    arguments.work.mkdir(parents=True, exist_ok=True)
    # As an interruption from the keyboard: the workers end too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("interrupted"))

    albums = Albums(arguments.mealpoint, arguments.work, many)
    steps = many(25_500)
    first = albums.draw("close-ups")
    # A processor each: the sums of one thread come out the same every time.
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        try:
            # Both learn from the first people while others are drawn.
            lessons = [(first, 0), (arguments.work / "more-close-ups", int(steps * JOINED))]
            embedder, detector = (arguments.work / f"drawn-{role}.onnx" for role in ("embedder", "detector"))
            learning = pool.submit(make_embedder, lessons, steps, embedder)
            scenes = [albums.draw(name, learning) for name in ("scenes-320", "scenes-640")]
            found = pool.submit(make_detector, scenes, [first], many(26_000), detector)
            albums.draw("more-close-ups", learning, found)
            # The detector is done first; what both are measured on is drawn while the embedder goes on.
            SAY(found.result())
            check, faces = (albums.draw(name, learning) for name in ("check", "check-faces"))
            SAY(json.dumps(measure.detector(detector, Scenes([check])), indent=2))
            SAY(learning.result())
        except BaseException:
            # An embedder that waits for pictures would wait for ever.
            for worker in multiprocessing.active_children():
                worker.terminate()
            raise
    SAY(json.dumps(measure.embedder(embedder, CloseUps([faces])), indent=2))
    if not arguments.quick:
        install([detector, embedder], arguments.models)
        SAY("both are in models/ with their digests in models.toml; the calibration above belongs there too")


if __name__ == "__main__":
    main()
