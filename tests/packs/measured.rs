//! What is measured with the drawn models names them.

use super::*;

#[test]
fn drawn_people_are_evaluated_where_the_truth_is_known() {
    let Some(place) = Place::new() else { return };
    let arguments = ["evaluate", "drawn", "--people", "4", "--frames", "5", "--strangers", "4", "--empty", "8"];
    let (documents, _) = place.lines(&[&arguments[..], &["--seed", "77"]].concat());
    let report = &documents[0];
    assert_eq!((report["models"].as_str(), report["people"].as_u64()), (Some("drawn"), Some(4)), "{report}");
    assert!(report["probes"].as_u64().is_some_and(|probes| (6..=8).contains(&probes)), "{report}");
    assert_eq!(report["points"][4]["fpir"], 0.001);
    assert_eq!(report["points"][4]["resolved"], false, "four strangers tell nothing of one in a thousand");
    for key in ["fnir", "threshold"] {
        assert!(report["points"][4][key].is_number(), "{key}: {report}");
    }
    let detection = &report["detection"];
    assert_eq!((detection["false_alarms"]["trials"].as_u64(), detection["resolved"].as_bool()), (Some(8), Some(false)));
    assert_eq!(detection["shipped_recall"]["trials"], detection["recall"]["trials"], "{detection}");
    assert!(detection["recall"]["rate"].as_f64().expect("a rate") >= 0.99, "{detection}");
    assert!(detection["recall"]["ci95"][1].is_number() && detection["threshold"].is_number(), "{detection}");
    assert!(report["landmarks"]["mean"].as_f64().expect("an error") < 0.05, "{report}");
    assert!(report["rank1"].as_f64().expect("a rate") >= 0.99, "{report}");
    // The same people again, to the last number.
    assert_eq!(place.lines(&[&arguments[..], &["--seed", "77"]].concat()).0[0], *report);
}

#[test]
fn what_the_kiosk_does_with_drawn_people_is_measured_at_its_own_score_and_not_at_the_measured_one() {
    let Some(place) = Place::new() else { return };
    let manifest = place.path("models/models.toml");
    let text = std::fs::read_to_string(&manifest).expect("the manifest");
    // Few faces are as certain as this, so that the kiosk would miss some.
    let strict: Vec<&str> =
        text.lines().map(|line| if line.starts_with("min_score = ") { "min_score = 1.0" } else { line }).collect();
    std::fs::write(&manifest, strict.join("\n")).expect("written");
    let arguments = ["evaluate", "drawn", "--people", "2", "--frames", "4", "--strangers", "1", "--empty", "4"];
    let report = place.lines(&[&arguments[..], &["--seed", "77"]].concat()).0.remove(0);
    assert_eq!(report["detection"]["shipped_threshold"], 1.0, "{report}");
    assert!(report["rank1"].as_f64().expect("a rate") >= 0.99, "{report}");
    let accepted = &report["shipped"]["accepted_right"];
    assert_eq!(accepted["trials"].as_u64(), Some(2), "{report}");
    assert!(accepted["events"].as_u64().is_some_and(|events| events < 2), "{report}");
}

#[test]
fn the_speed_of_the_drawn_models_is_not_mistaken_for_the_real_ones() {
    let Some(place) = Place::new() else { return };
    let (documents, _) = place.lines(&["bench", "vision", "--frames", "10", "--people", "10"]);
    assert_eq!(documents[0]["models"], "drawn");
    assert!(documents[0]["ms"]["total"]["p50"].is_number(), "{}", documents[0]);
}
