"""What the networks run on; what differs between backends is known here alone."""

from __future__ import annotations

import functools
import logging
import platform
from typing import Any

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


def configure(threads: int, *, memory_mb: int = 0, is_mixed: bool = False) -> None:
    """Limit CPU threads, let others share the GPU, and choose how exactly it computes.

    TensorFlow takes threads and memory only before its first operation; later calls are logged and change nothing.

    Args:
        threads: For one operation; 0 leaves the framework's choice.
        memory_mb: Of the GPU, at most; 0 takes as much as is needed, when it is needed. TensorFlow only.
        is_mixed: Compute in bfloat16 and keep weights and logits in float32, on a GPU or TPU. Not float16: its small
            gradients would have to be scaled.
    """
    if is_mixed and is_accelerated():
        keras.config.set_dtype_policy("mixed_bfloat16")
    if keras.backend.backend() != "tensorflow":
        return
    import tensorflow as tf  # noqa: PLC0415 - other backends run without it

    try:
        for gpu in tf.config.list_physical_devices("GPU"):
            _share(tf, gpu, memory_mb)
        if threads > 0:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        logger.info("TensorFlow is already running; its threads and memory stay as they are")


def _share(tf: Any, gpu: Any, memory_mb: int) -> None:
    """Either a limit or growth: TensorFlow refuses both together."""
    if memory_mb > 0:
        limit = tf.config.LogicalDeviceConfiguration(memory_limit=memory_mb)
        tf.config.set_logical_device_configuration(gpu, [limit])
    elif tf.config.get_logical_device_configuration(gpu) is None:
        tf.config.experimental.set_memory_growth(gpu, True)  # noqa: FBT003 - its signature
