//! Stdout, for every command: what was done stays done when nobody reads on (`mealpoint doctor | head -1`), and a line that
//! is lost for another reason, such as a full disk behind `>`, makes the command fail.

use std::fmt::Arguments;
use std::io::{Error, ErrorKind, Result, Write, stdout};
use std::sync::{Mutex, PoisonError};

/// What kept a line from being written first, unless it was that nobody reads on.
static LOST: Mutex<Option<Error>> = Mutex::new(None);

/// The number under which something was booked, whatever becomes of the answer.
static BOOKED: Mutex<Option<u64>> = Mutex::new(None);

/// A line on stdout, like `println!`, which would panic where nobody reads on.
macro_rules! say {
    ($($text:tt)*) => {{
        $crate::cli::out::line(format_args!($($text)*));
    }};
}

/// Writes `text` and a line's end. Returns whether somebody still reads, for what goes on for long.
pub(super) fn line(text: Arguments<'_>) -> bool {
    match write(&mut stdout().lock(), text) {
        Ok(read) => read,
        Err(error) => {
            LOST.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            true
        }
    }
}

fn write(to: &mut impl Write, text: Arguments<'_>) -> Result<bool> {
    match to.write_fmt(text).and_then(|()| to.write_all(b"\n")).and_then(|()| to.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        written => written.map(|()| true),
    }
}

/// Says that an entry is booked, so that nobody orders it again whose answer is lost.
pub(super) fn booked(number: u64) {
    *BOOKED.lock().unwrap_or_else(PoisonError::into_inner) = Some(number);
}

/// # Errors
/// What kept a line from being written, and what is booked all the same.
pub(super) fn all_written() -> anyhow::Result<()> {
    let lost = LOST.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(error) = lost else { return Ok(()) };
    let booked = *BOOKED.lock().unwrap_or_else(PoisonError::into_inner);
    let (booked, remedy) = match booked {
        Some(number) => (format!(", but it is booked, with number {number}"), ", and do not order it again"),
        None => (String::new(), ""),
    };
    Err(anyhow::anyhow!("not all of the answer could be written: {error}{booked}; remedy: free some space{remedy}"))
}
