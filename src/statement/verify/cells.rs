//! Which row of a CSV is the first that is not as the books have it.

use std::borrow::Cow;
use std::collections::HashMap;

use super::super::csv::{FoundRow, FoundTable};
use super::super::tables::{Cell, Table};
use super::report::Finding;
use crate::words::statement::column;

/// Compares a table with what it should be. At most three findings: a heading, the first cell that a spreadsheet
/// rewrote without changing its sense, and the first row that differs.
pub fn compare(file: &str, expected: &Table, found: &FoundTable) -> Vec<Finding> {
    let mut findings = Vec::new();
    if found.header_line == 0 {
        let first = expected.header.first().map_or("", String::as_str);
        return vec![Finding::new(
            file,
            format!("the rows under the heading {first} are missing, the heading as well"),
        )];
    }
    if let Some(missing) = expected.header.iter().find(|name| found.column(name).is_none()) {
        let finding = Finding::new(file, "this heading is missing").at(found.header_line).in_column(missing);
        // Without the column every row would differ.
        return vec![finding];
    }
    if let Some(stray) = found.header.iter().find(|name| !expected.header.contains(name)) {
        findings.push(Finding::new(file, "this heading does not belong here").at(found.header_line).in_column(stray));
    }
    let columns: Vec<Option<usize>> = expected.header.iter().map(|name| found.column(name)).collect();
    let mut rewritten = None;
    for (index, row) in expected.rows.iter().enumerate() {
        let values: Vec<Cow<'_, str>> = row.iter().map(Cell::value).collect();
        let Some(there) = found.rows.get(index) else {
            let missing = expected.rows.len() - index;
            let end = found.rows.last().map_or(found.header_line, |row| row.line);
            findings.push(
                Finding::new(file, format!("it ends too early: {missing} rows are missing after this one")).at(end),
            );
            break;
        };
        let differing = values.iter().zip(&columns).enumerate().find(|(place, (value, column))| {
            let cell = there.cell(**column);
            if *value == cell {
                return false;
            }
            let same_sense = is_rewritten(value, cell);
            if same_sense && rewritten.is_none() {
                rewritten = Some((there.line, *place, value.to_string(), cell.to_owned()));
            }
            !same_sense
        });
        if let Some((place, (value, column))) = differing {
            let heading = expected.header.get(place).map_or("", String::as_str);
            let finding = misplaced(file, expected, found, index, there).unwrap_or_else(|| {
                Finding::new(file, "this cell was changed")
                    .at(there.line)
                    .in_column(heading)
                    .between(value.as_ref(), there.cell(*column))
            });
            findings.push(finding);
            break;
        }
    }
    let all_there = findings.is_empty();
    if let Some(extra) = found.rows.get(expected.rows.len()).filter(|_| all_there) {
        findings
            .push(Finding::new(file, "this row is not in the books").at(extra.line).between("", extra.cells.join(",")));
    }
    if let Some((line, place, value, cell)) = rewritten {
        let heading = expected.header.get(place).map_or("", String::as_str);
        let finding = Finding::new(file, "a spreadsheet rewrote this cell").at(line).in_column(heading);
        findings.insert(0, finding.between(value, cell));
    }
    findings
}

/// A row that stands in another's place: swapped, left out or put in.
fn misplaced(file: &str, expected: &Table, found: &FoundTable, index: usize, there: &FoundRow) -> Option<Finding> {
    let place = expected.header.iter().position(|name| name == column::NUMBER)?;
    let number_at = |row: usize| expected.rows.get(row).and_then(|row| row.get(place)).map(Cell::value);
    let at = found.column(column::NUMBER);
    let (due, here) = (number_at(index)?, there.cell(at));
    if due == here {
        return None;
    }
    let lines: HashMap<&str, u64> = found.rows.iter().map(|row| (row.cell(at), row.line)).collect();
    let problem = match lines.get(due.as_ref()) {
        Some(elsewhere) => format!("rows were moved: number {due} stands in line {elsewhere} instead of here"),
        None => format!("the row of number {due} is missing here"),
    };
    Some(Finding::new(file, problem).at(there.line).in_column(column::NUMBER).between(due.as_ref(), here))
}

/// Whether a spreadsheet would show `value` as `cell`: a number or a date in another notation.
fn is_rewritten(value: &str, cell: &str) -> bool {
    let number = |text: &str| text.replace(',', "").parse::<f64>().ok().filter(|number| number.is_finite());
    if let (Some(a), Some(b)) = (number(value), number(cell)) {
        let is_amount = value.contains('.') && value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-'));
        return is_amount && a == b;
    }
    let date = |text: &str| {
        let parts: Vec<u32> = text.split(['-', '/']).map(|part| part.parse().ok()).collect::<Option<_>>()?;
        <[u32; 3]>::try_from(parts).ok()
    };
    matches!((date(value), date(cell)), (Some(a), Some(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_notations_of_a_number_or_a_day_are_told_from_other_values() {
        for (value, cell) in [("12.50", "12.5"), ("3.00", "3"), ("2026-11-02", "2026/11/2")] {
            assert!(is_rewritten(value, cell), "{value} {cell}");
        }
        for (value, cell) in [("12.50", "12.51"), ("000123", "123"), ("2026-11-02", "2026/11/3"), ("a", "b"), ("1", "")]
        {
            assert!(!is_rewritten(value, cell), "{value} {cell}");
        }
    }
}
