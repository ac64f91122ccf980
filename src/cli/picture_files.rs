//! The files of the folders that a command is given: everything in them, in order, each once.

use std::path::{Path, PathBuf};

use super::told;
use crate::camera::pictures::{self, is_file_or_missing};

/// Deepest folder that is looked into, below the one that is named: a link that leads back up ends there.
const MOST_FOLDERS_DEEP: usize = 8;

/// The files of a folder and of the folders in it, in the order of their names; hidden ones left out. A file is itself.
/// What else is left out is told on stderr.
///
/// # Errors
/// That the folder cannot be listed. One in it that cannot be is left out, as a file is that cannot be read.
pub(super) fn files_below(place: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let mut walk = Walk { list: listed, above: vec![], found: vec![] };
    walk.collect(place)?;
    Ok(walk.found)
}

/// A walk through folders, each listed by `list`.
struct Walk<L> {
    list: L,
    /// Where it is: this folder and those it lies in. A link back to one of them would bring their files again.
    above: Vec<PathBuf>,
    found: Vec<PathBuf>,
}

impl<L: Fn(&Path) -> anyhow::Result<Vec<PathBuf>>> Walk<L> {
    fn collect(&mut self, folder: &Path) -> anyhow::Result<()> {
        let leave_out = |path: &Path, why: &str| eprintln!("mealpoint: {}: {why}, left out", path.display());
        let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        if self.above.contains(&real) {
            leave_out(folder, "a link to a folder that it lies in");
            return Ok(());
        }
        let paths = (self.list)(folder)?;
        self.above.push(real);
        for path in paths {
            if !path.is_dir() {
                if is_file_or_missing(&path) {
                    self.found.push(path);
                } else {
                    leave_out(&path, "neither a file nor a folder");
                }
            } else if self.above.len() > MOST_FOLDERS_DEEP {
                leave_out(&path, &format!("more than {MOST_FOLDERS_DEEP} folders deep"));
            } else if let Err(error) = self.collect(&path) {
                eprintln!("mealpoint: {}", told(&error));
            }
        }
        self.above.pop();
        Ok(())
    }
}

/// The folders of a folder: a person each. Files beside them belong to nobody and are returned apart.
pub(super) fn folders_of(root: &Path) -> anyhow::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    Ok(listed(root)?.into_iter().partition(|path| path.is_dir()))
}

fn listed(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    pictures::listed(folder).map_err(|error| {
        anyhow::anyhow!("{}: it cannot be listed: {error}; remedy: name a folder of pictures", folder.display())
    })
}

/// The last part of a path as text.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn files_come_once_in_the_order_of_their_names_without_hidden_ones_and_pipes() {
        let root = tempfile::tempdir().expect("a folder");
        for file in ["b/2.jpg", "b/1.jpg", "a/3.jpg", ".hidden/4.jpg", "loose.jpg", "b/.5.jpg"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, b"").expect("a file");
        }
        // A pipe would be waited for without end.
        let pipe = std::process::Command::new("mkfifo").arg(root.path().join("b/3.jpg")).status();
        assert!(pipe.expect("mkfifo").success());
        std::os::unix::fs::symlink(root.path(), root.path().join("b/again")).expect("a link");
        let names: Vec<String> = files_below(root.path()).expect("a list").iter().map(|path| name_of(path)).collect();
        assert_eq!(names, ["3.jpg", "1.jpg", "2.jpg", "loose.jpg"]);
        let (folders, loose) = folders_of(root.path()).expect("a list");
        assert_eq!((folders.len(), loose.len()), (2, 1));
        assert!(files_below(&root.path().join("nowhere")).is_err_and(|e| e.to_string().contains("nowhere")));
    }

    #[test]
    fn a_folder_in_another_that_cannot_be_listed_keeps_nobody_from_the_files_beside_it() {
        let root = tempfile::tempdir().expect("a folder");
        for file in ["a/1.jpg", "locked/2.jpg", "z/3.jpg"] {
            let path = root.path().join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, b"").expect("a file");
        }
        let list = |folder: &Path| if folder.ends_with("locked") { bail!("it is locked") } else { listed(folder) };
        let mut walk = Walk { list, above: vec![], found: vec![] };
        walk.collect(root.path()).expect("a list");
        assert_eq!(walk.found.iter().map(|path| name_of(path)).collect::<Vec<_>>(), ["1.jpg", "3.jpg"]);
        assert!(walk.collect(&root.path().join("locked")).is_err(), "the one that was named");
    }
}
