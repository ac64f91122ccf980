//! The runtime against tiny graphs made here: no real model is needed, only ONNX Runtime.

use super::error::VisionError;
use super::manifest::ModelCard;
use super::pack::ModelFile;
use super::places;
use super::runtime::Model;

/// A protocol buffer field that holds bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        out.push(length as u8 | 0x80);
        length >>= 7;
    }
    out.push(length as u8);
    out.extend_from_slice(bytes);
    out
}

/// A protocol buffer field that holds a number below 128.
fn number(number: u8, value: u8) -> Vec<u8> {
    vec![number << 3, value]
}

/// ONNX's `ValueInfoProto` of a tensor; `kind` 1 is 32-bit float, 11 is 64-bit.
fn value(name: &str, kind: u8, shape: &[u8]) -> Vec<u8> {
    let dimensions: Vec<u8> = shape.iter().flat_map(|size| field(1, &number(1, *size))).collect();
    let tensor = [number(1, kind), field(2, &dimensions)].concat();
    [field(1, name.as_bytes()), field(2, &field(1, &tensor))].concat()
}

fn node(operation: &str, from: &str, to: &str) -> Vec<u8> {
    [field(1, from.as_bytes()), field(2, to.as_bytes()), field(4, operation.as_bytes())].concat()
}

/// A model that gives the mean of each plane of its 1 × 3 × `side` × `side` input `i` as its 1 × 3 output `o`.
fn plane_means(side: u8) -> Vec<u8> {
    graph("GlobalAveragePool", side, 1)
}

/// `operation` on the input, then flattened.
fn graph(operation: &str, side: u8, kind: u8) -> Vec<u8> {
    let graph = [
        field(1, &node(operation, "i", "p")),
        field(1, &node("Flatten", "p", "o")),
        field(2, b"plane means"),
        field(11, &value("i", kind, &[1, 3, side, side])),
        field(12, &value("o", kind, &[1, 3])),
    ];
    [number(1, 8), field(7, &graph.concat()), field(8, &number(2, 13))].concat()
}

fn file(bytes: Vec<u8>) -> ModelFile {
    let card: ModelCard = toml::from_str(
        "id = 'means'\nrole = 'embedder'\nfile = 'means.onnx'\nbytes = 1\nsource = 's'\nlicence = 'l'\n\
         sha256 = '0000000000000000000000000000000000000000000000000000000000000000'\ntrained_on = 't'\n\
         channels = 'rgb'\ndivisor = 1.0\nmean = [0.0, 0.0, 0.0]\ndeviation = [1.0, 1.0, 1.0]\n\
         inputs = [{ name = 'i', shape = [0, 3, 4, 4] }]\noutputs = [{ name = 'o', shape = [1, 3] }]\n",
    )
    .expect("a card");
    ModelFile { card, path: "models/means.onnx".into(), bytes }
}

/// Loads `bytes`. `None`, said on a line of its own, where there is no ONNX Runtime; under CI that fails.
fn load(file: &ModelFile) -> Option<Result<Model, VisionError>> {
    let result = Model::load(file, 1);
    if let Err(error @ VisionError::Runtime { .. }) = &result {
        crate::skipped::missing(&format!("{error} (looked for {})", places::library().display()));
        return None;
    }
    Some(result)
}

#[test]
fn a_model_reads_its_input_in_place_and_hands_its_output_over() {
    let Some(model) = load(&file(plane_means(4))) else { return };
    let mut model = model.expect("the model");
    let input: Vec<f32> = (0..48).map(|i| (i / 16) as f32).collect();
    let means = model.run([1, 3, 4, 4], &input, |outputs| outputs.floats(0).map(<[f32]>::to_vec)).expect("a run");
    assert_eq!(means, [0.0, 1.0, 2.0]);
    let none = model.run([1, 3, 4, 4], &input, |outputs| outputs.floats(1).map(<[f32]>::to_vec));
    assert!(matches!(none, Err(VisionError::Run { .. })));
}

#[test]
fn an_input_of_another_shape_is_an_error_and_no_crash() {
    let Some(model) = load(&file(plane_means(4))) else { return };
    let mut model = model.expect("the model");
    for (shape, length) in [([1, 3, 4, 4], 47), ([1, 3, 8, 8], 192), ([1, 0, 4, 4], 0)] {
        let error = model.run(shape, &vec![0.0; length], |_| Ok(())).expect_err("another shape");
        assert!(error.to_string().contains("means"), "{error}");
    }
}

#[test]
fn a_graph_of_another_shape_or_type_than_the_manifest_says_is_refused_by_name() {
    for (bytes, wrong) in [(plane_means(5), "shape"), (graph("Identity", 1, 11), "32-bit")] {
        let Some(model) = load(&file(bytes)) else { return };
        let error = model.expect_err("another model").to_string();
        assert!(error.contains("means.onnx") && error.contains(wrong) && error.contains("remedy"), "{error}");
    }
    let mut renamed = file(plane_means(4));
    renamed.card.outputs[0].name = "logits".to_owned();
    let Some(model) = load(&renamed) else { return };
    assert!(model.expect_err("no such output").to_string().contains("\"logits\""));
}

#[test]
fn a_file_that_is_no_model_is_refused_by_name_with_the_remedy() {
    let whole = plane_means(4);
    let cut = whole[..whole.len() / 2].to_vec();
    for bytes in [b"<html>not found</html>".to_vec(), cut, vec![]] {
        let Some(model) = load(&file(bytes)) else { return };
        let error = model.expect_err("no model").to_string();
        assert!(error.contains("means.onnx") && error.contains("scripts/setup"), "{error}");
    }
}
