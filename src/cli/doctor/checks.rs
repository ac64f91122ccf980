//! The checks, one function each. None writes a meal or a setting.

mod books;
mod clock;
#[cfg(feature = "kiosk")]
mod senses;
mod settings;

use std::path::Path;

use super::Finding;
use crate::cli::Context;

/// Below this much free space the kiosk could not write a day's books with its statements many times over.
const DISK_WARNING_BYTES: u64 = 1 << 30;
/// Below this a settlement may fail at any moment.
const DISK_FAILURE_BYTES: u64 = 64 << 20;

/// Every finding, and the name of the pack of models in use where there is one.
pub(super) fn all(context: &Context) -> (Vec<Finding>, Option<String>) {
    let mut findings = settings::all(&context.config);
    #[cfg(feature = "kiosk")]
    let pack = {
        let (senses, pack) = senses::all(context);
        findings.extend(senses);
        pack.map(|pack| pack.to_string())
    };
    #[cfg(not(feature = "kiosk"))]
    let pack = None;
    findings.extend(books::all(context));
    findings.push(disk(&context.data));
    (findings, pack)
}

/// Free space where the data folder is, or would be.
fn disk(data: &Path) -> Finding {
    let here = Path::new(".");
    let mut folders = data.ancestors().map(|folder| if folder.as_os_str().is_empty() { here } else { folder });
    let Some(existing) = folders.find(|folder| folder.is_dir()) else {
        return Finding::warning(
            "disk",
            format!("{} has no folder above it", data.display()),
            "name another folder with --data",
        );
    };
    match rustix::fs::statvfs(existing) {
        Ok(volume) => {
            let free = volume.f_bavail.saturating_mul(volume.f_frsize);
            let detail = format!("{} MB free at {}", free >> 20, data.display());
            if free < DISK_FAILURE_BYTES {
                let error =
                    std::io::Error::other(format!("{detail}; remedy: free some space; meals cannot be settled soon"));
                Finding::failed("disk", &error)
            } else if free < DISK_WARNING_BYTES {
                Finding::warning("disk", detail, "free some space before the books no longer fit")
            } else {
                Finding::good("disk", detail)
            }
        }
        Err(error) => Finding::failed("disk", &std::io::Error::from(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_found_for_a_folder_beside_the_working_one_that_is_yet_to_be_made() {
        for data in ["a-demo-that-never-ran", "a-demo-that-never-ran/below", ""] {
            let found = disk(Path::new(data));
            assert!(found.detail.contains("MB free"), "{data:?}: {found:?}");
        }
    }
}
