"""Scoring, from JPEG files in storage to calibrated probabilities, beside the networks alone, in turns in one run.

    python -m benchmarks.bench_scoring [--quick] [--rounds 9] [--chunks 3] [--weights FOLDER]

Generated photos lie in a folder storage as the ``model`` renditions that ingest writes. One side scores chunks of them
as the score worker does: decoded in threads while the networks compute, or read from what it kept. The other gives the
same ensemble the same chunks, decoded before. A share is the time of the networks alone over ours: 1 would be decoding
for nothing; each is the median over the rounds.

"First" is a photo that this machine never saw: nothing is kept, and what is decoded is written. "Again" is every later
scoring, by the next promoted version: squares are kept on the disk, vectors in the database. Two ensembles: the scratch
network alone (64 pixels), and with a frozen MobileNet of 224 pixels (its weights, or drawn ones, which are as fast),
which embeds every photo the first time and is given its vectors again. Writes ``benchmarks/results/scoring.json``.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.figures import Figure, machine, text_table, write_results

GOAL = 0.9
N_STAGES, SMALL, LARGE = 7, 64, 224


def main() -> None:
    """Store, race, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 rounds of one chunk")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--chunks", type=int, default=3)
    parser.add_argument("--weights", default="", help="folder with the weights of MobileNet 0.25; drawn without")
    arguments = parser.parse_args()
    rounds, n_chunks = (3, 1) if arguments.quick else (arguments.rounds, arguments.chunks)
    about = machine()
    with tempfile.TemporaryDirectory() as folder:
        _set_up(Path(folder))
        from classifier.services.scoring import CHUNK

        sha256s = _stored(n_chunks * CHUNK)
        chunks = [sha256s[start : start + CHUNK] for start in range(0, len(sha256s), CHUNK)]
        figures: dict[str, Figure] = {}
        for case in _cases(arguments.weights):
            found = _race(case, chunks, rounds)
            print(text_table(found), flush=True)
            figures |= found
    about["load_average_at_the_end"] = [round(load, 2) for load in os.getloadavg()]
    print(write_results("scoring", figures, about, mode="quick" if arguments.quick else "full"))


def _set_up(folder: Path) -> None:
    import django
    from django.conf import settings

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.tools"  # noqa: TID251 - before Django reads it
    stored = {"BACKEND": "config.folder_storage.FolderStorage", "OPTIONS": {"location": folder}}
    settings.STORAGES = {**settings.STORAGES, "default": stored}
    settings.VAR_DIR = folder / "var"
    django.setup()


def _stored(n: int) -> list[str]:
    """Store ``n`` photos' renditions; returns their hashes."""
    from django.core.files.base import ContentFile
    from django.core.files.storage import default_storage
    from PIL import Image

    from labeling.imaging.renditions import renditions
    from labeling.storage_keys import rendition_key
    from labeling.synthetic.season import balanced_specs
    from labeling.synthetic.writer import rendered

    drawn = [
        renditions(Image.open(io.BytesIO(jpeg)).convert("RGB")).files["model"]
        for jpeg in rendered(balanced_specs(per_stage=4, seed=3))
    ]
    sha256s = [hashlib.sha256(f"photo {number}".encode()).hexdigest() for number in range(n)]
    for number, sha256 in enumerate(sha256s):
        default_storage.save(rendition_key(sha256, "model"), ContentFile(drawn[number % len(drawn)]))
    return sha256s


@dataclass(frozen=True)
class Case:
    """An ensemble and what it is given.

    Attributes:
        size: side of the photos.
        is_kept: whether what is decoded is kept, as the product does it with the photos of the trained size.
        is_again: whether it was kept before, and vectors are at hand.
    """

    name: str
    ensemble: Any
    size: int
    is_kept: bool
    is_again: bool
    dimension: int = 0

    def features(self, n: int) -> Any:
        """Vectors, where the ensemble reads any and has seen the photos before."""
        return np.zeros((n, self.dimension), np.float16) if self.is_again and self.dimension else None


def _cases(weights_dir: str) -> list[Case]:
    from classifier.core.heads import Head
    from classifier.nn.backbones import build_backbone
    from classifier.nn.cnn import build_cnn
    from classifier.nn.embedders import BackboneEmbedder
    from classifier.nn.ensemble import Ensemble
    from classifier.nn.frozen_member import FrozenBackboneHead
    from classifier.nn.registry import BACKBONES, find_backbone
    from classifier.nn.scratch_member import ScratchCNN

    network = build_cnn(SMALL, N_STAGES)
    network.compile(jit_compile=False)
    scratch = ScratchCNN(network)
    spec = next(spec for spec in BACKBONES if spec.name == "mobilenet-0.25")
    path = find_backbone(weights_dir, spec.name).path if weights_dir else None
    frozen = FrozenBackboneHead(
        BackboneEmbedder(build_backbone(spec, path), backbone=spec.name, weights_hash="0" * 64, space_name="bench@1")
    )
    d = spec.dimension
    frozen.model = Head(np.zeros(d), np.ones(d), np.zeros((d, N_STAGES)), np.zeros(N_STAGES), 1.0)
    both = {"scratch_cnn": scratch, "frozen_backbone": frozen}
    small = Ensemble({"scratch_cnn": scratch}, {"scratch_cnn": 1.0}, 1.0, N_STAGES)
    whole = Ensemble(both, dict.fromkeys(both, 0.5), 1.0, N_STAGES)
    return [
        Case("scratch_first", small, SMALL, is_kept=True, is_again=False),
        Case("scratch_again", small, SMALL, is_kept=True, is_again=True),
        Case("whole_first", whole, LARGE, is_kept=False, is_again=False),
        Case("whole_again", whole, SMALL, is_kept=True, is_again=True, dimension=d),
    ]


def _race(case: Case, chunks: list[list[str]], rounds: int) -> dict[str, Figure]:
    from classifier.services.photo_arrays import PhotosAhead, photos_decode, work_folder

    ready = [photos_decode(sha256s=chunk, size=case.size) for chunk in chunks]

    def product() -> list[Any]:
        found = []
        for chunk in chunks:
            with PhotosAhead(sha256s=chunk, size=case.size, is_kept=case.is_kept) as pixels:
                found.append(case.ensemble.predict_proba(pixels, case.features(len(chunk))))
        return found

    def alone() -> list[Any]:
        return [case.ensemble.predict_proba(pixels, case.features(len(pixels))) for pixels in ready]

    for ours, theirs in zip(product(), alone(), strict=True):  # compiles and keeps; and both do the same work
        assert np.allclose(ours, theirs, atol=1e-6)
    times: list[tuple[float, float]] = []
    for turn in range(rounds):
        seconds = {}
        for side in (product, alone) if turn % 2 else (alone, product):
            if not case.is_again:
                shutil.rmtree(work_folder("squares"))
            started = time.perf_counter()
            side()
            seconds[side] = time.perf_counter() - started
        times.append((seconds[product], seconds[alone]))
    n = sum(map(len, chunks))
    own, peer = (n / median(one) for one in zip(*times, strict=True))
    share = median(peer / own for own, peer in times)
    return {
        f"{case.name}_share_of_the_model_alone": Figure(share, "share", rounds * n, goal=GOAL, is_floor=True),
        f"{case.name}_photos_per_second": Figure(own, "1/s", rounds * n, limit=peer, note="limit: the networks alone"),
    }


if __name__ == "__main__":
    main()
