//! Which cell of an XLSX is the first that is not as the books have it.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use super::report::Finding;

/// Cells of a sheet by row and column from 0, as text; empty ones are left out.
type Cells = BTreeMap<(u32, u32), String>;

/// Compares a workbook with what it should be, cell by cell; formats and widths are not looked at.
pub fn compare(file: &str, expected: &[u8], found: &[u8]) -> Finding {
    let unreadable = |error: XlsxError| Finding::new(file, format!("it cannot be read as XLSX: {error}"));
    let (mut due, mut there) = match (Xlsx::new(Cursor::new(expected)), Xlsx::new(Cursor::new(found))) {
        (Ok(due), Ok(there)) => (due, there),
        (Err(error), _) | (_, Err(error)) => return unreadable(error),
    };
    let names = due.sheet_names();
    if let Some(stray) = there.sheet_names().into_iter().find(|name| !names.contains(name)) {
        return Finding::new(file, format!("the sheet {stray} does not belong here"));
    }
    for name in names {
        if !there.sheet_names().contains(&name) {
            return Finding::new(file, format!("the sheet {name} is missing"));
        }
        let due = match cells(&mut due, &name, usize::MAX) {
            Ok(cells) => cells,
            Err(error) => return unreadable(error),
        };
        // No more than this can be where it should be; a file may claim millions.
        match cells(&mut there, &name, due.len().saturating_mul(2).saturating_add(1000)) {
            Ok(there) => {
                if let Some(finding) = first_difference(file, &name, &due, &there) {
                    return finding;
                }
            }
            Err(error) => return unreadable(error),
        }
    }
    Finding::new(file, "every cell is as it was: only the way of writing them differs")
}

fn first_difference(file: &str, sheet: &str, due: &Cells, there: &Cells) -> Option<Finding> {
    let places = due.keys().chain(there.keys());
    let (row, column) = places.filter(|place| due.get(*place) != there.get(*place)).min().copied()?;
    let text = |cells: &Cells| cells.get(&(row, column)).cloned().unwrap_or_default();
    let problem = format!("sheet {sheet}, cell {}{}: this cell was changed", letters(column), u64::from(row) + 1);
    Some(Finding::new(file, problem).at(u64::from(row) + 1).between(text(due), text(there)))
}

/// The cells of a sheet, `most` at most.
fn cells(workbook: &mut Xlsx<Cursor<&[u8]>>, sheet: &str, most: usize) -> Result<Cells, XlsxError> {
    let mut reader = workbook.worksheet_cells_reader(sheet)?;
    let mut cells = Cells::new();
    while let Some(cell) = reader.next_cell()? {
        let text = text(cell.get_value());
        if !text.is_empty() {
            cells.insert(cell.get_position(), text);
        }
        if cells.len() >= most {
            break;
        }
    }
    Ok(cells)
}

fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(at) => at.as_f64().to_string(),
        DataRef::Error(error) => error.to_string(),
    }
}

/// A column's letters: A, …, Z, AA, …
fn letters(column: u32) -> String {
    let mut rest = u64::from(column) + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_that_a_spreadsheet_shows() {
        let shown = [0, 25, 26, 51, 52, 701, 702, 16_383].map(letters);
        assert_eq!(shown, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
    }
}
