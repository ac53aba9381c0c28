import json
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
