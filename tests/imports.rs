//! Files that people name by mistake.

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
