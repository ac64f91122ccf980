//! The reader of rule files takes anything without falling over: a rule book, or an error that names the place.

use std::path::Path;

use mealpoint::config::subsidies;
use mealpoint::domain::subsidy::RuleBook;
use mealpoint::domain::{MealPeriod, Usage};
use proptest::prelude::*;

use super::{elder, folder, moment, quoted, yuan};

/// Every rule file of the repository.
fn files() -> Vec<String> {
    let mut texts = Vec::new();
    for place in ["kiosk-config/subsidies", "kiosk-config/examples/subsidies"] {
        for entry in std::fs::read_dir(folder(place)).expect("a folder") {
            let file = entry.expect("an entry").path();
            if file.extension().is_some_and(|e| e == "toml") {
                texts.push(std::fs::read_to_string(&file).expect("a rule file"));
            }
        }
    }
    texts.sort();
    assert!(texts.len() >= 14, "only {} rule files", texts.len());
    texts
}

/// What comes of a text: a book that quotes whole, or an error with file and line.
fn survives(text: &str) -> Result<(), TestCaseError> {
    let taken = subsidies::parse(Path::new("rules.toml"), text)
        .map_err(|e| e.to_string())
        .and_then(|programmes| RuleBook::new(programmes).map_err(|e| e.to_string()));
    match taken {
        Ok(book) => {
            let elder = elder("1940-01-01", &[], Some(3), "武侯区/玉林街道");
            for day in ["2020-06-01", "2025-06-01", "2026-06-01"] {
                let at = moment(day, MealPeriod::Lunch, "武侯区/玉林街道");
                quoted(&book, &elder, &at, yuan("15.00"), &Usage::default());
            }
        }
        Err(message) => prop_assert!(message.starts_with("rules.toml:") && message.contains("remedy"), "{message}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_refused_or_read(text in any::<String>()) {
        survives(&text)?;
    }

    #[test]
    fn any_bytes_in_a_file_are_refused_or_read(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("rules.toml");
        std::fs::write(&file, &bytes).expect("a file");
        if let Err(error) = subsidies::read_folder(folder.path()) {
            prop_assert!(error.to_string().contains("rules.toml:"), "{error}");
        }
    }

    #[test]
    fn a_damaged_rule_file_is_refused_or_read(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), 0..6_u8, any::<char>()), 1..4),
    ) {
        let files = files();
        let mut text: Vec<char> = which.get(&files).chars().collect();
        for (place, how, with) in damages {
            if text.is_empty() {
                break;
            }
            let at = place.index(text.len());
            let line_end = text.iter().skip(at).position(|c| *c == '\n').map_or(text.len(), |n| at + n);
            match how {
                0 => text[at] = with,
                1 => { text.remove(at); }
                2 => text.insert(at, with),
                3 => { text.drain(at..line_end); }
                4 => { let line: Vec<_> = text[at..line_end].to_vec(); text.extend(['\n']); text.extend(line); }
                _ => text.truncate(at.max(1)),
            }
        }
        survives(&text.into_iter().collect::<String>())?;
    }

    #[test]
    fn any_number_in_a_rule_file_is_refused_or_read(
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        number in prop_oneof![any::<i64>().prop_map(|n| n.to_string()), any::<f64>().prop_map(|n| n.to_string())],
    ) {
        let files = files();
        let text = which.get(&files);
        let digits: Vec<_> = text.match_indices(|c: char| c.is_ascii_digit()).collect();
        let (at, digit) = *place.get(&digits);
        survives(&format!("{}{number}{}", &text[..at], &text[at + digit.len()..]))?;
    }
}

#[test]
fn a_missing_folder_is_an_error_and_an_empty_one_a_book_without_programmes() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = subsidies::read(folder.path()).expect_err("no folder `subsidies`").to_string();
    assert!(error.contains("subsidies") && error.contains("remedy"), "{error}");
    std::fs::create_dir(folder.path().join("subsidies")).expect("a folder");
    assert!(subsidies::read(folder.path()).expect("an empty folder").programmes().is_empty());
}

#[test]
fn two_files_of_a_folder_are_checked_against_each_other() {
    let folder = tempfile::tempdir().expect("a folder");
    let one = &files().into_iter().find(|t| t.contains("xuyi-meal")).expect("an example");
    std::fs::write(folder.path().join("a.toml"), one).expect("a file");
    std::fs::write(folder.path().join("b.toml"), one).expect("a file");
    std::fs::write(folder.path().join(".c.toml"), "not a rule file").expect("a hidden file");
    let error = subsidies::read_folder(folder.path()).expect_err("the same programme twice").to_string();
    assert!(error.contains("a.toml:") && error.contains("b.toml:") && error.contains("twice"), "{error}");
}

#[test]
fn a_rule_file_without_an_end_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("rules.toml")).expect("a link");
    let error = subsidies::read_folder(folder.path()).expect_err("it was read to its end").to_string();
    assert!(error.contains("rules.toml:1: it is larger than 4 MiB"), "{error}");
}

/// A folder of rules with the programme of Xuyi in a file of this name.
fn rules_in(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let rules = files().into_iter().find(|text| text.contains("xuyi-meal")).expect("an example");
    std::fs::write(folder.path().join(name), rules).expect("a file");
    folder
}

#[test]
fn a_rule_file_in_capitals_is_read_as_well() {
    for name in ["rules.toml", "RULES.TOML", "Rules.Toml", "2026.v2.tOML"] {
        let book = subsidies::read_folder(rules_in(name).path()).expect(name);
        assert_eq!(book.programmes().len(), 1, "{name}");
    }
}

#[test]
fn a_file_that_may_be_meant_as_rules_and_has_another_name_is_refused_by_it() {
    for (name, remedy) in [
        ("points.toml.txt", "name it points.toml,"),
        ("POINTS~1.TOM", "name it POINTS~1.toml,"),
        ("points", "name it points.toml,"),
        ("points.toml.bak", "name it points.toml,"),
        ("points.toml (1)", "name it points.toml,"),
        ("积分.txt", "name it 积分.toml,"),
    ] {
        let folder = rules_in("rules.toml");
        std::fs::write(folder.path().join(name), "").expect("a file");
        let error = subsidies::read_folder(folder.path()).expect_err(name).to_string();
        let named = error.starts_with(&format!("{}:1: ", folder.path().join(name).display()));
        assert!(named && error.contains("not a rule file by its name; remedy: "), "{error}");
        assert!(error.contains(remedy) && error.ends_with("or move it out of the folder"), "{error}");
    }
}

#[test]
fn a_copy_beside_the_rules_it_was_made_of_is_only_to_be_moved_out_and_never_to_take_their_name() {
    for (rules, name) in [
        ("wuhou.toml", "wuhou.toml.bak"),
        ("wuhou.toml", "wuhou.csv"),
        ("wuhou.toml", "wuhou"),
        ("wuhou.toml", "Wuhou.toml (1)"),
        ("WUHOU.TOML", "wuhou.bak"),
        ("2026.v2.toml", "2026.v2.toml.bak"),
    ] {
        let folder = rules_in(rules);
        std::fs::write(folder.path().join(name), "").expect("a file");
        let error = subsidies::read_folder(folder.path()).expect_err(name).to_string();
        assert!(error.ends_with("not a rule file by its name; remedy: move it out of the folder"), "{error}");
    }
}

#[test]
fn a_folder_with_anything_in_it_is_not_passed_over_in_silence() {
    for inside in ["old.toml", "wuhou/rules.toml", "rules.txt"] {
        let folder = rules_in("rules.toml");
        let file = folder.path().join("2025").join(inside);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, "").expect("a file");
        let error = subsidies::read_folder(folder.path()).expect_err(inside).to_string();
        assert!(error.starts_with(&format!("{}:1: it is a folder, ", folder.path().join("2025").display())), "{error}");
        assert!(error.contains("not read; remedy: move its rule files up to the others, or move it out"), "{error}");
    }
}

#[test]
fn hidden_files_what_editors_leave_behind_and_empty_folders_are_no_rules() {
    let folder = rules_in("rules.toml");
    for name in [".rules.toml.swp", "._rules.toml", ".DS_Store", "rules.toml~", "#rules.toml#", ".#rules.toml"] {
        std::fs::write(folder.path().join(name), "not rules").expect("a file");
    }
    std::fs::create_dir(folder.path().join("2025")).expect("a folder");
    std::fs::write(folder.path().join("2025/.gitkeep"), "").expect("a hidden file");
    let book = subsidies::read_folder(folder.path()).expect("the rules alone");
    assert_eq!(book.programmes().len(), 1);
}
