//! The CSV: UTF-8 with a byte order mark, CRLF, the detail rows under their headings, then the summary under its own.
//!
//! All rows have the same number of cells. Columns are read by name, so their order may change between versions.

use std::borrow::Cow;

use csv::{ByteRecord, ReaderBuilder, Terminator, WriterBuilder};

use super::guard;
use super::tables::{Cell, Table};
use crate::words::statement::summary;

/// What tells a spreadsheet that the file is UTF-8.
pub const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Writes both tables.
pub fn write(detail: &Table, summary: &Table) -> Vec<u8> {
    let width = detail.header.len().max(summary.header.len());
    let mut bytes = Vec::with_capacity(4096 + detail.rows.len() * 512);
    bytes.extend_from_slice(BYTE_ORDER_MARK);
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(bytes);
    for table in [detail, summary] {
        let header: Vec<Cell> = table.header.iter().map(|name| Cell::Text(name.clone())).collect();
        for row in std::iter::once(&header).chain(&table.rows) {
            let mut record: Vec<Cow<'_, str>> = row.iter().map(cell_text).collect();
            record.resize(width, Cow::Borrowed(""));
            // Rows of one width go into memory: neither of the writer's errors can occur.
            let _ = writer.write_record(record.iter().map(|cell| cell.as_bytes()));
        }
    }
    writer.into_inner().unwrap_or_default()
}

fn cell_text(cell: &Cell) -> Cow<'_, str> {
    match cell {
        Cell::Text(text) => guard::disarm(text),
        other => other.value(),
    }
}

/// A table as it was found in a file: true values, by row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FoundTable {
    /// The headings.
    pub header: Vec<String>,
    /// Their line in the file, from 1; 0 without headings.
    pub header_line: u64,
    /// The rows.
    pub rows: Vec<FoundRow>,
}

/// A row as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRow {
    /// Its line in the file, from 1.
    pub line: u64,
    /// Its cells' true values.
    pub cells: Vec<String>,
}

impl FoundTable {
    /// Where a column stands.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|heading| heading == name)
    }
}

impl FoundRow {
    /// The cell at `column`, nothing for a column that is not there or a row that ends before it.
    pub fn cell(&self, column: Option<usize>) -> &str {
        column.and_then(|index| self.cells.get(index)).map_or("", String::as_str)
    }
}

/// What a spreadsheet or an editor does to a CSV when it saves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resaved {
    /// It is UTF-16 now.
    Utf16,
    /// It is not UTF-8 any more; in China that is GBK.
    NotUtf8,
    /// The byte order mark is gone.
    NoByteOrderMark,
    /// Lines end in LF instead of CRLF.
    LineEnds,
    /// Cells are separated by tabs or semicolons.
    Separator,
}

impl std::fmt::Display for Resaved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Utf16 => "it is UTF-16 instead of UTF-8",
            Self::NotUtf8 => "it is not UTF-8 (a Chinese spreadsheet saves CSV as GBK)",
            Self::NoByteOrderMark => "its byte order mark is gone",
            Self::LineEnds => "its lines end in LF instead of CRLF",
            Self::Separator => "its cells are separated by tabs or semicolons instead of commas",
        })
    }
}

/// A file read as far as it can be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// What was done to it.
    pub resaved: Vec<Resaved>,
    /// The detail rows.
    pub detail: FoundTable,
    /// The summary; empty when the file ends before it.
    pub summary: FoundTable,
}

/// Reads any bytes. Never fails: what is not a statement gives tables without the expected headings.
pub fn read(bytes: &[u8]) -> Found {
    let mut resaved = Vec::new();
    let text = decode(bytes, &mut resaved);
    if text.contains('\n') && !text.contains("\r\n") {
        resaved.push(Resaved::LineEnds);
    }
    let first_line = text.lines().next().unwrap_or_default();
    let separator = [b',', b'\t', b';'].into_iter().find(|separator| first_line.as_bytes().contains(separator));
    if separator.is_some_and(|separator| separator != b',') {
        resaved.push(Resaved::Separator);
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let mut found = Found { resaved, ..Found::default() };
    let mut record = ByteRecord::new();
    let mut in_summary = false;
    let (mut line, mut counted_to) = (1, 0);
    while let Ok(true) = reader.read_byte_record(&mut record) {
        // The reader leaves the LF of a CRLF, and empty lines, to the record that follows: its own count is too low.
        let begin = record.position().map_or(0, |position| usize::try_from(position.byte()).unwrap_or(usize::MAX));
        let passed = text.as_bytes().get(counted_to..begin).unwrap_or_default();
        let blank = text.as_bytes().iter().skip(begin).take_while(|byte| matches!(byte, b'\r' | b'\n'));
        counted_to = begin.max(counted_to);
        line += passed.iter().filter(|byte| **byte == b'\n').count() as u64;
        let line = line + blank.filter(|byte| **byte == b'\n').count() as u64;
        let cells: Vec<String> =
            record.iter().map(|cell| guard::true_value(&String::from_utf8_lossy(cell)).to_owned()).collect();
        let is_summary_header = !in_summary && cells.first().is_some_and(|cell| cell == summary::GROUP);
        in_summary |= is_summary_header;
        let table = if in_summary { &mut found.summary } else { &mut found.detail };
        if table.header.is_empty() {
            // The narrower table is filled up with empty headings.
            let width = cells.iter().rposition(|name| !name.is_empty()).map_or(0, |last| last + 1);
            table.header = cells;
            table.header.truncate(width);
            table.header_line = line;
        } else {
            table.rows.push(FoundRow { line, cells });
        }
    }
    found
}

fn decode(bytes: &[u8], resaved: &mut Vec<Resaved>) -> String {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, _) = bytes.as_chunks::<2>();
        let units = units.iter().skip(1).map(|pair| unit(*pair));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    if bytes.starts_with(&[0xff, 0xfe]) {
        resaved.push(Resaved::Utf16);
        return utf16(bytes, u16::from_le_bytes);
    }
    if bytes.starts_with(&[0xfe, 0xff]) {
        resaved.push(Resaved::Utf16);
        return utf16(bytes, u16::from_be_bytes);
    }
    let text = match bytes.strip_prefix(BYTE_ORDER_MARK) {
        Some(text) => text,
        None => {
            if std::str::from_utf8(bytes).is_ok() {
                resaved.push(Resaved::NoByteOrderMark);
            }
            bytes
        }
    };
    String::from_utf8(text.to_vec()).unwrap_or_else(|error| {
        resaved.push(Resaved::NotUtf8);
        String::from_utf8_lossy(error.as_bytes()).into_owned()
    })
}
