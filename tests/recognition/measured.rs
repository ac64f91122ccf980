//! What is measured on folders of photos, tidy and not.

use super::*;

/// Folders of four people, three photos each enrolled and one more looked up, and one stranger.
struct Small {
    enrolled: TempDir,
    probes: TempDir,
    strangers: TempDir,
}

impl Small {
    fn new(faces: &Path) -> Self {
        let folder = || tempfile::tempdir().expect("a folder");
        let small = Self { enrolled: folder(), probes: folder(), strangers: folder() };
        for person in ["Colin_Powell", "Tony_Blair", "George_W_Bush", "Hugo_Chavez"] {
            for number in 1..=4 {
                let tree = if number < 4 { &small.enrolled } else { &small.probes };
                let to = tree.path().join(person);
                std::fs::create_dir_all(&to).expect("a folder");
                let name = format!("{person}_{number:04}.jpg");
                std::fs::copy(faces.join("people").join(person).join(&name), to.join(&name)).expect("a copy");
            }
        }
        let stranger = support::files(&faces.join("distractors")).remove(0);
        std::fs::copy(&stranger, small.strangers.path().join("one.jpg")).expect("a copy");
        small
    }

    fn report(&self, kiosk: &Kiosk, with_strangers: bool) -> Value {
        let [enrolled, probes, strangers] =
            [&self.enrolled, &self.probes, &self.strangers].map(|folder| text(folder.path()));
        let mut arguments = vec!["evaluate", "gallery", "--enrolled", enrolled, "--probes", probes];
        if with_strangers {
            arguments.extend(["--strangers", strangers]);
        }
        kiosk.json(&arguments).remove(0)
    }
}

#[test]
fn lists_and_notes_among_the_photos_are_nobodys_probe_nor_a_stranger_and_what_should_be_a_photo_is() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let small = Small::new(&faces);
    let clean = small.report(&kiosk, true);
    assert_eq!((clean["probes"].as_u64(), clean["rank1"].as_f64()), (Some(4), Some(1.0)), "{clean}");
    for place in [small.probes.path().join("Tony_Blair"), small.enrolled.path().join("Tony_Blair")] {
        std::fs::write(place.join("Thumbs.db"), b"\0\x01").expect("written");
    }
    std::fs::write(small.strangers.path().join("list.txt"), "one.jpg\n").expect("written");
    let mut messy = small.report(&kiosk, true);
    assert_eq!(messy["no_pictures"].as_array().map(Vec::len), Some(3), "{messy}");
    messy["no_pictures"] = clean["no_pictures"].clone();
    assert_eq!(messy, clean);
    // A phone's photo that cannot be read is a probe all the same, and a miss.
    std::fs::write(small.probes.path().join("Tony_Blair/IMG_1.HEIC"), b"ftypheic").expect("written");
    let missed = small.report(&kiosk, true);
    assert_eq!((missed["probes"].as_u64(), missed["rank1"].as_f64()), (Some(5), Some(0.8)), "{missed}");
    assert_eq!((missed["unreadable"].as_array().map(Vec::len), &missed["not_acquired"]), (Some(1), &Value::from(1)));
}

#[test]
fn one_probe_of_somebody_whom_nobody_enrolled_does_not_set_the_threshold_alone() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let small = Small::new(&faces);
    let before = small.report(&kiosk, false);
    assert_eq!(before["fpir_from"], "probes_without_their_own_person");
    std::fs::create_dir(small.probes.path().join("somebody")).expect("a folder");
    std::fs::copy(small.strangers.path().join("one.jpg"), small.probes.path().join("somebody/one.jpg"))
        .expect("a copy");
    let after = small.report(&kiosk, false);
    assert_eq!(after["fpir_from"], "strangers_and_probes_without_their_own_person", "{after}");
    assert_eq!((after["non_mated_searches"].as_u64(), after["unmated_probes"].as_u64()), (Some(5), Some(1)), "{after}");
    let threshold = |report: &Value| report["points"][0]["threshold"].as_f64().expect("a threshold");
    assert!(threshold(&after) >= threshold(&before), "{after}");
    assert_eq!(small.report(&kiosk, true)["fpir_from"], "strangers");
}

#[test]
fn pictures_that_are_looked_up_and_enrolled_themselves_are_counted_and_told_of() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let small = Small::new(&faces);
    assert_eq!(small.report(&kiosk, true)["enrolled_too"], 0);
    let of = |tree: &TempDir, name: &str| tree.path().join("Tony_Blair").join(name);
    std::fs::copy(of(&small.enrolled, "Tony_Blair_0001.jpg"), of(&small.probes, "again.jpg")).expect("a copy");
    let [enrolled, probes] = [&small.enrolled, &small.probes].map(|folder| text(folder.path()));
    let output = kiosk.run(&["evaluate", "gallery", "--enrolled", enrolled, "--probes", probes]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!((report["enrolled_too"].as_u64(), report["probes"].as_u64()), (Some(1), Some(5)), "{report}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("1 of the pictures looked up are enrolled themselves"));
}

#[test]
fn a_copy_of_a_photo_of_somebody_else_does_not_outvote_the_elders_own() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    for (from, to) in [
        ("Tony_Blair/Tony_Blair_0001.jpg", "own.jpg"),
        ("Hugo_Chavez/Hugo_Chavez_0001.jpg", "wrong.jpg"),
        ("Hugo_Chavez/Hugo_Chavez_0001.jpg", "wrong (1).jpg"),
    ] {
        std::fs::copy(faces.join("people").join(from), folder.path().join(to)).expect("a copy");
    }
    let arguments = ["enroll", "--elder", "blair", "--pictures", text(folder.path()), "--consent-by", "himself"];
    let output = kiosk.run(&arguments);
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    assert_eq!((output.status.code(), report["people"].as_u64()), (Some(1), Some(0)), "{report}");
    assert!(report.to_string().contains("the same photo as an earlier one"), "{report}");
}

#[test]
fn pairs_and_liveness_are_evaluated_with_the_keys_that_were_promised() {
    let (Some(kiosk), Some(faces)) = (Kiosk::new(), support::faces()) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("pairs.csv");
    let person = |name: &str, number: usize| format!("people/{name}/{name}_{number:04}.jpg");
    let mut rows = "path_a,path_b,same,fold\n".to_owned();
    for (fold, number) in [1, 2, 3, 4].into_iter().enumerate() {
        rows += &format!("{},{},1,{fold}\n", person("Colin_Powell", number), person("Colin_Powell", number + 1));
        rows += &format!("{},{},0,{fold}\n", person("Colin_Powell", number), person("George_W_Bush", number));
    }
    rows += "no-face/synthetic_grey.png,no-face/synthetic_black.png,0,0\n";
    std::fs::write(&file, rows).expect("a file");
    let report = kiosk.json(&["evaluate", "pairs", "--pairs", text(&file), "--pictures", text(&faces)]).remove(0);
    assert_eq!((report["pairs"].as_u64(), report["not_acquired"].as_u64()), (Some(9), Some(1)), "{report}");
    assert_eq!((report["accuracy"].as_f64(), report["folds"].as_u64()), (Some(1.0), Some(4)), "{report}");
    for point in report["tmr_at_fmr"].as_array().expect("points") {
        assert!(
            ["fmr", "threshold", "tmr", "tmr_acquired"].iter().all(|key| point[key].is_number())
                && point["ci95"].is_array()
        );
    }

    let pad = faces.join("pad");
    let (live, fake) = (pad.join("live"), pad.join("fake"));
    let report = kiosk.json(&["evaluate", "liveness", "--live", text(&live), "--attack", text(&fake)]).remove(0);
    assert_eq!((report["live"].as_u64(), report["attacks"].as_u64()), (Some(1), Some(4)), "{report}");
    assert!(report["bpcer"].is_number() && report["apcer"].is_number() && report["kinds"].is_array(), "{report}");

    // A note among the attacks is none of them.
    let with_note = tempfile::tempdir().expect("a folder");
    support::files(&fake).iter().zip(0..).for_each(|(file, at)| {
        std::fs::copy(file, with_note.path().join(format!("{at}.jpg"))).expect("a copy");
    });
    std::fs::write(with_note.path().join("README.txt"), "four attacks").expect("written");
    let noted =
        kiosk.json(&["evaluate", "liveness", "--live", text(&live), "--attack", text(with_note.path())]).remove(0);
    assert_eq!((noted["attacks"].as_u64(), &noted["apcer"]), (Some(4), &report["apcer"]), "{noted}");
    assert_eq!(noted["no_pictures"].as_array().map(Vec::len), Some(1), "{noted}");

    // In grey the same attacks tell nothing about the liveness models, and say so.
    let attacks = tempfile::tempdir().expect("a folder");
    for (at, file) in support::files(&fake).iter().enumerate() {
        let picture = image::open(file).expect("a photo");
        picture.to_rgb8().save(attacks.path().join(format!("{at}-colour.png"))).expect("a file");
        picture.to_luma8().save(attacks.path().join(format!("{at}-grey.png"))).expect("a file");
    }
    let with_grey = ["evaluate", "liveness", "--live", text(&live), "--attack", text(attacks.path())];
    let mixed = kiosk.json(&with_grey).remove(0);
    assert_eq!((mixed["attacks"].as_u64(), mixed["not_judged"].as_u64()), (Some(4), Some(4)), "{mixed}");
    assert_eq!((&mixed["apcer"], &mixed["bpcer"]), (&report["apcer"], &report["bpcer"]), "{mixed}");
    assert_eq!((report["not_judged"].as_u64(), &mixed["not_acquired"]), (Some(0), &report["not_acquired"]), "{mixed}");
}
