//! What is measured on folders of pictures, tidy and not.

use super::*;

/// Folders of four people, three pictures each `enrolled` and one more as `probes`, and of one of the `strangers`.
fn folders() -> Option<Place> {
    let place = Place::new()?;
    place.draw("enrolled", 0..4, &ENROLLED);
    place.draw("probes", 0..4, &LOOKED_UP[..1]);
    place.draw("strangers", 10..11, &LOOKED_UP[..1]);
    Some(place)
}

const STRANGERS: [&str; 2] = ["--strangers", "strangers"];

/// What is measured on them, `more` being asked, and what is said on stderr.
fn report(place: &Place, more: &[&str]) -> (Value, String) {
    let arguments = ["evaluate", "gallery", "--force-drawn-models", "--enrolled", "enrolled", "--probes", "probes"];
    let (mut documents, said) = place.lines(&[&arguments[..], more].concat());
    (documents.remove(0), said)
}

#[test]
fn lists_and_notes_among_the_pictures_are_nobodys_probe_nor_a_stranger_and_what_should_be_a_picture_is() {
    let Some(place) = folders() else { return };
    let (clean, _) = report(&place, &STRANGERS);
    assert_eq!((clean["probes"].as_u64(), clean["rank1"].as_f64()), (Some(4), Some(1.0)), "{clean}");
    for folder in ["probes/P-1", "enrolled/P-1"] {
        std::fs::write(place.path(folder).join("Thumbs.db"), b"\0\x01").expect("written");
    }
    std::fs::write(place.path("strangers/list.txt"), "one.png\n").expect("written");
    let (mut messy, _) = report(&place, &STRANGERS);
    assert_eq!(messy["no_pictures"].as_array().map(Vec::len), Some(3), "{messy}");
    messy["no_pictures"] = clean["no_pictures"].clone();
    assert_eq!(messy, clean);
    // A phone's photo that cannot be read is a probe all the same, and a miss.
    std::fs::write(place.path("probes/P-1/IMG_1.HEIC"), b"ftypheic").expect("written");
    let (missed, _) = report(&place, &STRANGERS);
    assert_eq!((missed["probes"].as_u64(), missed["rank1"].as_f64()), (Some(5), Some(0.8)), "{missed}");
    assert_eq!((missed["unreadable"].as_array().map(Vec::len), &missed["not_acquired"]), (Some(1), &Value::from(1)));
}

#[test]
fn strangers_that_cannot_be_read_are_nobody_who_was_refused() {
    let Some(place) = folders() else { return };
    let (clean, _) = report(&place, &STRANGERS);
    let of = |report: &Value| -> Vec<Value> {
        ["strangers", "non_mated_searches", "fpir_from", "points", "shipped"].map(|key| report[key].clone()).into()
    };
    for name in ["1.HEIC", "2.HEIC"] {
        std::fs::write(place.path("strangers").join(name), b"ftypheic").expect("written");
    }
    let (mixed, _) = report(&place, &STRANGERS);
    assert_eq!((of(&mixed), mixed["unreadable"].as_array().map(Vec::len)), (of(&clean), Some(2)), "{mixed}");
    // Where none of them can be looked up, they say nothing of how often a stranger passes.
    std::fs::remove_dir_all(place.path("strangers/P-10")).expect("gone");
    let (alone, _) = report(&place, &STRANGERS);
    assert_eq!(of(&alone), of(&report(&place, &[]).0), "{alone}");
}

#[test]
fn one_probe_of_somebody_whom_nobody_enrolled_does_not_set_the_threshold_alone() {
    let Some(place) = folders() else { return };
    let (before, _) = report(&place, &[]);
    assert_eq!(before["fpir_from"], "probes_without_their_own_person");
    std::fs::create_dir(place.path("probes/somebody")).expect("a folder");
    std::fs::copy(place.path("strangers/P-10/0.png"), place.path("probes/somebody/0.png")).expect("a copy");
    let (after, _) = report(&place, &[]);
    assert_eq!(after["fpir_from"], "strangers_and_probes_without_their_own_person", "{after}");
    assert_eq!((after["non_mated_searches"].as_u64(), after["unmated_probes"].as_u64()), (Some(5), Some(1)), "{after}");
    let threshold = |report: &Value| report["points"][0]["threshold"].as_f64().expect("a threshold");
    assert!(threshold(&after) >= threshold(&before), "{after}");
    assert_eq!(report(&place, &STRANGERS).0["fpir_from"], "strangers");
}

#[test]
fn pictures_that_are_looked_up_and_enrolled_themselves_are_counted_and_told_of() {
    let Some(place) = folders() else { return };
    assert_eq!(report(&place, &STRANGERS).0["enrolled_too"], 0);
    std::fs::copy(place.path("enrolled/P-1/0.png"), place.path("probes/P-1/again.png")).expect("a copy");
    let (report, said) = report(&place, &[]);
    assert_eq!((report["enrolled_too"].as_u64(), report["probes"].as_u64()), (Some(1), Some(5)), "{report}");
    assert!(said.contains("1 of the pictures looked up are enrolled themselves"), "{said}");
}

#[test]
fn pairs_are_evaluated_with_the_keys_that_were_promised() {
    let Some(place) = Place::new() else { return };
    let pictures = place.draw("pictures", 0..4, &LOOKED_UP);
    save_without_a_face(&pictures);
    let mut rows = "path_a,path_b,same,fold\n".to_owned();
    for person in 0..4 {
        let next = (person + 1) % 4;
        rows += &format!("P-{person}/0.png,P-{person}/1.png,1,{person}\n");
        rows += &format!("P-{person}/0.png,P-{next}/0.png,0,{person}\n");
    }
    rows += "grey.png,empty.png,0,0\n";
    std::fs::write(place.path("pairs.csv"), rows).expect("a file");
    let arguments =
        ["evaluate", "pairs", "--force-drawn-models", "--pairs", "pairs.csv", "--pictures", text(&pictures)];
    let report = place.lines(&arguments).0.remove(0);
    assert_eq!((report["pairs"].as_u64(), report["not_acquired"].as_u64()), (Some(9), Some(1)), "{report}");
    assert_eq!((report["accuracy"].as_f64(), report["folds"].as_u64()), (Some(1.0), Some(4)), "{report}");
    for point in report["tmr_at_fmr"].as_array().expect("points") {
        assert!(
            ["fmr", "threshold", "tmr", "tmr_acquired"].iter().all(|key| point[key].is_number())
                && point["ci95"].is_array()
        );
    }
}
