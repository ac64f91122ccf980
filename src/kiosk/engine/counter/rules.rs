//! The subsidy rules that are applied: read again when somebody has changed them on the disk, so that a kiosk that runs for
//! weeks pays by the rules that the staff's commands read.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::config::{ConfigError, subsidies};
use crate::domain::subsidy::RuleBook;

/// What was changed is read once it has been left alone for so long: an editor empties a file before it writes it, and
/// without its rules everybody would pay the full price.
pub(super) const LEFT_ALONE: Duration = Duration::from_secs(2);

/// The rules that are applied. By default there are none, and no folder to read others from.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// The configuration folder that holds them.
    config: Option<PathBuf>,
    book: RuleBook,
    /// What lay in their folder when it was last read.
    read: Folder,
    /// What was last seen there instead, and since when.
    pub(super) seen: Option<(Folder, Instant)>,
    /// What was read last was not taken.
    refused: bool,
}

/// What lies in a folder: every name, with what changes when the file is written to or is another one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Folder(Vec<(OsString, Option<Stamp>)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Stamp {
    inode: u64,
    bytes: u64,
    /// Seconds and nanoseconds of the last change of the content, and of the last one of the file's rights or place.
    changed: [(i64, i64); 2],
}

impl Folder {
    /// What cannot be looked at counts as not being there; reading the rules says why.
    fn at(path: &Path) -> Self {
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let mut found: Vec<_> = entries
            .map(|entry| {
                let stamp = fs::metadata(entry.path()).ok().map(|file| Stamp {
                    inode: file.ino(),
                    bytes: file.len(),
                    changed: [(file.mtime(), file.mtime_nsec()), (file.ctime(), file.ctime_nsec())],
                });
                (entry.file_name(), stamp)
            })
            .collect();
        found.sort();
        Self(found)
    }

    fn of_rules(config: &Path) -> Self {
        Self::at(&config.join("subsidies"))
    }
}

impl Rules {
    /// Reads the rules of the configuration folder `config`.
    ///
    /// # Errors
    /// As [`subsidies::read`].
    pub fn read(config: &Path) -> Result<Self, ConfigError> {
        // What is changed while it is read is read again.
        let read = Folder::of_rules(config);
        let book = subsidies::read(config)?;
        Ok(Self { config: Some(config.to_owned()), book, read, seen: None, refused: false })
    }

    /// The rules.
    pub const fn book(&self) -> &RuleBook {
        &self.book
    }

    /// Whether other rules lie in the folder that were not taken.
    pub const fn are_refused(&self) -> bool {
        self.refused
    }

    /// Looks at the folder, and, where nobody is deciding (`free`), takes up what was changed. Rules that would not be taken
    /// at the start are not taken now either: those before go on.
    pub(in crate::kiosk::engine) fn renew(&mut self, now: Instant, free: bool) {
        if !self.look(now) || !free {
            return;
        }
        let (Some(config), Some((found, _))) = (&self.config, self.seen.take()) else { return };
        self.read = found;
        match subsidies::read(config) {
            // Half of a change, more likely than the end of all subsidies, which a restart takes up.
            Ok(book) if book.programmes().is_empty() && !self.book.programmes().is_empty() => {
                tracing::error!(
                    "subsidies: no rules are left there, so those before go on; remedy: put rules back, or restart"
                );
                self.refused = true;
            }
            Ok(book) => {
                tracing::info!("subsidies: changed rules are taken up");
                (self.book, self.refused) = (book, false);
            }
            Err(error) => {
                tracing::error!("subsidies: changed rules are not taken, those before go on: {error}");
                self.refused = true;
            }
        }
    }

    /// Whether the folder holds something else than was last read, and has been left alone since.
    fn look(&mut self, now: Instant) -> bool {
        let Some(config) = &self.config else { return false };
        let found = Folder::of_rules(config);
        if found == self.read {
            self.seen = None;
            return false;
        }
        match &self.seen {
            Some((seen, since)) if *seen == found => now.duration_since(*since) >= LEFT_ALONE,
            _ => {
                self.seen = Some((found, now));
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../../kiosk-config/subsidies/wuhou.toml");

    /// A configuration folder with the shipped rules in one file, what was read of it, and the book.
    fn shipped() -> (tempfile::TempDir, Rules, RuleBook) {
        let config = tempfile::tempdir().expect("a folder");
        fs::create_dir(config.path().join("subsidies")).expect("a folder");
        fs::write(config.path().join("subsidies/rules.toml"), SHIPPED).expect("written");
        let rules = Rules::read(config.path()).expect("the shipped rules");
        let before = rules.book().clone();
        (config, rules, before)
    }

    #[test]
    fn a_file_that_is_being_written_is_not_read_before_it_has_been_left_alone() {
        let (config, mut rules, before) = shipped();
        let file = config.path().join("subsidies/rules.toml");
        let start = Instant::now();
        // As an editor does it: emptied, then written.
        fs::write(&file, "").expect("written");
        rules.renew(start, true);
        rules.renew(start + LEFT_ALONE / 2, true);
        assert_eq!(rules.book(), &before, "an empty file is read");
        let prepaid = SHIPPED.rfind("[[programme]]").expect("the last programme");
        fs::write(&file, &SHIPPED[..prepaid]).expect("written");
        rules.renew(start + LEFT_ALONE, true);
        assert_eq!(rules.book(), &before, "it was written a moment ago");
        rules.renew(start + LEFT_ALONE * 2, true);
        assert_eq!(rules.book().programmes().len(), before.programmes().len() - 1);
        assert!(!rules.are_refused());
    }

    #[test]
    fn rules_that_cannot_be_read_are_refused_until_the_folder_is_changed_again_and_those_before_go_on() {
        let (config, mut rules, before) = shipped();
        let (folder, away) = (config.path().join("subsidies"), config.path().join("away"));
        let mut now = Instant::now();
        let mut left_alone = |rules: &mut Rules| {
            rules.renew(now, true);
            now += LEFT_ALONE;
            rules.renew(now, true);
        };
        let text = SHIPPED.replacen("kind = \"subsidy\"", "kind = \"gift\"", 1);
        fs::write(folder.join("rules.toml"), text).expect("written");
        left_alone(&mut rules);
        assert_eq!((rules.book(), rules.are_refused()), (&before, true), "a kind that there is not");
        assert!(rules.seen.is_none(), "it is read again and again");
        left_alone(&mut rules);
        assert_eq!((rules.book(), rules.are_refused()), (&before, true), "it is forgotten");
        fs::write(folder.join("rules.toml"), "").expect("written");
        left_alone(&mut rules);
        assert_eq!((rules.book(), rules.are_refused()), (&before, true), "no rules at all");
        fs::rename(&folder, &away).expect("moved");
        left_alone(&mut rules);
        assert_eq!((rules.book(), rules.are_refused()), (&before, true), "no folder at all");
        fs::rename(&away, &folder).expect("moved");
        fs::write(folder.join("rules.toml"), SHIPPED).expect("written");
        left_alone(&mut rules);
        assert_eq!((rules.book(), rules.are_refused()), (&before, false));
    }
}
