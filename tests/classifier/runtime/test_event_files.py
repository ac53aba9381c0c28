"""Epochs as TensorBoard's event files, and how a worker uses its device."""

from __future__ import annotations

import keras
import pytest
import tensorflow as tf

from classifier import runtime
from classifier.core.contracts import Progress
from classifier.nn import devices
from classifier.nn.event_files import EventFiles


def epoch(number, *, fold=1, member="scratch_cnn"):
    curve = {
        "member": member, "fold": fold, "epoch": number, "epochs": 3, "loss": 1.0 / number, "accuracy": 0.5,
        "val_loss": 2.0 / number, "val_accuracy": 0.25,
    }  # fmt: skip
    return Progress(0.1, f"fold {fold}", None, curve)


def written(folder):
    """(tag, step) -> value of every event file below a folder."""
    found = {}
    for path in folder.rglob("events.out.tfevents.*"):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                assert value.metadata.plugin_data.plugin_name == "scalars"
                number = tf.make_ndarray(value.tensor).item()
                found[path.parent.relative_to(folder).as_posix(), value.tag, event.step] = number
    return found


def test_each_epoch_in_the_folder_of_its_member_and_fold(tmp_path):
    events = EventFiles(tmp_path)
    for number in (1, 2):
        events(epoch(number))
    events(epoch(1, fold=0))
    events(Progress(0.2, "stacking", None, None))
    events.close()
    found = written(tmp_path)
    assert found["scratch_cnn/fold-1", "epoch/val_loss", 2] == pytest.approx(1.0)
    assert found["scratch_cnn/fold-1", "epoch/loss", 2] == pytest.approx(0.5)
    assert len([key for key in found if key[0] == "scratch_cnn/fold-1"]) == 8
    assert {tag for folder, tag, _ in found if folder == "scratch_cnn/all"} == {"epoch/loss", "epoch/accuracy"}


def test_a_folder_that_cannot_be_written_costs_a_line(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    events = EventFiles(tmp_path / "file")
    events(epoch(1))
    events(epoch(2))
    assert [record.levelname for record in caplog.records if "cannot be written" in record.message] == ["WARNING"]


class Gpus:
    """TensorFlow's settings of a machine with one GPU, written down instead of made."""

    def __init__(self):
        self.calls, self.limits = [], {}

    def list_physical_devices(self, kind):
        return ["gpu"] if kind == "GPU" else []

    def set_logical_device_configuration(self, gpu, limits):
        self.limits[gpu] = limits
        self.calls.append(("limit", limits[0].memory_limit))

    def get_logical_device_configuration(self, gpu):
        return self.limits.get(gpu)

    LogicalDeviceConfiguration = staticmethod(tf.config.LogicalDeviceConfiguration)

    @property
    def experimental(self):
        return self

    def set_memory_growth(self, gpu, is_on):
        self.calls.append(("growth", is_on))


@pytest.fixture
def gpus(monkeypatch):
    made = Gpus()
    monkeypatch.setattr(tf, "config", made)
    monkeypatch.setattr(devices, "is_accelerated", lambda: True)
    policy = keras.config.dtype_policy()
    yield made
    keras.config.set_dtype_policy(policy)
    runtime.device_settings(memory_mb=0, is_mixed=False)


def test_memory_grows_unless_it_is_limited_and_never_both(gpus):
    runtime.configure_threads(0)
    assert gpus.calls == [("growth", True)]
    runtime.device_settings(memory_mb=4096, is_mixed=False)
    runtime.configure_threads(0)
    devices.configure(0)
    assert gpus.calls == [("growth", True), ("limit", 4096)]
    assert keras.config.dtype_policy().name == "float32"


def test_mixed_precision_only_where_there_is_a_device(gpus, monkeypatch):
    runtime.device_settings(memory_mb=0, is_mixed=True)
    monkeypatch.setattr(devices, "is_accelerated", lambda: False)
    runtime.configure_threads(0)
    assert keras.config.dtype_policy().name == "float32"
    monkeypatch.setattr(devices, "is_accelerated", lambda: True)
    runtime.configure_threads(0)
    assert keras.config.dtype_policy().name == "mixed_bfloat16"
