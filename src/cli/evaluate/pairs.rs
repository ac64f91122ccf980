//! `mealpoint evaluate pairs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::{PHOTOS, percent};
use crate::cli::recognition::{ModelArguments, Recognition};
use crate::cli::roster::read;
use crate::cli::{Context, told};
use crate::domain::Template;
use crate::evaluation::{PairScore, pairs};
use crate::store::CsvError;
use crate::store::csv_file::{Column, RowReader, Table};

const COLUMNS: [Column; 4] = [
    Column { name: "path_a", key: "path_a", required: true },
    Column { name: "path_b", key: "path_b", required: true },
    Column { name: "same", key: "same", required: true },
    Column { name: "fold", key: "fold", required: false },
];

struct Row {
    line: u64,
    a: usize,
    b: usize,
    same: bool,
    fold: Option<String>,
}

/// Compares the pairs of a file and prints what they tell.
pub(super) fn run(context: &Context, models: ModelArguments, file: &Path, pictures: &Path) -> anyhow::Result<ExitCode> {
    let recognition = Recognition::of_real_people(context, models, PHOTOS)?;
    let list = Pairs::read(&read(file)?, pictures).with_context(|| file.display().to_string())?;
    if let [first, ..] = list.repeated.as_slice() {
        let count = list.repeated.len();
        eprintln!(
            "mealpoint: {}: {count} pairs stand there again and are counted once, the first in line {first}",
            file.display()
        );
    }
    let looked = recognition.look_at_all(&list.files, false, |_, seen| {
        seen.map(|seen| seen.subject().and_then(|face| face.template.clone()))
    })?;
    let mut templates: Vec<Option<Template>> = Vec::with_capacity(looked.len());
    let mut unreadable = vec![];
    for result in looked {
        match result {
            Ok(template) => templates.push(template),
            Err(error) => {
                eprintln!("mealpoint: {}", told(&error));
                unreadable.push(error.to_string());
                templates.push(None);
            }
        }
    }
    let template = |at: usize| templates.get(at).and_then(Option::as_ref);
    let repeated = list.repeated.len();
    let scored: Vec<PairScore> = list
        .rows
        .into_iter()
        .map(|row| PairScore {
            same: row.same,
            similarity: template(row.a).zip(template(row.b)).and_then(|(a, b)| a.similarity(b)),
            fold: row.fold,
        })
        .collect();
    if scored.iter().all(|pair| pair.similarity.is_none()) {
        bail!(
            "{}: in no pair do both pictures show a face, so nothing was measured; remedy: name pictures of people",
            file.display()
        );
    }
    let report = pairs(&scored);
    if context.json {
        let mut document = serde_json::to_value(&report)?;
        if let Some(object) = document.as_object_mut() {
            object.insert("models".to_owned(), serde_json::to_value(recognition.pack())?);
            object.insert("pictures".to_owned(), templates.len().into());
            object.insert("unreadable".to_owned(), unreadable.into());
            object.insert("repeated_rows".to_owned(), repeated.into());
        }
        say!("{document}");
        return Ok(ExitCode::SUCCESS);
    }
    say!(
        "the {} models: {} pairs, {} of one person; {} without a face in one of the two",
        recognition.pack(),
        report.pairs,
        report.mated,
        report.not_acquired
    );
    say!("right answers: {}", percent(report.accuracy, report.accuracy_ci95));
    for point in &report.tmr_at_fmr {
        let Some(threshold) = point.threshold else {
            say!("at a false match rate of {}: no two people were compared, so no threshold follows", point.fmr);
            continue;
        };
        let doubt = if point.resolved { "" } else { " (too few pairs to tell)" };
        say!(
            "at a false match rate of {}: threshold {threshold:.3}, true matches {}{doubt}",
            point.fmr,
            percent(point.tmr, point.ci95)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The pairs of a file, and the pictures they name, each once.
#[derive(Default)]
struct Pairs {
    files: Vec<PathBuf>,
    places: BTreeMap<PathBuf, usize>,
    rows: Vec<Row>,
    /// The lines of pairs that stand there before, in either order.
    repeated: Vec<u64>,
}

impl Pairs {
    /// Reads a CSV of pairs whose paths start from `pictures`, and makes sure that the files are there.
    ///
    /// # Errors
    /// [`CsvError`] naming every bad row by its line; nothing is taken then.
    fn read(text: &[u8], pictures: &Path) -> Result<Self, CsvError> {
        let table = Table::read(text, &COLUMNS)?;
        let mut pairs = Self::default();
        // By the two pictures, the lesser place first: where in `rows`.
        let mut known: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        let mut some_fold = None;
        table.rows(|row| {
            let (a, b) = (pairs.place(row, "path_a", pictures), pairs.place(row, "path_b", pictures));
            let same = row.parse("same", truth);
            let fold = Some(row.text("fold").to_owned()).filter(|fold| !fold.is_empty());
            // Of the first row all others have a fold, or none has.
            if *some_fold.get_or_insert(fold.is_some()) != fold.is_some() {
                row.problem(Some("fold"), "some pairs have a fold and others have none: fill it in, or take it out");
            }
            let (a, b, same) = (a?, b?, same?);
            if a == b {
                row.problem(
                    Some("path_b"),
                    "it is the picture of path_a: compared with itself it tells nothing; remedy: take the row out",
                );
                return None;
            }
            match known.get(&(a.min(b), a.max(b))).and_then(|place| pairs.rows.get(*place)) {
                Some(before) if before.same != same => {
                    row.problem(
                        Some("same"),
                        format!(
                            "line {} says otherwise of the same two pictures; remedy: keep the row that is right",
                            before.line
                        ),
                    );
                }
                Some(_) => pairs.repeated.push(row.line),
                None => {
                    known.insert((a.min(b), a.max(b)), pairs.rows.len());
                    pairs.rows.push(Row { line: row.line, a, b, same, fold });
                }
            }
            Some(())
        })?;
        Ok(pairs)
    }

    /// The place of the picture that a cell names; notes where there is no such file.
    fn place(&mut self, row: &mut RowReader<'_>, column: &str, pictures: &Path) -> Option<usize> {
        let named = row.text(column);
        if named.is_empty() {
            row.problem(Some(column), "a path is missing");
            return None;
        }
        let file = pictures.join(named);
        if let Some(place) = self.places.get(&file) {
            return Some(*place);
        }
        if !file.is_file() {
            row.problem(Some(column), format!("there is no file {}; remedy: check it, and --pictures", file.display()));
            return None;
        }
        self.files.push(file.clone());
        self.places.insert(file, self.files.len() - 1);
        Some(self.files.len() - 1)
    }
}

fn truth(text: &str) -> Result<bool, &'static str> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "same" => Ok(true),
        "0" | "false" | "no" | "different" => Ok(false),
        _ => Err("it must be 1 or 0, true or false"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pairs of a file, in a folder with pictures a.jpg to d.jpg.
    fn read(text: impl AsRef<[u8]>) -> Result<Pairs, String> {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["a.jpg", "b.jpg", "c.jpg", "d.jpg"] {
            std::fs::write(folder.path().join(name), b"").expect("a file");
        }
        let mut pairs = Pairs::read(text.as_ref(), folder.path()).map_err(|error| error.to_string())?;
        for file in &mut pairs.files {
            *file = file.strip_prefix(folder.path()).expect("below it").to_owned();
        }
        Ok(pairs)
    }

    fn refusal(text: impl AsRef<[u8]>) -> String {
        read(text).err().expect("a refusal")
    }

    #[test]
    fn columns_are_found_by_name_and_a_picture_in_two_pairs_is_looked_at_once() {
        let pairs =
            read("\u{feff}fold,same,path_b,path_a\r\n1,1,b.jpg,a.jpg\r\n2,false,c.jpg,./a.jpg\r\n").expect("pairs");
        assert_eq!(pairs.files, ["a.jpg", "b.jpg", "c.jpg"].map(PathBuf::from));
        let rows: Vec<_> = pairs.rows.iter().map(|row| (row.a, row.b, row.same, row.fold.as_deref())).collect();
        assert_eq!(rows, [(0, 1, true, Some("1")), (0, 2, false, Some("2"))]);
    }

    #[test]
    fn every_bad_row_is_named_with_its_line_whatever_ends_the_lines_and_blank_ones_among_them() {
        for end in ["\n", "\r\n", "\n\n", "\r\n\r\n", "\r"] {
            let file =
                ["path_a,path_b,same", "a.jpg,b.jpg,perhaps", "a.jpg,,1", "a.jpg,b.jpg,0", "a.jpg,e.jpg,0"].join(end);
            let error = refusal(&file);
            let apart = if end.len() > 1 && end != "\r\n" { 2 } else { 1 };
            for (row, says) in [(1, "column same: it must be 1 or 0"), (2, "column path_b: a path is missing")] {
                assert!(error.contains(&format!("line {}, {says}", 1 + apart * row)), "{end:?}: {error}");
            }
            let missing = format!("line {}, column path_b: there is no file ", 1 + apart * 4);
            assert!(error.contains(&missing) && error.contains("e.jpg; remedy: "), "{end:?}: {error}");
            assert!(!error.contains(&format!("line {},", 1 + apart * 3)), "{end:?}: {error}");
        }
        let itself = refusal("path_a,path_b,same\na.jpg,b.jpg,1\na.jpg,./a.jpg,0\n");
        assert!(itself.contains("line 3, column path_b: it is the picture of path_a"), "{itself}");
        let mixed = refusal("path_a,path_b,same,fold\na.jpg,b.jpg,1,1\na.jpg,c.jpg,0,\n");
        assert!(mixed.contains("line 3, column fold: "), "{mixed}");
    }

    #[test]
    fn what_is_no_list_of_pairs_is_refused_with_what_to_do() {
        let gbk = b"path_a,path_b,same\n\xcd\xf5.jpg,b.jpg,1\n".to_vec();
        let utf16: Vec<u8> = "\u{feff}path_a,path_b,same\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (file, says) in [
            (b"left,right,same\n1,2,1\n".to_vec(), "the column path_a is missing; there are: left, right, same"),
            (gbk, "it is in GBK"),
            (utf16, "UTF-16"),
            (b"path_a,path_b,same\n".to_vec(), "there is no row below it"),
        ] {
            let error = refusal(&file);
            assert!(error.contains(says) && error.contains("; remedy: "), "{error}");
        }
    }

    #[test]
    fn a_pair_that_stands_there_again_counts_once_and_one_that_is_called_both_is_refused_with_both_lines() {
        let pairs =
            read("path_a,path_b,same\na.jpg,b.jpg,1\nb.jpg,a.jpg,1\nc.jpg,d.jpg,0\nc.jpg,d.jpg,0\n").expect("pairs");
        assert_eq!((pairs.rows.len(), pairs.repeated), (2, vec![3, 5]));
        let error = refusal("path_a,path_b,same\na.jpg,b.jpg,1\nc.jpg,d.jpg,0\nb.jpg,a.jpg,0\n");
        assert!(error.contains("line 4, column same: line 2 says otherwise"), "{error}");
    }
}
