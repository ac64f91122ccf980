"""The networks as ONNX files: normalisation folded into the convolutions, weights stored in 16 bits.

The graphs are written node by node, so that the files depend on no exporter's version.
"""

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from nets import PARTS, STRIDES, TEMPLATE_DIMENSION, Bottleneck, Poll

OPSET = 17
IR_VERSION = 8


class Graph:
    """Nodes and weights in the order of the run."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def add(self, kind, inputs, **attributes):
        """A node; gives the name of its output."""
        name = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, array):
        """A constant as it is."""
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, tensor):
        """A weight in 16 bits; the runtime widens it once on load."""
        half = self.constant(tensor.detach().numpy().astype(np.float16))
        return self.add("Cast", [half], to=TensorProto.FLOAT)

    def conv(self, x, conv, norm=None):
        """A convolution, the batch normalisation after it folded in."""
        weight, bias = conv.weight.double(), conv.bias
        bias = torch.zeros(len(weight), dtype=torch.float64) if bias is None else bias.double()
        if norm is not None:
            scale = norm.weight.double() / (norm.running_var.double() + norm.eps).sqrt()
            weight = weight * scale[:, None, None, None]
            bias = (bias - norm.running_mean.double()) * scale + norm.bias.double()
        pad, step = list(conv.padding) * 2, list(conv.stride)
        inputs = [x, self.weight(weight), self.constant(bias.detach().float().numpy())]
        return self.add("Conv", inputs, pads=pad, strides=step, kernel_shape=list(conv.kernel_size))

    def relu(self, x):
        return self.add("Relu", [x])

    def walk(self, x, module):
        """Any of the modules that the networks are made of."""
        if isinstance(module, Bottleneck):
            first, second, third, norm = module.body
            inner = self.walk(self.walk(x, first), second)
            return self.relu(self.add("Add", [x, self.conv(inner, third, norm)]))
        children = list(module)
        if isinstance(children[0], torch.nn.Conv2d):
            return self.relu(self.conv(x, children[0], children[1]))
        for child in children:
            x = self.walk(x, child)
        return x

    def slice(self, x, first, last):
        """Channels `first` to `last`, the latter left out."""
        return self.add("Slice", [x, *(self.constant(np.array([value], np.int64)) for value in (first, last, 1))])

    def model(self, name, inputs, outputs):
        """The checked model."""
        graph = helper.make_graph(self.nodes, name, inputs, outputs, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        onnx.checker.check_model(model, full_check=True)
        return model


def rename(graph, name, wanted):
    """Gives a node's output the name that the manifest asks for."""
    for node in graph.nodes:
        node.output[:] = [wanted if o == name else o for o in node.output]
        node.input[:] = [wanted if i == name else i for i in node.input]


def poll(graph, net, x):
    """See `nets.Poll`."""
    asked = graph.conv(x, net.ask)
    sure = graph.add("Clip", [graph.slice(asked, 0, 10), graph.constant(np.float32(-8)), graph.constant(np.float32(8))])
    sure = graph.add("Exp", [sure])
    around = {"pads": [net.AWAY] * 4, "strides": [2, 2], "kernel_shape": [2 * net.AWAY + 1] * 2}
    mean = lambda x: graph.add("AveragePool", [x], count_include_pad=1, **around)
    apart = graph.add("Conv", [sure, graph.weight(net.apart)], group=10, **around)
    told = mean(graph.add("Mul", [sure, graph.slice(asked, 10, 20)]))
    return graph.add("Div", [graph.add("Add", [told, apart]), mean(sure)])


def pointers(graph, net, x):
    """See `nets.Pointers`; gives two outputs, to be laid after each other."""
    shape = lambda *sides: graph.constant(np.array(sides, np.int64))
    cells = len(net.places)
    share = graph.add("Reshape", [graph.conv(x, net.where), shape(1, net.HEADS, 1, cells)])
    share = graph.add("Softmax", [share], axis=3)
    what = graph.add("Reshape", [graph.conv(x, net.what), shape(1, net.HEADS, net.TOLD, cells)])
    what = graph.add("MatMul", [share, graph.add("Transpose", [what], perm=[0, 1, 3, 2])])
    where = graph.add("MatMul", [share, graph.constant(net.places.numpy())])
    return [graph.add("Flatten", [part]) for part in (where, what)]


def detector(net):
    """The detector as ONNX: input `input` 1×3×H×W, outputs in YuNet's order."""
    graph = Graph()
    x = graph.add("Sub", ["input", graph.constant(np.float32(127.5))])
    x = graph.add("Mul", [x, graph.constant(np.float32(1 / 64.0))])
    x = graph.walk(x, net.stem)
    levels = []
    for stage in (net.eighth, net.sixteenth, net.thirtysecond):
        x = graph.walk(x, stage)
        levels.append(x)
    levels = [graph.conv(level, lateral) for level, lateral in zip(levels, net.lateral)]
    twice = graph.constant(np.array([1, 1, 2, 2], np.float32))
    for finer in (1, 0):
        larger = graph.add(
            "Resize",
            [levels[finer + 1], "", twice],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )
        levels[finer] = graph.add("Add", [levels[finer], larger])
    levels = [graph.relu(level) for level in levels]
    places = [graph.walk(level, where) for level, where in zip(levels, net.where)]
    maps = []
    for at, level in enumerate(levels):
        tower, last = net.whether[at]
        tell = net.landmarks[at]
        points = poll(graph, tell, places[at - 1]) if isinstance(tell, Poll) else graph.conv(places[at], tell)
        maps.append([graph.conv(graph.walk(level, tower), last), graph.conv(places[at], net.box[at]), points])
    outputs = []
    for part, (which, first, last) in PARTS.items():
        for stride, level in zip(STRIDES, maps):
            x = graph.slice(level[which], first, last)
            x = graph.add("Transpose", [x], perm=[0, 2, 3, 1])
            x = graph.add("Reshape", [x, graph.constant(np.array([1, -1, last - first], np.int64))])
            if part in ("cls", "obj"):
                x = graph.add("Sigmoid", [x])
            rename(graph, x, f"{part}_{stride}")
            shape = [1, f"cells_{stride}", last - first]
            outputs.append(helper.make_tensor_value_info(f"{part}_{stride}", TensorProto.FLOAT, shape))
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, "height", "width"])
    return graph.model("drawn-detector", [picture], outputs)


def embedder(net):
    """The embedder as ONNX: `input` 1×3×112×112, `output` 1×128."""
    graph = Graph()
    fine = graph.walk("input", net.fine)
    coarse = graph.add("Flatten", [graph.walk(fine, net.coarse)])
    x = graph.add("Concat", [coarse, *pointers(graph, net.pointers, fine)], axis=1)
    weight, bias = graph.weight(net.linear.weight.T), graph.constant(net.linear.bias.detach().numpy())
    rename(graph, graph.add("Gemm", [x, weight, bias]), "output")
    picture = helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, 3, 112, 112])
    template = helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, TEMPLATE_DIMENSION])
    return graph.model("drawn-embedder", [picture], [template])


@torch.no_grad()
def difference(model, net, picture):
    """Largest difference between ONNX Runtime's answer and PyTorch's, as a share of the answer's largest number or of 1."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    answers = session.run(None, {"input": picture.numpy()})
    expected = net(picture)
    expected = expected if isinstance(expected, tuple) else (expected,)
    worst = 0.0
    for got, wanted in zip(answers, expected, strict=True):
        wanted = wanted.numpy()
        if got.shape != wanted.shape:
            raise SystemExit(f"shapes differ: {got.shape} and {wanted.shape}")
        worst = max(worst, float(np.abs(got - wanted).max() / max(1.0, np.abs(wanted).max())))
    return worst


def write(model, net, picture, path):
    """Checks a model against its network and writes it."""
    worst = difference(model, net, picture)
    # 16-bit weights keep eleven bits each.
    if worst > 5e-3:
        raise SystemExit(f"{path}: ONNX Runtime and PyTorch differ by {worst:.2g}")
    path.write_bytes(model.SerializeToString())
    return worst
