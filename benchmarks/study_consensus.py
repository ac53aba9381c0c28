"""What several experts' decisions come to: consensus beside majority vote, labels spent, who is found out.

    python -m benchmarks.study_consensus [--quick] [--seeds 20]

Five simulated experts label 2000 photos of known stage: three of differing skill at every boundary, one who does not
look at 4 photos in 10, one who takes over what the model suggests in 6 of 10 photos that show it. The rules and the
estimate of the annotators are the product's own; only the database is left out.

1. Every photo gets three opinions. The consensus (estimated annotators) beside the majority vote, on the same opinions.
2. Photos are asked until they are 90 % certain, two to five opinions each, the annotators estimated anew after every
   500 opinions and settled photos looked at again: labels spent, and errors beside three opinions for each photo. Other
   certainties for comparison, with fewer seeds.
3. Whom the agreement page names.

All of it again with *hard photos*: experts who read the age of the photo, so that all of them err where it lies close
to a boundary. That breaks the model's assumption that experts err independently.

Prints a table and writes ``benchmarks/results/consensus.json``; ``python -m docs.consensus_figures`` puts the figures
into ``docs/consensus.md``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np

from benchmarks.consensus_labelling import Labelling, opinions_of, panel_of, posterior_of
from benchmarks.consensus_world import ANCHORED, CARELESS, World, world_made
from benchmarks.figures import Figure, machine, text_table, write_results
from labeling.domain.annotator_figures import Seen, annotator_figures
from labeling.domain.annotator_model import Fit, Opinions, fit_annotators
from labeling.domain.consensus import Adjudicate, Policy, Settled, decide
from labeling.domain.intervals import blocks_of
from labeling.synthetic.scale import N_STAGES

N_PHOTOS = 2000
N_SEEDS = 20
FIXED = Policy(labels_wanted=3, labels_max=4)
CERTAINTY = 0.9
OTHER_CERTAINTIES, OTHER_SEEDS = (0.8, 0.95), 5
SCENARIOS = ("independent", "hard_photos")
Rows = Sequence[tuple[int, int]]


def main() -> None:
    """Simulate, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 seeds")
    parser.add_argument("--seeds", type=int, default=N_SEEDS)
    arguments = parser.parse_args()
    n_seeds = 3 if arguments.quick else arguments.seeds
    figures: dict[str, Figure] = {}
    tables: dict[str, Any] = {}
    for scenario in SCENARIOS:
        runs: list[dict[str, float]] = []
        others: dict[float, list[dict[str, float]]] = {certainty: [] for certainty in OTHER_CERTAINTIES}
        for seed in range(n_seeds):
            world = world_made(scenario, seed, n_photos=N_PHOTOS)
            runs.append(run(world))
            if seed < OTHER_SEEDS:
                for certainty in OTHER_CERTAINTIES:
                    others[certainty].append(_as_many_as_it_takes(world, certainty))
            print(scenario, seed, {name: round(value, 4) for name, value in runs[-1].items()}, flush=True)
        tables[scenario] = _table(runs)
        for certainty, rows in others.items():
            tables[f"{scenario}_{certainty:g}"] = _table(rows)
        figures |= _figures(scenario, tables[scenario], n_seeds)
    print(text_table(figures))
    setting = {"photos": N_PHOTOS, "experts": 5, "seeds": n_seeds, "certainty": CERTAINTY}
    mode = "quick" if arguments.quick else "full"
    extra = {"setting": setting, "tables": tables}
    print(write_results("consensus", figures, machine(), mode=mode, extra=extra))  # type: ignore[arg-type]


def run(world: World) -> dict[str, float]:
    """All figures of one simulated project."""
    draws = np.argsort(np.random.default_rng([world.seed, 1]).random((N_PHOTOS, world.n_experts)), axis=1)[:, :3]
    found = _three_each(world, [(photo, int(expert)) for photo, experts in enumerate(draws) for expert in experts])
    found |= _as_many_as_it_takes(world, CERTAINTY)
    for name in ("consensus", "adaptive"):
        for score in ("error", "mae"):
            found[f"{name}_{score}_over_majority"] = found[f"{name}_{score}"] - found[f"majority_{score}"]
    return found


def _three_each(world: World, rows: Rows) -> dict[str, float]:
    """Consensus and majority vote on the same opinions, nobody adjudicating; and whom the page names."""
    opinions = opinions_of(world, rows)
    fit = fit_annotators(opinions)
    answered = np.array(rows).reshape(N_PHOTOS, 3, 2)[:, :, 1].tolist()
    verdicts = [
        decide(
            [world.opinion(photo, it) for it in experts], n_stages=N_STAGES, is_ordered=True, policy=FIXED
        )
        for photo, experts in enumerate(answered)
    ]  # fmt: skip
    return {
        **_scores("majority", _majority(world, opinions), world.truth),
        **_scores("consensus", _most_probable(world, fit, answered), world.truth),
        **_scores("without_model", fit.posterior.argmax(axis=1), world.truth),
        **_scores("oracle", _by_true_tables(world, opinions), world.truth),
        **_named("", world, opinions, fit),
        "fixed_adjudicated": float(np.mean([isinstance(it, Adjudicate) for it in verdicts])),
    }


def _as_many_as_it_takes(world: World, certainty: float) -> dict[str, float]:
    """The adaptive policy. What went to an adjudicator is scored by its most probable stage, as if there were none."""
    labelling = Labelling(world, Policy(labels_wanted=2, labels_max=5, certainty_wanted=certainty))
    labelling.run()
    verdicts = [photo.verdict for photo in labelling.photos]
    settled = np.array([
        it.stage if isinstance(it, Settled) and it.stage is not None else -1 for it in verdicts
    ])  # fmt: skip
    guess = _most_probable(world, labelling.fit, [photo.experts for photo in labelling.photos])
    guess = np.where(settled >= 0, settled, guess)
    quality = [it.consensus_quality for it in verdicts if isinstance(it, Settled) and it.stage is not None]
    return {
        **_scores("adaptive", guess, world.truth),
        "adaptive_settled_error": float((settled != world.truth)[settled >= 0].mean()),
        "adaptive_claimed_error": 1 - float(np.mean(quality)),
        "adaptive_labels": len(labelling.rows) / N_PHOTOS,
        "adaptive_adjudicated": float(np.mean([isinstance(it, Adjudicate) for it in verdicts])),
        "adaptive_came_back": labelling.n_came_back / N_PHOTOS,
        **_named("adaptive_", world, opinions_of(world, labelling.rows), labelling.fit),
    }


def _majority(world: World, opinions: Opinions) -> np.ndarray:
    """The stage with the most votes, halves for "between", ties broken at random."""
    votes = np.random.default_rng([world.seed, 2]).random((N_PHOTOS, N_STAGES)) * 1e-3
    lower = np.where(opinions.code < N_STAGES, opinions.code, opinions.code - N_STAGES)
    upper = np.where(opinions.code < N_STAGES, opinions.code, opinions.code - N_STAGES + 1)
    for side in (lower, upper):
        np.add.at(votes, (opinions.photo, side), 0.5)
    return votes.argmax(axis=1)


def _most_probable(world: World, fit: Fit, answered: Sequence[Sequence[int]]) -> np.ndarray:
    """The stage a decision would hold most probable; the middle of the scale where nobody names one."""
    panel = panel_of(fit)
    posteriors = (posterior_of(world, panel, photo, experts) for photo, experts in enumerate(answered))
    return np.array([N_STAGES // 2 if it is None else int(np.argmax(it)) for it in posteriors])


def _by_true_tables(world: World, opinions: Opinions) -> np.ndarray:
    """The most probable stage to somebody who knows how often each expert says what of which stage."""
    evidence = np.zeros((N_PHOTOS, N_STAGES))
    np.add.at(evidence, opinions.photo, np.log(world.likelihoods)[opinions.annotator, opinions.code])
    return evidence.argmax(axis=1)


def _named(prefix: str, world: World, opinions: Opinions, fit: Fit) -> dict[str, float]:
    """Whether the careless and the anchored expert are named as such and nothing else, and whether anybody else is."""
    n = len(opinions.photo)
    seen = Seen(
        suggested=world.suggested[opinions.photo],
        is_shown=~world.is_blind[opinions.photo],
        is_comparable=np.ones(n, bool),
        block=blocks_of(opinions.photo.astype(np.int64)),
        is_gold=np.zeros(n, bool),
    )
    flags = [it.flags for it in annotator_figures(opinions, fit, seen)]
    others = [flag for expert, found in enumerate(flags) if expert not in (CARELESS, ANCHORED) for flag in found]
    return {
        f"{prefix}careless_missed": float("careless" not in flags[CARELESS]),
        f"{prefix}anchored_missed": float("anchored" not in flags[ANCHORED]),
        f"{prefix}wrongly_named": float(
            bool(others) or "anchored" in flags[CARELESS] or "careless" in flags[ANCHORED]
        ),
    }  # fmt: skip


def _scores(name: str, guess: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    gap = np.abs(guess - truth)
    return {f"{name}_error": float((gap > 0).mean()), f"{name}_mae": float(gap.mean())}


def _table(runs: Sequence[dict[str, float]]) -> dict[str, dict[str, float]]:
    return {name: _over_seeds([row[name] for row in runs]) for name in runs[0]}


def _over_seeds(values: Sequence[float]) -> dict[str, float]:
    """Mean over seeds with its 95 % interval, by the bootstrap over seeds."""
    draws = np.random.default_rng(0).choice(values, (4000, len(values)))
    low, high = np.quantile(draws.mean(axis=1), [0.025, 0.975])
    return {"value": float(np.mean(values)), "low": float(low), "high": float(high)}


def _figures(scenario: str, table: dict[str, dict[str, float]], n: int) -> dict[str, Figure]:
    """What has a goal: bounds are upper ends of intervals over the seeds."""

    def value(name: str) -> float:
        return table[name]["value"]

    def bound(name: str, goal: float, unit: str = "share") -> Figure:
        note = f"upper 95 % bound over seeds; mean {value(name):.4f}"
        return Figure(value=table[name]["high"], unit=unit, n=n, goal=goal, note=note)

    majority = {
        score: {"majority_vote": {"value": round(value(f"majority_{score}"), 4), "n": n}} for score in ("error", "mae")
    }
    found = {
        "consensus_error": Figure(
            value("consensus_error"), "share", n, limit=value("oracle_error"), peer=majority["error"],
            note="three opinions each; limit: by the experts' true tables, without the model",
        ),
        "consensus_mae": Figure(
            value("consensus_mae"), "stages", n, limit=value("oracle_mae"), peer=majority["mae"],
        ),
        "consensus_error_over_majority": bound("consensus_error_over_majority", 0.0),
        "consensus_mae_over_majority": bound("consensus_mae_over_majority", 0.0, "stages"),
        "adaptive_labels": bound("adaptive_labels", 3.0, "labels a photo"),
        "adaptive_error_over_majority": bound("adaptive_error_over_majority", 0.0),
        "adaptive_mae_over_majority": bound("adaptive_mae_over_majority", 0.0, "stages"),
        "adaptive_settled_error": bound("adaptive_settled_error", 1 - CERTAINTY),
        "careless_missed": bound("careless_missed", 0.0),
        "anchored_missed": bound("anchored_missed", 0.05),
        "wrongly_named": bound("wrongly_named", 0.05),
        "adaptive_careless_missed": bound("adaptive_careless_missed", 0.0),
        "adaptive_anchored_missed": bound("adaptive_anchored_missed", 0.05),
        "adaptive_wrongly_named": bound("adaptive_wrongly_named", 0.05),
    }  # fmt: skip
    return {f"{scenario}.{name}": figure for name, figure in found.items()}


if __name__ == "__main__":
    main()
