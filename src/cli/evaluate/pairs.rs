//! `mealpoint evaluate pairs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use super::{PHOTOS, percent};
use crate::cli::recognition::{ModelArguments, Recognition};
use crate::cli::{Context, told};
use crate::domain::Template;
use crate::evaluation::{PairScore, pairs};

struct Row {
    a: usize,
    b: usize,
    same: bool,
    fold: Option<String>,
}

/// Compares the pairs of a file and prints what they tell.
pub(super) fn run(context: &Context, models: ModelArguments, file: &Path, pictures: &Path) -> anyhow::Result<ExitCode> {
    let recognition = Recognition::of_real_people(context, models, PHOTOS)?;
    let mut table = Table::default();
    let text = std::fs::read(file).with_context(|| format!("{}: it cannot be read", file.display()))?;
    table.read(&text, pictures).with_context(|| file.display().to_string())?;
    let looked = recognition.look_at_all(&table.files, false, |_, seen| {
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
    let scored: Vec<PairScore> = table
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
            "{}: in no pair do both pictures show a face, so nothing was measured; remedy: check --pictures",
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
        }
        say!("{document}");
        return Ok(ExitCode::SUCCESS);
    }
    say!(
        "{} pairs, {} of one person; {} without a face in one of the two",
        report.pairs,
        report.mated,
        report.not_acquired
    );
    say!("right answers: {}", percent(report.accuracy, report.accuracy_ci95));
    for point in &report.tmr_at_fmr {
        let doubt = if point.resolved { "" } else { " (too few pairs to tell)" };
        say!(
            "at a false match rate of {}: threshold {:.3}, true matches {}{doubt}",
            point.fmr,
            point.threshold,
            percent(point.tmr, point.ci95)
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The pairs of a file and the pictures they name, each once.
#[derive(Default)]
struct Table {
    files: Vec<PathBuf>,
    places: BTreeMap<String, usize>,
    rows: Vec<Row>,
}

impl Table {
    /// Reads a CSV of pairs, with or without a byte order mark. Every bad row is named, and nothing is taken then.
    fn read(&mut self, text: &[u8], pictures: &Path) -> anyhow::Result<()> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text);
        let headers = reader.headers().context("the first line must name the columns path_a, path_b, same")?.clone();
        let column = |name: &str| headers.iter().position(|header| header.eq_ignore_ascii_case(name));
        let (Some(a), Some(b), Some(same)) = (column("path_a"), column("path_b"), column("same")) else {
            bail!("line 1: the columns path_a, path_b and same must be there; there are {:?}", headers.as_slice());
        };
        let fold = column("fold");
        let mut without_fold = None;
        let mut problems = vec![];
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |at: usize| record.get(at).filter(|text| !text.is_empty());
            match (cell(a), cell(b), cell(same).and_then(truth)) {
                (Some(path_a), Some(path_b), Some(same)) => {
                    let (a, b) = (self.place(path_a, pictures), self.place(path_b, pictures));
                    let fold = fold.and_then(cell).map(str::to_owned);
                    if fold.is_none() {
                        without_fold.get_or_insert(line);
                    }
                    self.rows.push(Row { a, b, same, fold });
                }
                (Some(_), Some(_), None) => problems.push(format!("line {line}: same must be 1 or 0, true or false")),
                _ => problems.push(format!("line {line}: a path is missing")),
            }
        }
        if let Some(line) = without_fold.filter(|_| self.rows.iter().any(|row| row.fold.is_some())) {
            problems.push(format!("line {line}: its fold is missing, and other pairs have one"));
        }
        if !problems.is_empty() {
            bail!("{}", problems.join("; "));
        }
        Ok(())
    }

    fn place(&mut self, path: &str, pictures: &Path) -> usize {
        *self.places.entry(path.to_owned()).or_insert_with(|| {
            self.files.push(pictures.join(path));
            self.files.len() - 1
        })
    }
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "same" => Some(true),
        "0" | "false" | "no" | "different" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> anyhow::Result<Table> {
        let mut table = Table::default();
        table.read(text.as_bytes(), Path::new("pictures"))?;
        Ok(table)
    }

    #[test]
    fn columns_are_found_by_name_and_a_picture_in_two_pairs_is_looked_at_once() {
        let table =
            read("\u{feff}fold,same,path_b,path_a\r\n1,1,b.jpg,a.jpg\r\n2,false,c.jpg,a.jpg\r\n").expect("pairs");
        assert_eq!(table.files, ["pictures/a.jpg", "pictures/b.jpg", "pictures/c.jpg"].map(PathBuf::from));
        let rows: Vec<_> = table.rows.iter().map(|row| (row.a, row.b, row.same, row.fold.as_deref())).collect();
        assert_eq!(rows, [(0, 1, true, Some("1")), (0, 2, false, Some("2"))]);
    }

    #[test]
    fn every_bad_row_is_named_with_its_line() {
        let error = read("path_a,path_b,same\na,b,perhaps\na,,1\na,b,0\n").err().expect("an error").to_string();
        assert!(error.contains("line 2") && error.contains("line 3") && !error.contains("line 4"), "{error}");
        let mixed = read("path_a,path_b,same,fold\na,b,1,1\na,c,0,\n").err().expect("an error").to_string();
        assert!(mixed.contains("line 3: its fold is missing"), "{mixed}");
        assert!(read("left,right\n").err().expect("an error").to_string().contains("path_a"));
    }
}
