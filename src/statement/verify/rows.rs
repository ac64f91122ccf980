//! What a CSV tells by itself, when the entries it was made of are not there: sequence and sums.

use super::super::csv::{Found, FoundRow};
use super::report::Finding;
use crate::domain::Fen;
use crate::words::statement::{PAYER_COLUMN, column, summary};

/// The first row that breaks the sequence or a sum, and totals that do not follow from the rows.
pub fn check(file: &str, found: &Found) -> Vec<Finding> {
    let [number, price] = [column::NUMBER, column::PRICE].map(|name| found.detail.column(name));
    if number.is_none() || price.is_none() {
        return vec![Finding::new(file, "its first line does not hold the headings of a statement").at(1)];
    }
    let payers: Vec<usize> = (0..)
        .zip(&found.detail.header)
        .filter(|(_, name)| name.starts_with(PAYER_COLUMN))
        .map(|(index, _)| index)
        .collect();
    let mut previous: Option<u64> = None;
    let mut sum = Fen::ZERO;
    for row in &found.detail.rows {
        if let Some(finding) = check_number(file, row, number, &mut previous) {
            return vec![finding];
        }
        match check_sum(file, row, price, &payers) {
            Ok(amount) => sum = sum.checked_add(amount).unwrap_or(sum),
            Err(finding) => return vec![*finding],
        }
    }
    check_totals(file, found, sum).into_iter().collect()
}

fn check_number(file: &str, row: &FoundRow, column: Option<usize>, previous: &mut Option<u64>) -> Option<Finding> {
    let cell = row.cell(column);
    let due = previous.map(|number| number.saturating_add(1));
    let number = cell.parse::<u64>().ok();
    let finding = |expected: String| {
        Finding::new(file, "the sequence breaks here").at(row.line).in_column(column::NUMBER).between(expected, cell)
    };
    match (number, due) {
        (Some(number), due) if due.is_none_or(|due| due == number) => {
            *previous = Some(number);
            None
        }
        (_, Some(due)) => Some(finding(due.to_string())),
        (_, None) => Some(finding("a number".to_owned())),
    }
}

fn check_sum(file: &str, row: &FoundRow, price: Option<usize>, payers: &[usize]) -> Result<Fen, Box<Finding>> {
    let amount = |column: usize| {
        let cell = row.cell(Some(column));
        if cell.is_empty() { Some(Fen::ZERO) } else { Fen::parse_yuan(cell).ok() }
    };
    let price = price.and_then(amount);
    let borne = payers.iter().try_fold(Fen::ZERO, |sum, column| sum.checked_add(amount(*column)?));
    match (price, borne) {
        (Some(price), Some(borne)) if price == borne => Ok(price),
        (Some(price), Some(borne)) => Err(Box::new(
            Finding::new(file, "the payers do not bear the price")
                .at(row.line)
                .in_column(column::PRICE)
                .between(borne, price),
        )),
        _ => Err(Box::new(Finding::new(file, "an amount is not in yuan such as 12.50").at(row.line))),
    }
}

fn check_totals(file: &str, found: &Found, sum: Fen) -> Option<Finding> {
    let table = &found.summary;
    let [group, payer, entries, amount] =
        [summary::GROUP, summary::PAYER, summary::ENTRIES, summary::AMOUNT].map(|name| table.column(name));
    let total = table.rows.iter().find(|row| row.cell(group) == summary::DAY && row.cell(payer).is_empty());
    let Some(total) = total else {
        return Some(Finding::new(file, "the summary is missing: the file was cut off"));
    };
    let rows = found.detail.rows.len().to_string();
    if total.cell(entries) != rows {
        let finding = Finding::new(file, "the rows are not as many as the summary says").at(total.line);
        return Some(finding.in_column(summary::ENTRIES).between(rows, total.cell(entries)));
    }
    (Fen::parse_yuan(total.cell(amount)).ok() != Some(sum)).then(|| {
        Finding::new(file, "the rows do not add up to the summary")
            .at(total.line)
            .in_column(summary::AMOUNT)
            .between(sum, total.cell(amount))
    })
}
