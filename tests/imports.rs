//! Files and folders that people name by mistake.

#[cfg(feature = "kiosk")]
use std::path::Path;
use std::process::Command;

#[test]
fn a_file_without_an_end_a_folder_and_no_file_are_refused_with_a_remedy() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("no.csv");
    for kind in ["roster", "menu"] {
        for (file, says) in
            [("/dev/zero".as_ref(), "64 MiB"), (folder.path(), "directory"), (missing.as_path(), "No such file")]
        {
            let output = Command::new(env!("CARGO_BIN_EXE_mealpoint"))
                .env_remove("MEALPOINT_KEYS")
                .args([kind, "import"])
                .arg(file)
                .arg("--data")
                .arg(folder.path().join("data"))
                .output()
                .expect("it runs");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains(says) && said.contains("remedy"), "{kind} import {}: {said}", file.display());
        }
    }
}

#[test]
fn a_program_is_told_what_is_wrong_with_a_file_in_one_document_whatever_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let [rows, heading, empty, gbk] =
        ["rows.csv", "heading.csv", "empty.csv", "gbk.csv"].map(|name| folder.path().join(name));
    std::fs::write(&heading, "id,nom\nX-1,y\n").expect("written");
    std::fs::write(&empty, "").expect("written");
    std::fs::write(&gbk, b"id,name\nX-1,\xcd\xf5\n").expect("written");
    for (kind, bad) in [
        ("roster", "id,name,birth_date,district,town\nE-1,y,1945-02-30,d,t\n"),
        ("menu", "id,name,price\nD-1,y,free\n"),
    ] {
        std::fs::write(&rows, bad).expect("written");
        for (file, line, says) in [
            (rows.as_path(), Some(2), ""),
            (heading.as_path(), Some(1), "missing"),
            (empty.as_path(), Some(1), "empty"),
            (gbk.as_path(), None, "GBK"),
            (std::path::Path::new("/dev/zero"), None, "64 MiB"),
        ] {
            let output = Command::new(env!("CARGO_BIN_EXE_mealpoint"))
                .env_remove("MEALPOINT_KEYS")
                .args([kind, "import", "--json"])
                .arg(file)
                .arg("--data")
                .arg(folder.path().join("data"))
                .output()
                .expect("it runs");
            assert_eq!(output.status.code(), Some(1), "{kind} import {}", file.display());
            let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one document");
            assert_eq!(document["file"], file.display().to_string(), "{document}");
            let problems = document["problems"].as_array().expect("a list");
            let [problem] = problems.as_slice() else { panic!("one problem: {document}") };
            assert_eq!(problem["line"].as_u64(), line, "{document}");
            assert_eq!(problem["column"].is_string(), line == Some(2), "{document}");
            assert!(problem["why"].as_str().is_some_and(|why| !why.is_empty() && why.contains(says)), "{document}");
        }
    }
}

#[cfg(feature = "kiosk")]
#[test]
fn a_demos_folder_takes_nothing_real_and_its_days_are_closed_and_verified() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    mealpoint::kiosk::demo::keep_apart(&data, true).expect("a demo's folder");
    let (roster, menu) = (folder.path().join("roster.csv"), folder.path().join("menu.csv"));
    std::fs::write(&roster, "id,name,birth_date,district,town\nE-1,王秀英,1945-05-02,武侯区,玉林街道\n")
        .expect("written");
    std::fs::write(&menu, "id,name,price\nD-1,豆腐汤,3.00\n").expect("written");
    let [roster, menu, stick] = [roster, menu, folder.path().join("stick")].map(|path| path.display().to_string());
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mealpoint"));
        command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments).args([Path::new("--data"), &data]);
        crate::staff::with_typed(&mut command, "480213")
    };
    let closed = run(&["close"]);
    assert!(closed.status.success(), "{}", String::from_utf8_lossy(&closed.stderr));
    assert!(run(&["verify", &data.display().to_string()]).status.success());
    for arguments in [
        &["roster", "import", &roster][..],
        &["menu", "import", &menu],
        &["enroll", "--elder", "E-1", "--pictures", &stick, "--consent-by", "王芳"],
        &["staff", "set", "--id", "S-1", "--name", "张丽"],
        &["export", "--to", &stick],
    ] {
        let output = run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("drawn people") && said.contains("another one with --data"), "{arguments:?}: {said}");
    }
    assert!(!data.join("people.db").exists() && !Path::new(&stick).exists(), "something real was taken");
}
