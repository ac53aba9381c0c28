"""The formats of an exported graph, each behind one contract: write it, and run what was written."""

from __future__ import annotations

import abc
import functools
import importlib.util
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import keras
import numpy as np

from classifier.core.contracts import Array
from classifier.core.exporting import FORMAT_NAMES, NotExportable
from classifier.nn.exporting.graph import ExportGraph

Run = Callable[[Array], Array]


class Exporter(abc.ABC):
    """Writes a graph in one format and runs the file as a stranger would."""

    name: ClassVar[str]
    #: File or folder inside the bundle.
    file: ClassVar[str]
    #: What the bundle's card says about running it.
    usage: ClassVar[str]
    #: Packages it needs beside Keras.
    packages: ClassVar[tuple[str, ...]] = ()
    #: Whether only TensorFlow can write it.
    needs_tensorflow: ClassVar[bool] = True

    def unavailable(self) -> str:
        """Say why this process cannot write the format; empty when it can."""
        absent = [name for name in self.packages if importlib.util.find_spec(name) is None]
        if absent:
            return f"writing {self.name} needs {', '.join(absent)}, which is not installed"
        if self.needs_tensorflow and keras.backend.backend() != "tensorflow":
            return f"{self.name} is written by TensorFlow, and this process runs {keras.backend.backend()}"
        return ""

    def write(self, graph: ExportGraph, folder: Path) -> Path:
        """Write the graph into an existing folder.

        Raises:
            NotExportable: This process cannot write the format, or its converter does not know some operation.
        """
        if reason := self.unavailable():
            raise NotExportable(reason)
        path = folder / self.file
        try:
            self._write(graph, path)
        except Exception as error:  # converters raise whatever they like, down to bare Exception
            told = str(error).strip().splitlines()
            raise NotExportable(
                f"{self.name} could not be written: {told[0] if told else type(error).__name__}"
            ) from error
        return path

    @abc.abstractmethod
    def _write(self, graph: ExportGraph, path: Path) -> None: ...

    @abc.abstractmethod
    def runner(self, path: Path) -> Run:
        """Load a written file; returns a function from uint8 (n, side, side, 3) to probabilities (n, K)."""


class KerasExporter(Exporter):
    """Keras's own archive; loads without any of our code, on every backend."""

    name, file, needs_tensorflow = "keras", "model.keras", False
    usage = 'keras.saving.load_model("model.keras", compile=False).predict(photos)'

    def _write(self, graph: ExportGraph, path: Path) -> None:
        graph.model.save(path)

    def runner(self, path: Path) -> Run:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
        return lambda photos: keras.ops.convert_to_numpy(model(photos, training=False))


class SavedModelExporter(Exporter):
    """TensorFlow's format, as TensorFlow Serving takes it."""

    name, file = "saved_model", "saved_model"
    usage = 'tensorflow.saved_model.load("saved_model").serve(photos)'

    def _write(self, graph: ExportGraph, path: Path) -> None:
        graph.model.export(path, format="tf_saved_model", verbose=False)

    def runner(self, path: Path) -> Run:
        import tensorflow as tf  # noqa: PLC0415 - other backends run without it

        loaded = tf.saved_model.load(str(path))
        return lambda photos: np.asarray(loaded.serve(tf.constant(photos)))


class OnnxExporter(Exporter):
    """Open Neural Network Exchange, for onnxruntime in any language."""

    name, file = "onnx", "model.onnx"
    usage = 'onnxruntime.InferenceSession("model.onnx").run(None, {"photos": photos})[0]'
    packages = ("tf2onnx", "onnxruntime")

    def _write(self, graph: ExportGraph, path: Path) -> None:
        # Keras exports what has been called; the converter asks NumPy for a name that NumPy 2 has given up.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            graph.model(np.zeros((1, graph.side, graph.side, 3), np.uint8))
            graph.model.export(path, format="onnx", verbose=False)

    def runner(self, path: Path) -> Run:
        import onnxruntime  # noqa: PLC0415 - 28 MB that only exports need

        session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return lambda photos: np.asarray(session.run(None, {name: photos})[0])


class TFLiteExporter(Exporter):
    """LiteRT, for phones: only operations that every interpreter has, so no add-on has to be shipped with it."""

    name, file = "tflite", "model.tflite"
    usage = 'ai_edge_litert.interpreter.Interpreter("model.tflite"), or the LiteRT library of Android and iOS'

    def _write(self, graph: ExportGraph, path: Path) -> None:
        import tensorflow as tf  # noqa: PLC0415 - other backends run without it

        builtin = {"supported_ops": [tf.lite.OpsSet.TFLITE_BUILTINS]}
        graph.model.export(path, format="litert", verbose=False, target_spec=builtin)

    def runner(self, path: Path) -> Run:
        with warnings.catch_warnings():
            # TensorFlow's own interpreter will move to a package of its own; it is the same code.
            warnings.simplefilter("ignore", UserWarning)
            import tensorflow as tf  # noqa: PLC0415 - other backends run without it

            interpreter = tf.lite.Interpreter(model_path=str(path))
        return functools.partial(_interpreted, interpreter)


def _interpreted(interpreter: Any, photos: Array) -> Array:
    """One photo at a time, as a phone does."""
    interpreter.allocate_tensors()
    given, found = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    rows = []
    for photo in photos:
        interpreter.set_tensor(given, photo[None])
        interpreter.invoke()
        rows.append(interpreter.get_tensor(found)[0].copy())
    return np.stack(rows)


#: Every format there is, by name.
EXPORTERS: dict[str, Exporter] = {
    exporter.name: exporter for exporter in (KerasExporter(), SavedModelExporter(), OnnxExporter(), TFLiteExporter())
}
assert tuple(EXPORTERS) == FORMAT_NAMES


def exporter_named(name: str) -> Exporter:
    """Find a format.

    Raises:
        NotExportable: There is none of this name.
    """
    if name not in EXPORTERS:
        raise NotExportable(f"there is no format called {name!r}; known: {', '.join(EXPORTERS)}")
    return EXPORTERS[name]
