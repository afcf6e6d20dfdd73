"""An int8 encoder made fp32 again, to compare with: its rounded weights, and no rounding of what runs through."""

from typing import Any

import numpy as np


def unquantise(encoder: bytes) -> bytes:
    """The same encoder with matrices of float32 and without rounding of activations. Raises ImportError without `onnx`.

    An encoder that has nothing rounded comes back as it is.
    """
    import onnx

    model = onnx.load_from_string(encoder)
    graph = model.graph
    weights = {tensor.name: tensor for tensor in graph.initializer}
    makers = {output: node for node in graph.node for output in node.output}
    readers = {name: node for node in graph.node for name in node.input}
    for node in [node for node in graph.node if node.op_type == "MatMulInteger"]:
        rounded, weight = makers[node.input[0]], node.input[1]
        scaled = readers[readers[node.output[0]].output[0]]  # whole numbers to floats, times both scales
        graph.initializer.append(onnx.numpy_helper.from_array(_wide(onnx, weights, weight), f"{weight}_wide"))
        product = onnx.helper.make_node("MatMul", [rounded.input[0], f"{weight}_wide"], list(scaled.output))
        graph.node.insert(list(graph.node).index(scaled), product)
        graph.node.remove(scaled)
    _prune(graph)
    found: bytes = model.SerializeToString()
    return found


def _wide(onnx: Any, weights: dict[str, Any], name: str) -> Any:
    """A matrix in float32: the codes less their zero, times the scale of each column."""
    base = name.removesuffix("_quantized")
    codes, scale, zero = (
        onnx.numpy_helper.to_array(weights[part]).astype(np.float32)
        for part in (name, f"{base}_scale", f"{base}_zero_point")
    )
    return (codes - zero) * scale


def _prune(graph: Any) -> None:
    """Take away what nothing reads any more."""
    while True:
        read = {name for node in graph.node for name in node.input} | {output.name for output in graph.output}
        dead = [node for node in graph.node if not read.intersection(node.output)]
        if not dead:
            return
        for node in dead:
            graph.node.remove(node)
