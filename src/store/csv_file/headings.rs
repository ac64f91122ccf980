//! The first row of a file: which column is which, and what keeps that from being told.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::{Column, CsvError};
use crate::domain::is_hidden;
use crate::words;

/// Where each column that is looked for stands, by its English name; one that is not required may have no place.
pub(super) fn places(headers: &[String], columns: &[Column]) -> Result<BTreeMap<&'static str, usize>, CsvError> {
    let mut places = BTreeMap::new();
    let names: Vec<String> = headers.iter().map(|header| bare(header)).collect();
    for column in columns {
        let chinese = words::column(column.key);
        let mut found =
            names.iter().enumerate().filter(|(_, name)| name.eq_ignore_ascii_case(column.name) || *name == chinese);
        match (found.next(), found.next()) {
            (Some((place, _)), None) => {
                places.insert(column.name, place);
            }
            (Some((first, _)), Some((second, _))) => {
                return Err(CsvError::Header(format!(
                    "the column {} stands there twice, as columns {} and {}; remedy: take one out, or rename it",
                    column.name,
                    first + 1,
                    second + 1
                )));
            }
            (None, _) if column.required => {
                let also = if chinese == column.name { String::new() } else { format!(" ({chinese})") };
                let there = what_is_there(headers);
                return Err(CsvError::Header(format!("the column {}{also} is missing; {there}", column.name)));
            }
            (None, _) => {
                // A misspelt optional column would silently cost every elder of the file what it says.
                let contains = |name: &str| chinese != column.name && name.contains(chinese);
                let misspelt = |name: &str| is_misspelt(name, column.name) || contains(name);
                if let Some((header, _)) = headers.iter().zip(&names).find(|(_, name)| misspelt(name)) {
                    return Err(CsvError::Header(format!(
                        "the column {header:?} looks like {} ({chinese}) misspelt; remedy: correct it, or rename the \
                         column if it is another",
                        column.name
                    )));
                }
            }
        }
    }
    Ok(places)
}

/// A heading as it is compared: without white space, and without what does not show.
pub(super) fn bare(heading: &str) -> String {
    heading.chars().filter(|c| !c.is_whitespace() && !is_hidden(*c)).collect()
}

/// Refuses a column whose name is empty or does not show, where any row has something in it: a death that stands there
/// would be lost without a word. Those that are empty all through are written by Excel.
pub(super) fn refuse_unnamed(headers: &[String], rows: &[(u64, StringRecord)]) -> Result<(), CsvError> {
    for (place, _) in headers.iter().enumerate().filter(|(_, header)| bare(header).is_empty()) {
        let filled = rows.iter().find(|(_, row)| row.get(place).is_some_and(|cell| !cell.trim().is_empty()));
        if let Some((line, _)) = filled {
            let column = place + 1;
            return Err(CsvError::Header(format!(
                "column {column} has no name, and line {line} has something in it; remedy: name the column in the first \
                 row, or empty it"
            )));
        }
    }
    Ok(())
}

/// The columns that there are, or what keeps them from being told apart.
fn what_is_there(headers: &[String]) -> String {
    let names = headers.join(", ");
    match headers {
        [only] if only.contains([';', '\t']) => {
            format!(
                "the cells are not separated by commas: {names:?}; remedy: save it in Excel or WPS as «{}»",
                words::CSV_UTF8
            )
        }
        [only] if only.contains(words::WIDE_COMMA) => {
            format!(
                "the cells are separated by full-width commas: {names:?}; remedy: put half-width commas (,) in their place"
            )
        }
        _ => format!("there are: {names}; remedy: let the first row name the columns"),
    }
}

/// Whether one letter too many, too few, another or two exchanged turn `name` into `header`, or `header` is its singular.
fn is_misspelt(header: &str, name: &str) -> bool {
    let header = header.to_ascii_lowercase();
    if name.strip_suffix("es") == Some(header.as_str()) {
        return true;
    }
    let (header, name) = (header.as_bytes(), name.as_bytes());
    // Short names are too near to other words.
    if name.len() < 4 || header == name || header.len().abs_diff(name.len()) > 1 {
        return false;
    }
    let same_start = header.iter().zip(name).take_while(|(a, b)| a == b).count();
    let same_end = header.iter().rev().zip(name.iter().rev()).take_while(|(a, b)| a == b).count();
    let longer = header.len().max(name.len());
    let rest = longer.saturating_sub(same_start + same_end);
    let exchanged = || match (header.get(same_start..same_start + 2), name.get(same_start..same_start + 2)) {
        (Some([a, b]), Some([c, d])) => a == d && b == c,
        _ => false,
    };
    rest <= 1 || (rest == 2 && header.len() == name.len() && exchanged())
}
