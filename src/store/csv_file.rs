//! CSV files from a district's or a canteen's spreadsheet: columns found by name, every bad row named, and the file taken
//! whole or not at all.
//!
//! A file is UTF-8, with or without a byte order mark, with any line ends. The first row names the columns, in any
//! order, in English or Chinese; blanks, line ends and characters that do not show are no part of a name. Columns that
//! are not known are not read, and the import says which. A column without a name is refused where anything stands in
//! it. Files in GBK or UTF-16 and workbooks are recognised and refused with what to do.

mod headings;

use std::collections::BTreeMap;
use std::fmt;

use csv::StringRecord;
use jiff::civil::Date;

use self::headings::{bare, places, refuse_unnamed};
use crate::words;

/// Largest file that is read: 64 MiB.
pub const MOST_CSV_BYTES: usize = 64 << 20;

/// Most problems that are listed.
const MOST_PROBLEMS: usize = 100;

/// Why a file was not taken. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CsvError {
    /// Not text in UTF-8.
    #[error("{found}; remedy: save it in Excel or WPS as «{}»", words::CSV_UTF8)]
    Encoding {
        /// What it seems to be.
        found: String,
    },
    /// Too large to be what it should be.
    #[error("it is larger than 64 MiB; remedy: split it, or check that it is the right file")]
    TooLarge,
    /// The header is wrong.
    #[error("line 1: {0}")]
    Header(String),
    /// Rows are wrong.
    #[error("{}", listed(.0))]
    Rows(Vec<CsvProblem>),
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct CsvProblem {
    /// The line of the file, from 1, on which the row starts.
    pub line: u64,
    /// The column's name in the file, where it is one column.
    pub column: Option<String>,
    /// What is wrong.
    pub why: String,
}

impl fmt::Display for CsvProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "line {}, column {column}: {}", self.line, self.why),
            None => write!(f, "line {}: {}", self.line, self.why),
        }
    }
}

fn listed(problems: &[CsvProblem]) -> String {
    let mut text = String::from("nothing was taken from this file:");
    for problem in problems {
        text.push_str("\n  ");
        text.push_str(&problem.to_string());
    }
    if problems.len() >= MOST_PROBLEMS {
        text.push_str("\n  and perhaps more");
    }
    text
}

/// A column that is looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its English name; its Chinese one is [`words::column`] of `key`.
    pub name: &'static str,
    /// Its name in the catalogue.
    pub key: &'static str,
    /// Whether a file without it is refused.
    pub required: bool,
}

/// A file's rows.
#[derive(Debug)]
pub(crate) struct Table {
    headers: Vec<String>,
    places: BTreeMap<&'static str, usize>,
    rows: Vec<(u64, StringRecord)>,
    /// Columns of the file that are not known.
    pub ignored: Vec<String>,
}

/// One row, and where to note what is wrong with it.
pub(crate) struct RowReader<'a> {
    table: &'a Table,
    record: &'a StringRecord,
    /// The line on which the row starts.
    pub line: u64,
    problems: &'a mut Vec<CsvProblem>,
}

impl Table {
    /// Reads a file's text and finds its columns.
    pub fn read(bytes: &[u8], columns: &[Column]) -> Result<Self, CsvError> {
        let text = decode(bytes)?;
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut header = None;
        let mut rows = Vec::new();
        let mut lines = Lines::of(text);
        for record in reader.records() {
            let record = record.map_err(|error| CsvError::Header(format!("not a CSV file: {error}")))?;
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let line = record.position().map_or(1, |at| lines.at(at.byte()));
            match header {
                None => header = Some(record),
                Some(_) => rows.push((line, record)),
            }
        }
        let Some(header) = header else {
            return Err(CsvError::Header("the file is empty; its first row should name the columns".to_owned()));
        };
        let headers: Vec<String> = header.iter().map(|cell| cell.trim().to_owned()).collect();
        let places = places(&headers, columns)?;
        refuse_unnamed(&headers, &rows)?;
        if rows.is_empty() {
            return Err(CsvError::Header(
                "there is no row below it; remedy: check that it is the right file".to_owned(),
            ));
        }
        let ignored = headers
            .iter()
            .enumerate()
            .filter(|(place, name)| !bare(name).is_empty() && !places.values().any(|taken| taken == place))
            .map(|(_, name)| name.clone())
            .collect();
        Ok(Self { headers, places, rows, ignored })
    }

    /// Whether the file has this column.
    pub fn has(&self, column: &str) -> bool {
        self.places.contains_key(column)
    }

    /// Turns every row into a `T`; a row that cannot be says why in its [`RowReader`].
    pub fn rows<T>(&self, mut parse: impl FnMut(&mut RowReader<'_>) -> Option<T>) -> Result<Vec<T>, CsvError> {
        let mut problems = Vec::new();
        let mut parsed = Vec::with_capacity(self.rows.len());
        for (line, record) in &self.rows {
            let before = problems.len();
            let mut row = RowReader { table: self, record, line: *line, problems: &mut problems };
            if record.iter().any(|cell| cell.contains(['\n', '\r'])) {
                // A quote that is never closed swallows the rows after it.
                row.problem(None, "a cell goes on over a line end: close its quote, or take the line end out");
            } else if record.len() != self.headers.len() {
                let why = format!("it has {} cells and the header {}", record.len(), self.headers.len());
                row.problem(None, why);
            } else {
                match parse(&mut row) {
                    Some(value) => parsed.push(value),
                    None if row.problems.len() == before => row.problem(None, "it cannot be read"),
                    None => {}
                }
            }
            if problems.len() >= MOST_PROBLEMS {
                problems.truncate(MOST_PROBLEMS);
                break;
            }
        }
        if problems.is_empty() { Ok(parsed) } else { Err(CsvError::Rows(problems)) }
    }
}

impl RowReader<'_> {
    /// A cell's text without blanks around it; empty where the file has no such column.
    pub fn text(&self, column: &str) -> &str {
        self.table.places.get(column).and_then(|place| self.record.get(*place)).unwrap_or_default().trim()
    }

    /// Parses a cell; notes why it cannot be.
    pub fn parse<T, E: fmt::Display>(&mut self, column: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Option<T> {
        match parse(self.text(column)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problem(Some(column), error.to_string());
                None
            }
        }
    }

    /// Notes what is wrong.
    pub fn problem(&mut self, column: Option<&str>, why: impl Into<String>) {
        let column = column.map(|column| {
            let header = self.table.places.get(column).and_then(|place| self.table.headers.get(*place));
            header.map_or_else(|| column.to_owned(), |header| bare(header))
        });
        self.problems.push(CsvProblem { line: self.line, column, why: why.into() });
    }
}

/// Numbers the lines of a text, asked from its beginning to its end: a large file is walked through once.
struct Lines<'a> {
    text: &'a [u8],
    /// Up to where it is counted, and how many lines end before.
    at: usize,
    ended: u64,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a str) -> Self {
        Self { text: text.as_bytes(), at: 0, ended: 0 }
    }

    /// The number, from 1, of the line on which the row at byte `offset` starts. The reader's position is before the blank
    /// lines that it skips, and may be before the line feed of the row above. A line ends with LF, CR or both.
    fn at(&mut self, offset: u64) -> u64 {
        let offset = usize::try_from(offset).unwrap_or(usize::MAX);
        while let Some(byte) = self.text.get(self.at).filter(|byte| self.at < offset || matches!(byte, b'\r' | b'\n')) {
            let ends = match byte {
                b'\n' => true,
                b'\r' => self.text.get(self.at + 1) != Some(&b'\n'),
                _ => false,
            };
            self.ended += u64::from(ends);
            self.at += 1;
        }
        self.ended + 1
    }
}

/// The text of a file, or what its bytes seem to be.
fn decode(bytes: &[u8]) -> Result<&str, CsvError> {
    let refuse = |found: &str| Err(CsvError::Encoding { found: found.to_owned() });
    if bytes.len() > MOST_CSV_BYTES {
        return Err(CsvError::TooLarge);
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return refuse("it is in UTF-16 («Unicode text»)");
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return refuse("it is a workbook (XLSX), not CSV");
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return refuse("it is an old workbook (XLS), not CSV");
    }
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    if bytes.contains(&0) {
        return refuse("it holds zero bytes, as UTF-16 without a mark or a file that is not text does");
    }
    std::str::from_utf8(bytes).or_else(|error| {
        let at = error.valid_up_to();
        let line = 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
        if is_gbk(bytes) {
            refuse(&format!("it is in GBK (line {line} is the first with Chinese text)"))
        } else {
            refuse(&format!("line {line} is not text in UTF-8"))
        }
    })
}

/// Whether the bytes could be GBK or GB 18030: every byte above 0x7f leads a valid pair or group of four.
fn is_gbk(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => return true,
            [..=0x7f, rest @ ..] => rest,
            [0x81..=0xfe, 0x40..=0x7e | 0x80..=0xfe, rest @ ..] => rest,
            [0x81..=0xfe, 0x30..=0x39, 0x81..=0xfe, 0x30..=0x39, rest @ ..] => rest,
            _ => return false,
        };
    }
}

/// A date with the year first, which cannot be misread: `1938-05-02`, or `1938/5/2` as Excel and WPS write it.
pub(super) fn date(text: &str) -> Result<Date, String> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = text.split(separator).collect();
    let digits = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts[..] {
        // With dashes everybody writes both digits; what has one may be cut short.
        [year, month, day]
            if year.len() == 4
                && [month, day].iter().all(|part| part.len() == 2 || (part.len() == 1 && separator == '/'))
                && parts.iter().all(digits) =>
        {
            let iso = format!("{year}-{month:0>2}-{day:0>2}");
            iso.parse().map_err(|_| format!("there is no such date: {text:?}"))
        }
        _ => Err(format!("not a date of the form 1938-05-02 or 1938/5/2: {text:?}")),
    }
}

/// The words of a cell that may hold several.
pub(super) fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split(words::SEPARATORS).map(str::trim).filter(|word| !word.is_empty())
}
