"""The same picks as scikit-activeml 1.0.1 wherever a method leaves nothing to chance."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from classifier.core.acquisition import ACQUISITIONS, Pool, normalise_rows
from classifier.core.acquisition.badge import badge
from classifier.core.acquisition.core_set import core_set
from classifier.core.acquisition.disagreement import mutual_information
from classifier.core.acquisition.prob_cover import prob_cover
from classifier.core.acquisition.typical import typical_first

skactiveml = pytest.importorskip("skactiveml.pool", reason="requirements-dev.txt pins scikit-activeml")
from skactiveml.classifier import SklearnClassifier  # noqa: E402
from skactiveml.pool import uncertainty_scores  # noqa: E402
from skactiveml.pool._query_by_committee import average_kl_divergence  # noqa: E402

N, K, LABELLED, BATCH = 300, 4, 30, 12
SEEDS = range(5)


class Scene:
    """Blobs, a few labels and a fitted classifier, in the words of both libraries."""

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.truth = rng.integers(0, K, N)
        self.X = rng.normal(size=(N, 10)) + 1.5 * np.eye(K, 10)[self.truth]
        self.is_labelled = np.isin(np.arange(N), rng.permutation(N)[:LABELLED])
        self.y = np.where(self.is_labelled, self.truth, np.nan)
        self.classifier = SklearnClassifier(LogisticRegression(), classes=np.arange(K)).fit(self.X, self.y)
        self.probas = self.classifier.predict_proba(self.X)
        self.pool = Pool(self.X, is_labelled=self.is_labelled, probas=self.probas)

    def ours(self, name):
        return [choice.index for choice in ACQUISITIONS[name].select(self.pool, BATCH)]


@pytest.fixture(params=SEEDS)
def scene(request):
    return Scene(request.param)


@pytest.mark.parametrize(("name", "method"), [("margin", "margin_sampling"), ("entropy", "entropy")])
def test_uncertainty(scene, name, method):
    strategy = skactiveml.UncertaintySampling(method=method, random_state=0)
    theirs = strategy.query(scene.X, scene.y, clf=scene.classifier, fit_clf=False, batch_size=BATCH)
    assert scene.ours(name) == theirs.tolist()


def test_uncertainty_utilities(scene):
    utilities = uncertainty_scores(scene.probas, method="margin_sampling")
    chosen = ACQUISITIONS["margin"].select(scene.pool, BATCH)
    assert np.allclose([choice.utility for choice in chosen], utilities[[choice.index for choice in chosen]])


def test_core_set(scene):
    theirs = skactiveml.CoreSet(random_state=0).query(scene.X, scene.y, batch_size=BATCH)
    assert scene.ours("core_set") == theirs.tolist()


def test_core_set_distances(scene):
    _, utilities = skactiveml.CoreSet(random_state=0).query(scene.X, scene.y, batch_size=BATCH, return_utilities=True)
    _, distances = core_set(scene.X[~scene.is_labelled], scene.X[scene.is_labelled], BATCH)
    assert np.allclose(distances, np.nanmax(utilities, axis=1), rtol=1e-4)


def test_bald(scene):
    members = np.random.default_rng(0).dirichlet(np.ones(K), (5, N))
    theirs = average_kl_divergence(members.copy())  # it clips its argument
    assert np.allclose(mutual_information(members), theirs)


def test_badge_first_pick(scene):
    """The largest gradient; what follows is drawn by chance in both."""
    strategy = skactiveml.Badge(random_state=0)
    theirs, utilities = strategy.query(
        scene.X, scene.y, clf=scene.classifier, fit_clf=False, batch_size=1, return_utilities=True
    )
    pool_rows = np.flatnonzero(~scene.is_labelled)
    ours, squared = badge(scene.probas[pool_rows], scene.X[pool_rows], len(pool_rows), random_state=0)
    assert pool_rows[ours[0]] == theirs[0]
    factors = scene.probas - np.eye(K)[scene.probas.argmax(axis=1)]
    lengths = (factors**2).sum(axis=1) * (scene.X**2).sum(axis=1)
    assert squared[0] == pytest.approx(utilities[0, theirs[0]] * lengths[pool_rows].sum(), rel=1e-4)


@pytest.mark.parametrize("seed", SEEDS)
def test_typical(seed):
    """Regions of unlike sizes, so that no tie is broken by chance; some are covered by a label."""
    rng = np.random.default_rng(seed)
    sizes = [41, 37, 33, 29, 25, 21, 17]
    region = np.repeat(np.arange(7), sizes)
    X = normalise_rows(4 * np.eye(7, 12)[region] + 0.3 * rng.normal(size=(sum(sizes), 12))).astype(np.float64)
    is_labelled = np.isin(np.arange(len(X)), [0, 41])
    y = np.where(is_labelled, 0.0, np.nan)
    theirs = skactiveml.TypiClust(random_state=seed, k=20, cluster_algo_dict={"n_init": 1, "random_state": seed}).query(
        X, y, batch_size=5
    )
    ours = typical_first(X, 5, labelled=is_labelled, random_state=seed)
    assert set(region[ours]) == {2, 3, 4, 5, 6}
    assert ours.tolist() == theirs.tolist()


@pytest.mark.filterwarnings("ignore:The maximum purity")
def test_prob_cover():
    """At a given radius, as long as one photo covers more than any other."""
    compared = 0
    for seed in range(12):
        X = normalise_rows(np.random.default_rng(seed).normal(size=(400, 6))).astype(np.float64)
        is_labelled = np.arange(400) < 5
        y = np.where(is_labelled, 0.0, np.nan)
        strategy = skactiveml.ProbCover(deltas=[0.7], random_state=0)
        theirs, utilities = strategy.query(X, y, batch_size=8, return_utilities=True)
        rows, _ = prob_cover(X[~is_labelled], X[is_labelled], 8, radius=0.7)
        ours = np.flatnonzero(~is_labelled)[rows]
        ranked = -np.sort(-np.nan_to_num(utilities, nan=-1), axis=1)
        clear = int(np.argmin(np.append(ranked[:, 0] > ranked[:, 1], False)))
        assert ours[:clear].tolist() == theirs[:clear].tolist()
        compared += clear
    assert compared >= 10
