//! The XLSX: the same cells for desks, one sheet for the detail rows and one for the summary.
//!
//! Text is stored as text, so nothing in it runs and ids keep their zeros. The bytes depend on the cells alone: the
//! document's dates are the statement's day, not the moment of writing.

use jiff::civil::Date;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatBorder, Workbook, Worksheet, XlsxError};

use super::tables::{Cell, Table};
use crate::words::statement as words;

/// Of 1 to 9, as Deflate counts.
const COMPRESSION_LEVEL: u8 = 3;

/// The bytes of the workbook of `day`.
///
/// # Errors
/// [`XlsxError`] for what the format cannot hold: more than 1,048,576 rows.
pub fn write(detail: &Table, summary: &Table, day: Date) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    // At the usual level compressing takes as long as all else about the workbook, which a day's close waits for.
    workbook.set_zip_compression_level(COMPRESSION_LEVEL);
    let made = ExcelDateTime::from_ymd(
        u16::try_from(day.year()).unwrap_or(1900),
        day.month().cast_unsigned(),
        day.day().cast_unsigned(),
    )?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&made));
    for (name, table) in [(words::DETAIL_SHEET, detail), (words::SUMMARY_SHEET, summary)] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name)?;
        write_table(sheet, table)?;
    }
    workbook.save_to_buffer()
}

fn write_table(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    let heading = Format::new().set_bold().set_border_bottom(FormatBorder::Thin);
    let formats = Formats {
        yuan: Format::new().set_num_format("0.00"),
        e4: Format::new().set_num_format("0.0000"),
        text: Format::new().set_num_format("@"),
    };
    for (column, name) in (0u16..).zip(&table.header) {
        sheet.write_string_with_format(0, column, name, &heading)?;
        sheet.set_column_width(column, width(name))?;
    }
    for (row, cells) in (1u32..).zip(&table.rows) {
        for (column, cell) in (0u16..).zip(cells) {
            write_cell(sheet, row, column, cell, &formats)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

struct Formats {
    yuan: Format,
    e4: Format,
    text: Format,
}

fn write_cell(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell, formats: &Formats) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        // The file format knows only floats. Below 2^53 fen they are exact enough to show the same two decimals.
        Cell::Yuan(fen) => {
            sheet.write_number_with_format(row, column, fen.get() as f64 / 100.0, &formats.yuan)?;
        }
        Cell::E4(value) => {
            sheet.write_number_with_format(row, column, f64::from(*value) / 10_000.0, &formats.e4)?;
        }
        Cell::Count(count) if count.unsigned_abs() < 1 << 53 => {
            sheet.write_number(row, column, *count as f64)?;
        }
        Cell::Text(text) => {
            sheet.write_string_with_format(row, column, fitting(text), &formats.text)?;
        }
        Cell::Count(_) | Cell::Date(_) | Cell::Plain(_) => {
            sheet.write_string(row, column, cell.value())?;
        }
    }
    Ok(())
}

/// The text, or as much of it as a cell holds: the CSV has the whole, and a day must close whatever was typed.
fn fitting(text: &str) -> &str {
    const MOST_CHARACTERS: usize = 32_000;
    text.char_indices().nth(MOST_CHARACTERS).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Wide enough for the heading and what usually stands below it, in characters.
fn width(heading: &str) -> f64 {
    heading.chars().map(|c| if c.is_ascii() { 1.0 } else { 2.0 }).sum::<f64>().clamp(8.0, 30.0) + 2.0
}
