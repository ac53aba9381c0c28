import json
import os
import subprocess
import sys

import pytest

HEAVY = ("keras", "tensorflow", "jax", "torch", "django")


@pytest.mark.parametrize(
    "imports",
    [
        "import pkgutil, importlib, classifier.core as core\n"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(core.__path__, 'classifier.core.')]",
        "import pkgutil, importlib, classifier.study as study\n"
        "[importlib.import_module(m.name) for m in pkgutil.walk_packages(study.__path__, 'classifier.study.')]",
        "import classifier.artifacts",
        "import classifier.nn.registry",
        "import numpy as np\nfrom classifier import runtime\n"
        "assert runtime.embed(np.zeros((2, 8, 8, 3), np.uint8), '').shape == (2, runtime.feature_space('').dimension)",
    ],
    ids=["core", "study", "artifacts", "registry", "runtime without weights"],
)
def test_no_framework_is_loaded(imports):
    code = f"{imports}\nimport sys, json\nprint(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []


@pytest.mark.nn
def test_all_of_core_nn_and_runtime_is_used_without_django():
    """Nothing of Django is imported, and no settings are asked for: they serve a notebook as they serve the product."""
    code = (
        "import importlib, json, pkgutil, sys\n"
        "import classifier.core, classifier.nn, classifier.runtime\n"
        "for package in (classifier.core, classifier.nn):\n"
        "    for module in pkgutil.walk_packages(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(module.name)\n"
        "told = {name.split('.')[0] for name in sys.modules}\n"
        "print(json.dumps(sorted(told & {'django', 'celery', 'rest_framework', 'config', 'labeling'})))"
    )
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout.splitlines()[-1]) == []
