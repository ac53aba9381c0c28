"""What the networks run on; what differs between backends is known here alone."""

from __future__ import annotations

import functools
import logging
import platform

import keras

logger = logging.getLogger(__name__)


def is_accelerated() -> bool:
    """Tell whether a GPU or TPU is there."""
    return any(not device.lower().startswith("cpu") for device in _devices())


def _devices() -> list[str]:
    """Names of the devices, such as ``"cpu:0"``."""
    if keras.backend.backend() != "torch":
        return list(keras.distribution.list_devices())
    import torch  # noqa: PLC0415 - other backends run without it

    # Keras knows no distribution for PyTorch, and so no list of its devices.
    return [f"gpu:{i}" for i in range(torch.cuda.device_count())] or ["cpu:0"]


@functools.cache
def device_name() -> str:
    """Name the device for people, with the backend: ``"NVIDIA H200 (tensorflow)"`` or ``"CPU x86_64 (jax)"``."""
    backend = keras.backend.backend()
    if not is_accelerated():
        return f"CPU {platform.machine()} ({backend})"
    name = _devices()[0]
    if backend == "tensorflow":
        import tensorflow as tf  # noqa: PLC0415 - other backends run without it

        gpus = tf.config.list_physical_devices("GPU")
        name = str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", name)) if gpus else name
    return f"{name} ({backend})"


def configure(threads: int) -> None:
    """Limit CPU threads and let TensorFlow share a GPU.

    TensorFlow takes both settings only before its first operation; later calls are logged and change nothing.

    Args:
        threads: For one operation; 0 leaves the framework's choice.
    """
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf  # noqa: PLC0415 - other backends run without it

    try:
        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)  # noqa: FBT003 - its signature
        if threads > 0:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        logger.info("TensorFlow is already running; its threads stay as they are")
