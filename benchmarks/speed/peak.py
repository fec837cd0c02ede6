"""The machine's own arithmetic, and how much of it a network asks for."""

from __future__ import annotations

import sys
import time
from functools import cache

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from benchmarks.speed.children import ONE_THREAD, output
from benchmarks.speed.report import Table
from slotfill.config import NetworkConfig
from slotfill.network import cells
from slotfill.network.features import WordFeatures

_SIZE, _PRODUCTS = 1024, 30

_NUMPY = f"""
import time, numpy
values, times = numpy.random.default_rng(0).random(({_SIZE}, {_SIZE}), dtype="f"), []
for _ in range({_PRODUCTS}):
    start = time.perf_counter()
    values @ values
    times.append(time.perf_counter() - start)
print(min(times))
"""


@cache
def peaks(cores: int) -> dict[str, float]:
    """Operations a second by library: the best of several float32 products of 1024 x 1024."""
    threads = dict.fromkeys(ONE_THREAD, str(cores))
    fastest = {
        "numpy": float(output([sys.executable, "-c", _NUMPY], threads)),
        "onnxruntime": _fastest_of_onnxruntime(cores),
    }
    return {library: 2 * _SIZE**3 / seconds for library, seconds in fastest.items()}


def peak(cores: int) -> float:
    """The larger of the libraries' peaks, in operations a second."""
    return max(peaks(cores).values())


def _fastest_of_onnxruntime(cores: int) -> float:
    square = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [_SIZE, _SIZE]) for name in "abc"]
    product = helper.make_graph([helper.make_node("MatMul", ["a", "b"], ["c"])], "product", square[:2], square[2:])
    model = helper.make_model(product, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    values = np.random.default_rng(0).random((_SIZE, _SIZE), dtype=np.float32)
    times = []
    for _ in range(_PRODUCTS):
        start = time.perf_counter()
        session.run(None, {"a": values, "b": values})
        times.append(time.perf_counter() - start)
    return min(times)


def table() -> Table:
    """The peaks of one core and of two."""
    rows = [[cores, *(value / 1e9 for value in peaks(cores).values()), peak(cores) / 1e9] for cores in (1, 2)]
    return Table(
        "GEMM peak, GFLOP/s",
        {"cores": "", "numpy": ".0f", "onnxruntime": ".0f", "the peak": ".0f"},
        rows,
        f"Float32 products of {_SIZE} x {_SIZE}, the best of {_PRODUCTS}; the larger is the peak.",
    )


def operations(network: NetworkConfig, tags: int) -> int:
    """Multiplications and additions a word of tagging: those with matrices of recurrent layers and tag scores alone."""
    directions = 1 if network.one_way else 2
    width, weights = WordFeatures(3, 5, network).size, 0
    for _ in range(network.layers):
        cell = cells.build(width, network)
        weights += directions * sum(weight.numel() for weight in cell.parameters() if weight.dim() == 2)
        width = directions * network.hidden_size
    return 2 * (weights + width * tags)


def remembered_operations(network: NetworkConfig) -> int:
    """Those of them that tagging does once for a word and then remembers: the first layer's input weights."""
    directions = 1 if network.one_way else 2
    return 2 * directions * cells.build(WordFeatures(3, 5, network).size, network).input_weight.numel()


def training_operations(network: NetworkConfig, tags: int) -> int:
    """The same of training, which needs two more products for each: the gradients of its weights and of its inputs.

    A CRF's sums over all tag sequences are a product with its transitions at each word.
    """
    return 3 * (operations(network, tags) + (2 * tags * tags if network.crf else 0))
