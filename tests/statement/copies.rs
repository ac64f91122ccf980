//! Copies: exported, edited, signed by OpenSSL's judgement.

use super::*;

#[test]
fn exported_days_are_the_same_bytes_and_are_left_alone_the_second_time() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let stick = tempfile::tempdir().expect("a folder");
    let to = stick.path().join("statements");
    let export = || mealpoint(&[&"export", &"--json", &"--data", &kiosk.folder.path(), &"--to", &to]);
    let first = export();
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert_eq!(json(&first)["copied"].as_array().map(Vec::len), Some(3));
    let names = |files: BTreeMap<PathBuf, Vec<u8>>| -> BTreeMap<_, _> {
        files.into_iter().map(|(file, bytes)| (file.file_name().map(ToOwned::to_owned), bytes)).collect()
    };
    assert_eq!(names(files_in(&to)), names(kiosk.all_files()));
    assert_eq!(json(&export())["already_there"].as_array().map(Vec::len), Some(3));
    assert!(mealpoint(&[&"verify", &to]).status.success());
}

#[test]
fn days_given_together_with_their_copies_are_as_sound_as_alone_reversals_included() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let stick = tempfile::tempdir().expect("a folder");
    let exported = mealpoint(&[&"export", &"--data", &kiosk.folder.path(), &"--to", &stick.path()]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    let both = || mealpoint(&[&"verify", &"--json", &kiosk.statements(), &stick.path()]);
    let verified = both();
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    // A damaged copy neither passes nor speaks for the sound one.
    let copy = stick.path().join("CT-001_2026-11-22_K-001.entries.jsonl");
    std::fs::write(&copy, "").expect("written");
    let report = json(&both());
    assert_eq!(report["ok"], false);
    assert!(!report["findings"].to_string().contains("taken back before"), "{report}");
}

#[test]
fn a_different_file_on_the_stick_and_a_damaged_day_are_named_and_nothing_is_overwritten() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let stick = tempfile::tempdir().expect("a folder");
    let taken = stick.path().join("CT-001_2026-11-22_K-001.xlsx");
    std::fs::write(&taken, "mine").expect("written");
    std::fs::write(kiosk.file("2026-11-23", ".csv"), "cut").expect("written");
    let exported = mealpoint(&[&"export", &"--json", &"--data", &kiosk.folder.path(), &"--to", &stick.path()]);
    assert_eq!(exported.status.code(), Some(1));
    let report = json(&exported);
    assert_eq!(report["copied"], serde_json::json!(["CT-001_2026-11-24_K-001"]));
    let findings = report["findings"].to_string();
    let other = format!("another file of this name is in {}; it was left alone", stick.path().display());
    assert!(findings.contains(&other) && findings.contains("damaged here"), "{findings}");
    for finding in report["findings"].as_array().expect("a list").iter().take(2) {
        assert_eq!(finding["column"], serde_json::Value::Null, "{finding}");
        assert!(finding["problem"].to_string().contains("; remedy: "), "{finding}");
    }
    assert_eq!(std::fs::read_to_string(&taken).expect("mine"), "mine");
    let of_the_refused_day = files_in(stick.path()).into_keys().filter(|file| file.to_string_lossy().contains("11-22"));
    assert_eq!(of_the_refused_day.collect::<Vec<_>>(), [taken]);
}

#[test]
fn another_key_under_the_name_of_the_kiosks_is_left_alone_on_the_stick_and_nothing_is_copied() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let stick = tempfile::tempdir().expect("a folder");
    let key = kiosk.all_files().into_keys().find(|file| file.to_string_lossy().ends_with(".pub.pem"));
    let taken = stick.path().join(key.as_deref().and_then(Path::file_name).expect("a public key"));
    std::fs::write(&taken, "mine").expect("written");
    let exported = mealpoint(&[&"export", &"--data", &kiosk.folder.path(), &"--to", &stick.path()]);
    let said = String::from_utf8_lossy(&exported.stderr).into_owned();
    assert_eq!(exported.status.code(), Some(1), "{said}");
    let named = format!("{} is not the kiosk's key of that name", taken.display());
    assert!(said.contains(&named) && said.contains("; remedy: move it"), "{said}");
    assert_eq!(files_in(stick.path()), BTreeMap::from([(taken, b"mine".to_vec())]));
}

#[test]
fn what_is_named_as_the_kiosks_key_and_is_none_is_said_so_and_a_private_key_stays_in_the_kiosk() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let csv = kiosk.file("2026-11-22", ".csv");
    let large = kiosk.folder.path().join("large");
    std::fs::write(&large, vec![0; 100_000]).expect("written");
    let (private, none) = ("is a private key, and a private key must never leave", "is no public key of a kiosk");
    for (file, why) in [
        (kiosk.home().keys().join("signing.pem"), private),
        (csv.clone(), none),
        (large, none),
        (kiosk.statements(), none),
        (kiosk.folder.path().join("absent.pem"), "is missing"),
    ] {
        let verified = mealpoint(&[&"verify", &csv, &"--key", &file]);
        let said = String::from_utf8_lossy(&verified.stderr).into_owned();
        assert_eq!(verified.status.code(), Some(1), "{said}");
        assert!(said.contains(&format!("{} {why}", file.display())), "{said}");
        assert!(!said.contains("NUL") && !said.contains("register the new key"), "{said}");
        let (_, remedy) = said.split_once("; remedy: ").expect("a remedy");
        assert!(remedy.contains("name the"), "{said}");
        assert!(why.starts_with("is missing") || remedy.contains("KIOSK-1a2b3c4d.pub.pem"), "{said}");
    }
}

#[test]
fn a_stick_that_is_missing_full_or_not_writable_is_a_clear_error_with_nothing_half_written() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let stick = tempfile::tempdir().expect("a folder");
    let export = |to: &Path| {
        let output = mealpoint(&[&"export", &"--data", &kiosk.folder.path(), &"--to", &to]);
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    for missing in [stick.path().join("a/b"), PathBuf::from("/media/no-such-stick-is-in")] {
        assert!(export(&missing).contains("put the stick in"), "{}", missing.display());
    }
    let file = stick.path().join("file");
    std::fs::write(&file, "").expect("written");
    assert!(export(&file).contains("not a folder"));
    let refused = export(Path::new("/proc/self"));
    assert!(refused.contains("remedy"), "{refused}");
    // No file may grow beyond 1 KiB: what a full stick says, without one.
    let to = stick.path().join("full");
    std::fs::create_dir(&to).expect("a folder");
    let full = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$0\" export --data \"$1\" --to \"$2\""])
        .arg(env!("CARGO_BIN_EXE_mealpoint"))
        .args([kiosk.folder.path(), &to])
        .env_remove("MEALPOINT_KEYS")
        .output()
        .expect("the command runs");
    assert_eq!(full.status.code(), Some(1));
    let said = String::from_utf8_lossy(&full.stderr).into_owned();
    assert!(said.contains("remedy: free space"), "{said}");
    let left: Vec<PathBuf> =
        files_in(&to).into_keys().filter(|file| !file.to_string_lossy().ends_with(".pub.pem")).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

#[test]
fn a_stick_that_does_not_keep_what_was_written_is_found_out_by_reading_back_and_nothing_is_left_on_it() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let folder = tempfile::tempdir().expect("a folder");
    let library = folder.path().join("garble.so");
    if !crate::ledger::built("statement/garble.c", &library) {
        return;
    }
    for garbled in [".pub.pem", ".csv", ".xlsx", ".entries.jsonl", ".json."] {
        let stick = tempfile::tempdir().expect("a folder");
        let export = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
            command.arg("export").args([Path::new("--data"), kiosk.folder.path(), Path::new("--to"), stick.path()]);
            command.env_remove("MEALPOINT_KEYS");
            command
        };
        let output = export().env("LD_PRELOAD", &library).env("MEALPOINT_GARBLE", garbled).output().expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{garbled}: {said}");
        assert!(said.contains("other bytes than were written") && said.contains("remedy"), "{garbled}: {said}");
        let left: Vec<PathBuf> =
            files_in(stick.path()).into_keys().filter(|file| !file.to_string_lossy().ends_with(".pub.pem")).collect();
        assert!(left.is_empty(), "{garbled}: {left:?}");
        let again = export().output().expect("it runs").status;
        assert!(again.success(), "{garbled}: the stick was mended and is still refused");
    }
}

#[test]
fn an_edited_cell_ends_verify_with_1_and_the_row_column_and_values() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let file = kiosk.file("2026-11-22", ".csv");
    let text = std::fs::read_to_string(&file).expect("UTF-8");
    std::fs::write(&file, text.replacen(",12.50,", ",15.00,", 1)).expect("written");
    for path in [&file, &kiosk.statements()] {
        let verified = mealpoint(&[&"verify", &"--json", path]);
        assert_eq!(verified.status.code(), Some(1));
        let first = &json(&verified)["first_difference"];
        assert_eq!((&first["line"], &first["column"]), (&2.into(), &"价格(元)".into()));
        assert_eq!((&first["expected"], &first["found"]), (&"12.50".into(), &"15.00".into()));
    }
    let plain = mealpoint(&[&"verify", &file]);
    let said = String::from_utf8_lossy(&plain.stdout).into_owned();
    assert!(said.contains(".csv:2: column 价格(元): this cell was changed; expected 12.50, found 15.00"), "{said}");
}

#[test]
fn openssl_accepts_the_signature_with_the_documented_line_and_no_other_manifest() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let help = mealpoint(&[&"verify", &"--help"]);
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let line = help.lines().find(|line| line.trim().starts_with("openssl")).expect("the documented line").trim();
    assert_eq!(described("sh"), line, "the description has another line");
    for readme in ["README.md", "README.zh-CN.md"] {
        let text = std::fs::read_to_string(root().join(readme)).expect(readme);
        assert!(text.lines().any(|there| there == line), "{readme} has another line");
    }
    let manifest = kiosk.file("2026-11-22", ".json");
    let key = kiosk.all_files().into_keys().find(|file| file.to_string_lossy().ends_with(".pub.pem"));
    let line = line
        .replace("KIOSK.pub.pem", &key.expect("a public key").to_string_lossy())
        .replace("DAY.json.sig", &kiosk.file("2026-11-22", ".json.sig").to_string_lossy())
        .replace("DAY.json", &manifest.to_string_lossy());
    let openssl = || Command::new("sh").args(["-c", &line]).output().expect("openssl runs");
    let accepted = openssl();
    assert!(accepted.status.success(), "{line}: {}", String::from_utf8_lossy(&accepted.stderr));
    let text = std::fs::read_to_string(&manifest).expect("UTF-8");
    std::fs::write(&manifest, text.replacen("\"meals\": 3", "\"meals\": 2", 1)).expect("written");
    assert!(!openssl().status.success());
}

/// What stands under a key of a report, as one text.
fn told(report: &serde_json::Value, key: &str) -> String {
    report[key].to_string()
}

#[test]
fn days_of_a_key_that_was_lost_are_exported_beside_those_of_the_new_one_and_verify_asks_for_both_keys() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    std::fs::remove_file(kiosk.home().keys().join("signing.pem")).expect("the key was there");
    kiosk.hours_pass(24);
    kiosk.close(day("2026-11-25"));
    let stick = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        let exported = mealpoint(&[&"export", &"--json", &"--data", &kiosk.folder.path(), &"--to", &stick.path()]);
        assert!(exported.status.success(), "{}", json(&exported));
        assert_eq!(told(&json(&exported), "notes"), "[]");
    }
    let strict = mealpoint(&[&"verify", &"--json", &stick.path()]);
    assert_eq!(strict.status.code(), Some(1));
    assert!(told(&json(&strict), "findings").contains("another key than the day before"), "{}", json(&strict));
    let is_key = |file: &PathBuf| file.to_string_lossy().ends_with(".pub.pem");
    let keys: Vec<PathBuf> = files_in(stick.path()).into_keys().filter(is_key).collect();
    let [one, other] = keys.as_slice() else { panic!("two keys: {keys:?}") };
    let verified = mealpoint(&[&"verify", &stick.path(), &"--key", one, &"--key", other]);
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
}

#[test]
fn a_day_that_no_key_of_the_kiosk_signed_fails_the_export() {
    let [mut kiosk, mut forger] = [Kiosk::new(), Kiosk::new()];
    kiosk.three_days();
    forger.three_days();
    for suffix in [".csv", ".xlsx", ".entries.jsonl", ".json", ".json.sig"] {
        std::fs::copy(forger.file("2026-11-24", suffix), kiosk.file("2026-11-24", suffix)).expect("a copy");
    }
    let stick = tempfile::tempdir().expect("a folder");
    let exported = mealpoint(&[&"export", &"--json", &"--data", &kiosk.folder.path(), &"--to", &stick.path()]);
    assert_eq!(exported.status.code(), Some(1));
    let report = json(&exported);
    assert!(told(&report, "findings").contains("another key than the given"), "{report}");
    let notes = told(&report, "notes");
    assert!(
        notes.contains("CT-001_2026-11-24_K-001: no .pub.pem beside it") && notes.contains("; remedy: "),
        "{notes}"
    );
    assert!(!notes.contains("2026-11-23"), "the kiosk's own days are not doubted: {notes}");
}

#[test]
fn a_private_key_that_is_called_a_public_one_does_not_leave_the_kiosk() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let called = kiosk.statements().join("K-001-old.pub.pem");
    std::fs::copy(kiosk.home().keys().join("signing.pem"), called).expect("a copy");
    let stick = tempfile::tempdir().expect("a folder");
    let exported = mealpoint(&[&"export", &"--json", &"--data", &kiosk.folder.path(), &"--to", &stick.path()]);
    assert!(exported.status.success(), "{}", json(&exported));
    assert!(told(&json(&exported), "notes").contains("is a private key"), "{}", json(&exported));
    for (file, bytes) in files_in(stick.path()) {
        assert!(!String::from_utf8_lossy(&bytes).contains("PRIVATE"), "{}", file.display());
    }
}

#[test]
fn files_of_no_day_are_mentioned_and_neither_fail_the_export_nor_the_check_of_a_stick() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let others = ["roster.csv", "menu.json", "CT-001_2026-11-22_K-001 (1).csv"];
    for name in others {
        std::fs::write(kiosk.statements().join(name), "编号,姓名\n").expect("written");
    }
    let stick = tempfile::tempdir().expect("a folder");
    let exported = mealpoint(&[&"export", &"--json", &"--data", &kiosk.folder.path(), &"--to", &stick.path()]);
    assert!(exported.status.success(), "{}", json(&exported));
    let notes = told(&json(&exported), "notes");
    for name in others {
        assert!(notes.contains(name) && notes.contains("not copied"), "{notes}");
        assert!(!stick.path().join(name).exists(), "{name} was copied");
        std::fs::write(stick.path().join(name), "编号,姓名\n").expect("written");
    }
    let verified = mealpoint(&[&"verify", &"--json", &stick.path()]);
    let report = json(&verified);
    assert!(verified.status.success(), "{report}");
    assert_eq!(report["first_difference"], serde_json::Value::Null);
    assert_eq!(report["days"].as_array().map(Vec::len), Some(3));
    let notes = told(&report, "notes");
    assert!(others.iter().all(|name| notes.contains(name)) && notes.contains("not looked at"), "{notes}");
}

#[test]
fn a_desks_working_copy_beside_a_day_is_mentioned_and_a_day_without_its_manifest_still_fails() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    let copies = ["-核对.csv", "副本.csv", "_v2.xlsx"];
    for added in copies {
        std::fs::write(kiosk.file("2026-11-22", added), "我的底稿").expect("written");
    }
    let stick = tempfile::tempdir().expect("a folder");
    let exported = mealpoint(&[&"export", &"--json", &"--data", &kiosk.folder.path(), &"--to", &stick.path()]);
    let verified = || mealpoint(&[&"verify", &"--json", &kiosk.statements()]);
    for (output, treated) in [(exported, "not copied"), (verified(), "not looked at")] {
        assert!(output.status.success(), "{}", json(&output));
        let notes = told(&json(&output), "notes");
        let named = copies.iter().all(|added| notes.contains(&format!("CT-001_2026-11-22_K-001{added}")));
        assert!(named && notes.contains(treated), "{notes}");
    }
    assert!(files_in(stick.path()).into_values().all(|bytes| bytes != "我的底稿".as_bytes()), "a copy was exported");
    for suffix in [".json", ".json.sig", ".entries.jsonl"] {
        std::fs::remove_file(kiosk.file("2026-11-22", suffix)).expect("the file was there");
    }
    let verified = verified();
    assert_eq!(verified.status.code(), Some(1));
    let findings = told(&json(&verified), "findings");
    assert!(findings.contains("CT-001_2026-11-22_K-001.") && findings.contains("it is missing"), "{findings}");
    assert!(!["-核对", "副本", "_v2"].iter().any(|added| findings.contains(added)), "{findings}");
}

#[test]
fn what_is_left_of_a_day_is_damage_whichever_of_its_files_it_is() {
    for kept in [".csv", ".xlsx", ".entries.jsonl", ".json", ".json.sig"] {
        let mut kiosk = Kiosk::new();
        kiosk.three_days();
        for suffix in [".csv", ".xlsx", ".entries.jsonl", ".json", ".json.sig"] {
            if suffix != kept {
                std::fs::remove_file(kiosk.file("2026-11-24", suffix)).expect("the file was there");
            }
        }
        let verified = mealpoint(&[&"verify", &"--json", &kiosk.statements()]);
        assert_eq!(verified.status.code(), Some(1), "{kept}");
        let findings = told(&json(&verified), "findings");
        assert!(
            findings.contains("CT-001_2026-11-24_K-001") && findings.contains("it is missing"),
            "{kept}: {findings}"
        );
    }
}

#[test]
fn a_kiosk_that_closed_no_day_yet_is_told_to_and_not_to_check_the_name() {
    let kiosk = Kiosk::new();
    let said = |path: &Path| {
        let verified = mealpoint(&[&"verify", &path]);
        assert_eq!(verified.status.code(), Some(1));
        String::from_utf8_lossy(&verified.stderr).into_owned()
    };
    let none = "holds no closed day yet; remedy: run `mealpoint close`";
    for path in [kiosk.folder.path(), &kiosk.statements()] {
        assert!(said(path).contains(none), "{}", said(path));
    }
    std::fs::create_dir(kiosk.statements()).expect("a folder");
    std::fs::write(kiosk.statements().join("K-001-1a2b3c4d.pub.pem"), "made before the first day").expect("written");
    assert!(said(kiosk.folder.path()).contains(none), "{}", said(kiosk.folder.path()));
    let elsewhere = said(&kiosk.folder.path().join("statement"));
    assert!(elsewhere.contains("does not exist; remedy: check the name"), "{elsewhere}");
}
