mod continuity;

use std::path::{Path, PathBuf};

use super::signature::{PublicKey, Signer};
use super::tables::Letterhead;
use super::*;
use crate::domain::EntryBody;
use crate::domain::sample::{self, SampleBooks, lunch};
use crate::domain::statement::{DayBooks, Statement};

fn head() -> Letterhead {
    Letterhead::new("玉林街道长寿食堂", "Asia/Shanghai").expect("a zone")
}

fn make(books: DayBooks, signer: &Signer) -> DayFiles {
    DayFiles::make(&Statement::new(books).expect("sound books"), &head(), signer).expect("files")
}

fn save(folder: &Path, files: &DayFiles) {
    for kind in FileKind::ALL {
        std::fs::write(folder.join(files.names.file(kind)), files.bytes(kind)).expect("a file");
    }
}

/// Three days, the second one empty, in a folder of their own.
struct Folder {
    dir: tempfile::TempDir,
    signer: Signer,
    days: Vec<DayFiles>,
}

fn three_days() -> Folder {
    let dir = tempfile::tempdir().expect("a folder");
    let signer = Signer::open_or_create(&dir.path().join("keys")).expect("a key");
    let mut books = SampleBooks::begin("2026-11-22");
    let days = vec![
        make(sample::busy_day(&mut books), &signer),
        make(books.close(), &signer),
        make(books.add(EntryBody::Meal(lunch("E-9", 900))).close(), &signer),
    ];
    for day in &days {
        save(dir.path(), day);
    }
    Folder { dir, signer, days }
}

impl Folder {
    fn path(&self, day: usize, kind: FileKind) -> PathBuf {
        self.dir.path().join(self.days[day].names.file(kind))
    }

    fn rewrite(&self, day: usize, kind: FileKind, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        std::fs::write(self.path(day, kind), change(self.days[day].bytes(kind).to_vec())).expect("a file");
    }

    fn edit(&self, day: usize, kind: FileKind, from: &str, to: &str) {
        self.rewrite(day, kind, |bytes| {
            let text = String::from_utf8(bytes).expect("text");
            assert!(text.contains(from), "{from:?} is not in the file");
            text.replacen(from, to, 1).into_bytes()
        });
    }

    fn verify(&self, trusted: &[PublicKey]) -> verify::Report {
        verify::verify(&[self.dir.path().to_owned()], trusted).expect("a folder of statements")
    }

    fn first(&self) -> verify::Finding {
        let report = self.verify(&[]);
        assert!(!report.ok, "the damage was not seen");
        report.first_difference.unwrap_or_else(|| panic!("no row is named: {:?}", report.findings))
    }

    fn problems(&self) -> String {
        let report = self.verify(&[]);
        assert!(!report.ok, "the damage was not seen");
        report.findings.iter().map(|finding| format!("{finding}\n")).collect()
    }
}

#[test]
fn three_untouched_days_verify_and_the_key_decides_whether_the_origin_is_shown() {
    let folder = three_days();
    let report = folder.verify(&[]);
    assert!(report.ok && !report.origin_shown, "{:?}", report.findings);
    assert_eq!(report.days.iter().map(|day| day.entries).collect::<Vec<_>>(), [5, 0, 1]);
    assert!(folder.verify(&[folder.signer.public_key()]).origin_shown);
    let other = Signer::open_or_create(&folder.dir.path().join("other")).expect("a key");
    assert!(!folder.verify(&[other.public_key()]).ok);
}

#[test]
fn the_same_day_always_has_the_same_bytes() {
    let [first, second] = [three_days(), three_days()];
    for (a, b) in first.days.iter().zip(&second.days) {
        assert_eq!((&a.csv, &a.xlsx, &a.entries), (&b.csv, &b.xlsx, &b.entries));
    }
    let again = make(sample::busy_day(&mut SampleBooks::begin("2026-11-22")), &first.signer);
    assert_eq!(again, first.days[0]);
}

#[test]
fn whichever_file_is_not_there_as_it_was_made_is_named() {
    let folder = three_days();
    let day = &folder.days[0];
    let amiss = || day.first_amiss(folder.dir.path()).expect("readable");
    assert_eq!(amiss(), None);
    for kind in FileKind::ALL {
        let (file, whole) = (folder.path(0, kind), day.bytes(kind));
        let mut flipped = whole.to_vec();
        flipped[whole.len() / 2] ^= 1;
        for other in [&flipped, &whole[1..], &[whole, b"\n"].concat()] {
            std::fs::write(&file, other).expect("a file");
            assert_eq!(amiss(), Some(file.clone()));
        }
        std::fs::remove_file(&file).expect("the file was there");
        assert_eq!(amiss(), Some(file.clone()));
        std::fs::write(&file, whole).expect("a file");
    }
}

#[test]
fn an_empty_day_says_so() {
    let folder = three_days();
    let csv = String::from_utf8(folder.days[1].csv.clone()).expect("UTF-8");
    assert!(csv.contains("本日无记录"), "{csv}");
    assert!(String::from_utf8_lossy(&folder.days[1].manifest).contains("\"empty\": true"));
}

#[test]
fn the_csv_has_mark_crlf_and_cells_that_a_spreadsheet_leaves_alone() {
    let csv = &three_days().days[0].csv;
    assert!(csv.starts_with("\u{feff}序号,".as_bytes()));
    let text = std::str::from_utf8(csv).expect("UTF-8");
    assert!(text.ends_with("\r\n"));
    for disarmed in ["'000123", "'510107194001010012", "'1E5", "'3-4", "\"'=wrong key, \"\"back\"\"\n\""] {
        assert!(text.contains(disarmed), "{disarmed} is not in {text}");
    }
    assert!(!text.contains("Li, daughter"), "a carer's name is in the CSV");
}

#[test]
fn a_csv_is_read_back_as_the_cells_it_was_written_from() {
    let statement = Statement::new(sample::busy_day(&mut SampleBooks::begin("2026-11-22"))).expect("sound books");
    let (detail, summary) = (tables::detail(&statement, &head()), tables::summary(&statement, &head()));
    let found = csv::read(&csv::write(&detail, &summary));
    assert!(found.resaved.is_empty());
    for (table, found) in [(&detail, &found.detail), (&summary, &found.summary)] {
        assert_eq!(table.header, found.header);
        assert_eq!(table.rows.len(), found.rows.len());
        for (row, found) in table.rows.iter().zip(&found.rows) {
            let values: Vec<String> = row.iter().map(|cell| cell.value().into_owned()).collect();
            assert!(found.cells.starts_with(&values), "{values:?} {found:?}");
        }
    }
}

#[test]
fn an_edited_cell_is_named_with_line_column_and_both_values() {
    let folder = three_days();
    folder.edit(0, FileKind::Csv, ",8.00,", ",9.00,");
    let first = folder.first();
    assert_eq!((first.line, first.column.as_deref()), (Some(4), Some("价格(元)")));
    assert_eq!((first.expected.as_deref(), first.found.as_deref()), (Some("8.00"), Some("9.00")));
}

#[test]
fn a_changed_total_of_the_summary_is_named() {
    let folder = three_days();
    folder.edit(0, FileKind::Csv, "本日合计,合计,,,5,3,1,,10.50", "本日合计,合计,,,5,3,1,,11.50");
    let first = folder.first();
    assert_eq!((first.column.as_deref(), first.found.as_deref()), (Some("金额(元)"), Some("11.50")));
}

#[test]
fn a_changed_cell_of_the_xlsx_is_named_by_sheet_and_place() {
    let folder = three_days();
    let statement = Statement::new(sample::busy_day(&mut SampleBooks::begin("2026-11-22"))).expect("sound books");
    let day = statement.books().day.0;
    let (detail, summary) = (tables::detail(&statement, &head()), tables::summary(&statement, &head()));
    let mut edited = detail.clone();
    edited.rows[2][7] = tables::Cell::Yuan(crate::domain::Fen::new(9900));
    folder.rewrite(0, FileKind::Xlsx, |_| xlsx::write(&edited, &summary, day).expect("an XLSX"));
    let first = folder.first();
    assert!(first.file.ends_with(".xlsx") && first.problem.contains("明细, cell H4"), "{first}");
    assert_eq!((first.line, first.expected.as_deref(), first.found.as_deref()), (Some(4), Some("8"), Some("99")));

    let mut edited = summary.clone();
    edited.rows.pop();
    folder.rewrite(0, FileKind::Xlsx, |_| xlsx::write(&detail, &edited, day).expect("an XLSX"));
    let last = summary.rows.len() + 1;
    assert!(folder.first().problem.contains(&format!("汇总, cell A{last}")), "{}", folder.first());

    let tomorrow = day.tomorrow().expect("a day");
    folder.rewrite(0, FileKind::Xlsx, |_| xlsx::write(&detail, &summary, tomorrow).expect("an XLSX"));
    assert!(folder.problems().contains("only the way of writing"), "{}", folder.problems());
    folder.rewrite(0, FileKind::Xlsx, |bytes| bytes[..bytes.len() / 2].to_vec());
    assert!(folder.problems().contains("cannot be read as XLSX"), "{}", folder.problems());
}

#[test]
fn swapped_missing_added_and_cut_off_rows_are_named() {
    let lines = |change: fn(&mut Vec<&str>)| {
        let folder = three_days();
        folder.rewrite(0, FileKind::Csv, |bytes| {
            let text = String::from_utf8(bytes).expect("UTF-8");
            let mut lines: Vec<&str> = text.split_inclusive("\r\n").collect();
            change(&mut lines);
            lines.concat().into_bytes()
        });
        folder
    };
    let swapped = lines(|lines| lines.swap(2, 3)).first();
    assert_eq!((swapped.line, swapped.expected.as_deref(), swapped.found.as_deref()), (Some(3), Some("2"), Some("3")));
    assert!(swapped.problem.contains("rows were moved"), "{swapped}");
    let missing = lines(|lines| lines.retain(|line| !line.starts_with("2,"))).first();
    assert!(missing.line == Some(3) && missing.problem.contains("row of number 2 is missing"), "{missing}");
    let added = lines(|lines| lines.insert(6, "6,x\r\n")).first();
    assert!(added.problem.contains("not in the books"), "{added}");
    let cut = lines(|lines| lines.truncate(4)).problems();
    assert!(cut.contains("bytes short") && cut.contains("ends too early"), "{cut}");
}

#[test]
fn a_csv_that_was_saved_again_is_told_from_one_that_was_changed() {
    type Save = fn(&str) -> Vec<u8>;
    let saves: [(Save, &str); 5] = [
        (|text| text.trim_start_matches('\u{feff}').as_bytes().to_vec(), "byte order mark is gone"),
        (|text| text.replace("\r\n", "\n").into_bytes(), "LF instead of CRLF"),
        (|text| text.encode_utf16().flat_map(u16::to_le_bytes).collect(), "UTF-16"),
        (|text| text.encode_utf16().flat_map(u16::to_be_bytes).collect(), "UTF-16"),
        (|text| text.replace(",\"", "\t\"").replace(',', "\t").into_bytes(), "separated by tabs"),
    ];
    for (save, how) in saves {
        let folder = three_days();
        folder.rewrite(1, FileKind::Csv, |bytes| save(std::str::from_utf8(&bytes).expect("UTF-8")));
        let problems = folder.problems();
        assert!(problems.contains(how), "{how}: {problems}");
        assert!(problems.contains("every cell is as it was"), "{how}: {problems}");
    }
    let folder = three_days();
    let gbk = b"\xd0\xf2\xba\xc5,\xbc\xc7\xc2\xbc\xba\xc5\r\n1,2\r\n";
    folder.rewrite(0, FileKind::Csv, |_| gbk.to_vec());
    let problems = folder.problems();
    assert!(problems.contains("GBK") && problems.contains("are missing, the heading as well"), "{problems}");
    assert!(!problems.contains(":0:"), "no file has a line 0: {problems}");
}

#[test]
fn rewritten_numbers_do_not_hide_the_amount_that_was_changed() {
    let folder = three_days();
    folder.rewrite(0, FileKind::Csv, |bytes| {
        let text = String::from_utf8(bytes).expect("UTF-8");
        text.replace("12.50,", "12.5,").replacen(",8.00,", ",9.00,", 1).into_bytes()
    });
    let problems = folder.problems();
    assert!(problems.contains("a spreadsheet rewrote this cell"), "{problems}");
    assert!(problems.contains("expected 8.00, found 9.00"), "{problems}");
}

#[test]
fn a_changed_entry_is_named_by_its_line() {
    let folder = three_days();
    folder.edit(0, FileKind::Entries, "\"price\":800", "\"price\":801");
    assert_eq!(folder.first().line, Some(3));
    assert!(folder.problems().contains("this entry was changed"));
    // With the CSV gone as well, the chain still tells.
    std::fs::remove_file(folder.path(0, FileKind::Csv)).expect("the file was there");
    assert!(folder.first().line.is_some());
}

#[test]
fn a_changed_manifest_breaks_the_signature_and_its_figures_are_checked() {
    let folder = three_days();
    folder.edit(0, FileKind::Manifest, "\"meals\": 3", "\"meals\": 4");
    let problems = folder.problems();
    assert!(problems.contains("signature") && problems.contains("does not follow from the entries"), "{problems}");
}

#[test]
fn a_kiosk_that_signs_other_opening_totals_or_a_second_reversal_is_found_out_by_the_days_before() {
    let folder = three_days();
    let mut books = SampleBooks::begin("2026-11-22");
    sample::busy_day(&mut books);
    let mut richer = books.close();
    richer.opening.price = crate::domain::Fen::new(1);
    save(folder.dir.path(), &make(richer, &folder.signer));
    let problems = folder.problems();
    assert!(problems.contains("does not open with the closing totals of 2026-11-22"), "{problems}");

    let folder = three_days();
    let mut books = SampleBooks::begin("2026-11-22");
    let meal = lunch("000123", 1250);
    sample::busy_day(&mut books);
    books.close();
    save(folder.dir.path(), &make(books.add(EntryBody::Reversal(sample::reversal(&meal, 2))).close(), &folder.signer));
    let problems = folder.problems();
    assert!(problems.contains("it takes back a meal that was taken back before"), "{problems}");
}

#[test]
fn whoever_signs_changed_files_with_a_key_of_their_own_is_found_out_by_the_next_day_and_by_the_kiosks_key() {
    let folder = three_days();
    let forger = Signer::open_or_create(&folder.dir.path().join("forger")).expect("a key");
    let forged = make(SampleBooks::begin("2026-11-22").add(EntryBody::Meal(lunch("E-1", 1200))).close(), &forger);
    save(folder.dir.path(), &forged);
    let problems = folder.problems();
    assert!(problems.contains("the chain does not go on from 2026-11-22"), "{problems}");
    assert!(problems.contains("another key than the day before"), "{problems}");
    let alone = |keys: &[PublicKey]| verify::verify(&[folder.path(0, FileKind::Csv)], keys).expect("a statement").ok;
    assert!(alone(&[]), "alone and without a key only integrity can be shown");
    assert!(!alone(&[folder.signer.public_key()]));
}

#[test]
fn a_missing_day_and_missing_files_are_named() {
    let folder = three_days();
    for kind in FileKind::ALL {
        std::fs::remove_file(folder.path(1, kind)).expect("the file was there");
    }
    assert!(folder.problems().contains("the statement of 2026-11-23 of CT-001 is missing"));
    for kind in FileKind::ALL {
        let folder = three_days();
        std::fs::remove_file(folder.path(0, kind)).expect("the file was there");
        let problems = folder.problems();
        assert!(problems.contains(&folder.days[0].names.file(kind)) && problems.contains("missing"), "{problems}");
    }
}

#[test]
fn a_day_under_another_days_name_is_found_out() {
    let folder = three_days();
    for kind in FileKind::ALL {
        std::fs::copy(folder.path(2, kind), folder.path(1, kind)).expect("a copy");
    }
    assert!(folder.problems().contains("renamed"));
}

#[test]
fn what_is_no_statement_is_said_so() {
    let dir = tempfile::tempdir().expect("a folder");
    let verify = |path: &Path| verify::verify(&[path.to_owned()], &[]).expect_err("nothing to verify").to_string();
    assert!(verify(dir.path()).contains("holds no statement"));
    assert!(verify(&dir.path().join("a.csv")).contains("does not exist"));
    std::fs::write(dir.path().join("notes.txt"), "x").expect("a file");
    assert!(verify(&dir.path().join("notes.txt")).contains("not a statement's file"));
}

#[test]
fn a_damaged_key_is_an_error_and_stays_as_it_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = Signer::open_or_create(dir.path()).expect("a key");
    let again = Signer::open_or_create(dir.path()).expect("the same key");
    assert!(first.is_new && !again.is_new && first.public_key() == again.public_key());
    let file = dir.path().join("signing.pem");
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&file).expect("the key").permissions().mode() & 0o777, 0o600);
    std::fs::write(&file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").expect("a file");
    assert!(matches!(Signer::open_or_create(dir.path()), Err(signature::KeyError::Damaged { .. })));
    assert!(std::fs::read_to_string(&file).expect("the key").contains("AAAA"));
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(200))]

    #[test]
    fn any_single_flipped_bit_in_any_file_is_detected(kind in 0usize..5, place in 0.0f64..1.0, bit in 0u8..8) {
        thread_local!(static FOLDER: Folder = three_days());
        FOLDER.with(|folder| {
            let kind = FileKind::ALL[kind];
            let file = folder.path(0, kind);
            let sound = folder.days[0].bytes(kind);
            let mut bytes = sound.to_vec();
            let at = ((bytes.len() as f64 * place) as usize).min(bytes.len() - 1);
            bytes[at] ^= 1 << bit;
            std::fs::write(&file, &bytes).expect("a file");
            let report = folder.verify(&[]);
            std::fs::write(&file, sound).expect("a file");
            assert!(!report.ok, "bit {bit} of byte {at} of {kind:?}");
        });
    }
}
