//! What desks open: the XLSX holds what the CSV holds, and neither runs or spoils a cell.

use super::*;
use calamine::{Data, Reader, Xlsx, open_workbook};
use mealpoint::statement::csv::{self, FoundTable};

/// A cell of the XLSX as the CSV writes it.
fn as_text(cell: &Data, like: &str) -> String {
    match cell {
        Data::Empty => String::new(),
        Data::String(text) => text.replace("\r\n", "\n").replace("_x000D_\n", "\n"),
        Data::Float(number) => {
            let decimals = like.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            format!("{number:.decimals$}")
        }
        other => panic!("neither text nor a number: {other:?}"),
    }
}

#[test]
fn the_xlsx_read_by_another_library_holds_the_cells_of_the_csv() {
    let mut kiosk = Kiosk::new();
    kiosk.three_days();
    for day in ["2026-11-22", "2026-11-23", "2026-11-24"] {
        let found = csv::read(&std::fs::read(kiosk.file(day, ".csv")).expect("the CSV"));
        let mut workbook: Xlsx<_> = open_workbook(kiosk.file(day, ".xlsx")).expect("an XLSX");
        assert_eq!(workbook.sheet_names(), ["明细", "汇总"]);
        for (sheet, table) in [("明细", &found.detail), ("汇总", &found.summary)] {
            let range = workbook.worksheet_range(sheet).expect("a sheet");
            assert_eq!(range.height(), table.rows.len() + 1, "{day} {sheet}");
            compare(&range, table);
            let formulas = workbook.worksheet_formula(sheet).expect("a sheet");
            assert!(formulas.used_cells().all(|(_, _, formula)| formula.is_empty()), "{day} {sheet} has a formula");
        }
    }
}

fn compare(range: &calamine::Range<Data>, table: &FoundTable) {
    let mut rows = range.rows();
    let header: Vec<String> = rows.next().expect("headings").iter().map(|cell| as_text(cell, "")).collect();
    assert_eq!(header, table.header);
    for (row, found) in rows.zip(&table.rows) {
        for ((cell, text), heading) in row.iter().zip(&found.cells).zip(&header) {
            assert_eq!(as_text(cell, text), text.replace("\r\n", "\n"), "line {}, {heading}", found.line);
        }
    }
}

#[test]
fn ids_keep_their_zeros_and_nothing_starts_as_a_formula() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let bytes = std::fs::read(kiosk.file("2026-11-22", ".csv")).expect("the CSV");
    assert!(bytes.starts_with(b"\xef\xbb\xbf") && bytes.ends_with(b"\r\n"));
    let mut raw = ::csv::ReaderBuilder::new().from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").expect("a mark"));
    let mut ids = Vec::new();
    let elder = raw.headers().expect("headings").iter().position(|name| name == "老人编号").expect("a column");
    for record in raw.records() {
        let record = record.expect("rows of one width");
        for cell in &record {
            let is_amount = cell.parse::<f64>().is_ok();
            assert!(is_amount || !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']), "{cell:?}");
        }
        ids.push(record.get(elder).expect("a cell").to_owned());
    }
    assert_eq!(ids[..4], ["'000123", "'1E5", "'510107194001010012", "'000123"]);
    let found = csv::read(&bytes);
    let column = found.detail.column("老人编号");
    let true_ids: Vec<&str> = found.detail.rows.iter().map(|row| row.cell(column)).collect();
    assert_eq!(true_ids, ["000123", "1E5", "510107194001010012", "000123"]);
}

#[test]
fn no_name_of_a_person_stands_in_the_files_for_desks() {
    let mut kiosk = Kiosk::new();
    kiosk.busy_day();
    let csv = std::fs::read_to_string(kiosk.file("2026-11-22", ".csv")).expect("UTF-8");
    assert!(csv.contains("代领") && !csv.contains("李女士"));
}
