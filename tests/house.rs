//! The rules of the house that a machine can check.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below `folder`, sorted.
fn rust_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(folder) = open.pop() {
        for item in std::fs::read_dir(&folder).expect("a readable folder") {
            let path = item.expect("a readable folder").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// The part of a line that is code: before a `//` that is not within a string.
fn code_of(line: &str) -> &str {
    let mut in_string = false;
    let bytes = line.as_bytes();
    for i in 0..bytes.len() {
        match bytes[i] {
            b'"' if i == 0 || bytes[i - 1] != b'\\' => in_string = !in_string,
            b'/' if !in_string && bytes.get(i + 1) == Some(&b'/') => return &line[..i],
            _ => {}
        }
    }
    line
}

#[test]
fn every_file_holds_one_idea_and_ends_before_it_needs_a_table_of_contents() {
    let long: Vec<String> = ["src", "tests"]
        .into_iter()
        .flat_map(rust_files)
        .filter_map(|path| {
            let lines = text(&path).lines().count();
            (lines > 450).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "split these: {long:#?}");
}

/// Files that a parent names as `#[cfg(test)] mod NAME;`.
fn test_files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in rust_files("src") {
        let text = text(&path);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
            let module = pair[1].rsplit("mod ").next().and_then(|name| name.strip_suffix(';'));
            found.extend(module.map(|name| path.with_file_name(name).with_extension("rs")));
        }
    }
    found
}

/// Whether the whole file is tests, by its name or a folder's.
fn is_of_tests(path: &Path) -> bool {
    let within = path.strip_prefix(root()).expect("a file of the project");
    within.ends_with("tests.rs") || within.components().any(|part| part.as_os_str() == "tests")
}

#[test]
fn chinese_stands_in_the_string_catalogue_alone() {
    let tests = test_files();
    assert!(tests.contains(&root().join("src/domain/sample.rs")), "{tests:#?}");
    let strays: Vec<String> = rust_files("src")
        .into_iter()
        .filter(|path| !path.starts_with(root().join("src/words")) && !tests.contains(path) && !is_of_tests(path))
        .flat_map(|path| {
            let text = text(&path);
            let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
            product
                .lines()
                .enumerate()
                .filter(|(_, line)| code_of(line).contains(is_chinese))
                .map(|(i, line)| format!("{}:{}: {}", path.display(), i + 1, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(strays.is_empty(), "move these to src/words: {strays:#?}");
}

#[test]
fn tests_name_their_own_folder_of_keys_whatever_folder_the_environment_names() {
    let at = concat!("Home::", "at(");
    let whole = test_files();
    let tests_of = |path: &PathBuf| {
        let text = text(path);
        if is_of_tests(path) || whole.contains(path) {
            return text;
        }
        text.split_once("#[cfg(test)]\nmod ").map(|(_, tests)| tests.to_owned()).unwrap_or_default()
    };
    let files: Vec<PathBuf> = ["src", "tests"].into_iter().flat_map(rust_files).collect();
    for seen in ["src/kiosk/engine/tests.rs", "src/kiosk/demo/data.rs"] {
        assert!(files.contains(&root().join(seen)), "{files:#?}");
    }
    let strays: Vec<&PathBuf> = files.iter().filter(|path| tests_of(path).contains(at)).collect();
    assert!(strays.is_empty(), "take Home::with_keys here: {strays:#?}");
}

#[test]
fn commands_print_by_what_bears_a_closed_or_full_stdout_alone() {
    let strays: Vec<String> = rust_files("src/cli")
        .into_iter()
        .flat_map(|path| {
            let text = text(&path);
            let prints = |line: &str| {
                let code = code_of(line);
                ["println!", "print!"].iter().any(|print| {
                    code.match_indices(print).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric()))
                })
            };
            let lines = text.lines().enumerate().filter(|(_, line)| prints(line));
            lines.map(|(i, line)| format!("{}:{}: {}", path.display(), i + 1, line.trim())).collect::<Vec<_>>()
        })
        .collect();
    assert!(strays.is_empty(), "say these with say!: {strays:#?}");
}

#[test]
fn every_dependency_is_permissively_licensed() {
    const PERMISSIVE: &[&str] = &[
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BSL-1.0",
        "CC0-1.0",
        "IJG",
        "ISC",
        "MIT",
        "MIT-0",
        "Unicode-3.0",
        "Unlicense",
        "Zlib",
    ];
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform"])
        .arg(format!("{}-unknown-linux-gnu", std::env::consts::ARCH))
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 100, "only {} packages were looked at", packages.len());
    let allowed = |term: &str| {
        let licence = term.trim_matches(|c| c == '(' || c == ')' || c == ' ');
        PERMISSIVE.contains(&licence.split(" WITH ").next().unwrap_or_default())
    };
    let refused: Vec<String> = packages
        .iter()
        .filter_map(|package| {
            let expression = package["license"].as_str().unwrap_or("none").replace(['/'], " OR ");
            let fine = expression.split(" AND ").all(|part| part.split(" OR ").any(|term| allowed(term.trim())));
            (!fine).then(|| format!("{} {}: {expression}", package["name"], package["version"]))
        })
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

/// The lines of all fenced blocks of a Markdown text.
fn code_lines(markdown: &str) -> Vec<&str> {
    let mut inside = false;
    markdown
        .lines()
        .filter(|line| {
            if line.starts_with("```") {
                inside = !inside;
                return false;
            }
            inside
        })
        .collect()
}

// The README tells of the whole program.
#[cfg(feature = "kiosk")]
#[test]
fn every_command_line_of_the_readme_is_one_that_the_program_knows() {
    let readme = text(&root().join("README.md"));
    let mut checked = 0;
    for line in code_lines(&readme) {
        let Some(rest) = line.trim_start_matches("$ ").strip_prefix("mealpoint ") else { continue };
        let words: Vec<&str> = rest.split_whitespace().take_while(|w| !w.starts_with(['#', '|', '>', '-'])).collect();
        let options: Vec<&str> =
            rest.split_whitespace().take_while(|w| *w != "#").filter(|w| w.starts_with("--")).collect();
        // Subcommands come first; `--help` of the longest run that is one lists its options.
        let help = (1..=words.len()).rev().find_map(|n| {
            let output = Command::new(env!("CARGO_BIN_EXE_mealpoint"))
                .args(&words[..n])
                .arg("--help")
                .output()
                .expect("the program runs");
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
        });
        let help = help.unwrap_or_else(|| panic!("`{line}`: no such command"));
        // Of a word that is no command, the longest run that is one is what it should be a command of.
        assert!(!help.contains("\nCommands:\n"), "`{line}`: no such command");
        for option in options {
            assert!(help.contains(option), "`{line}`: no option {option}");
        }
        checked += 1;
    }
    assert!(checked >= 8, "only {checked} command lines stand in the README");
}

#[test]
fn the_chinese_readme_keeps_step_with_the_english_one() {
    let [english, chinese] = ["README.md", "README.zh-CN.md"].map(|name| text(&root().join(name)));
    let headings = |text: &str| {
        text.lines()
            .filter(|l| l.starts_with('#'))
            .map(|l| l.split(' ').next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(headings(&english), headings(&chinese), "the headings differ");
    let commands = |text: &str| {
        code_lines(text)
            .into_iter()
            .filter(|l| l.starts_with("mealpoint ") || l.starts_with("scripts/"))
            .map(|l| l.split('#').next().unwrap_or_default().trim().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(commands(&english), commands(&chinese), "the command lines differ");
}

#[test]
fn the_drawn_models_are_under_two_megabytes_together() {
    let size = |file: &str| std::fs::metadata(root().join("models").join(file)).expect("a model").len();
    assert!(size("drawn-detector.onnx") + size("drawn-embedder.onnx") < 2_000_000);
}
