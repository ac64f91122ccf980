//! How long things last.

/// How long things last, in milliseconds. `Default` is what the shipped `screen.toml` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timings {
    /// Looking for this long without a decision is "not recognised"; who steps up meanwhile has half of it at least.
    pub looking_ms: u64,
    /// The greeting goes on to the dishes by itself after this.
    pub recognised_ms: u64,
    /// Choosing without a touch ends after this.
    pub dishes_ms: u64,
    /// An unconfirmed meal is dropped after this.
    pub confirm_ms: u64,
    /// The settled screen stays this long.
    pub settled_ms: u64,
    /// A message stays this long.
    pub message_ms: u64,
    /// An elder whose face is not seen for this long has gone away.
    pub away_ms: u64,
    /// After somebody else stepped in front, the elder has this long to be recognised again.
    pub reverify_ms: u64,
}

impl Default for Timings {
    fn default() -> Self {
        Self {
            looking_ms: 8_000,
            recognised_ms: 6_000,
            dishes_ms: 45_000,
            confirm_ms: 40_000,
            settled_ms: 6_000,
            message_ms: 8_000,
            away_ms: 8_000,
            reverify_ms: 5_000,
        }
    }
}

/// A touch on 确认 counts only when the elder's face was seen within this: bending to the screen may hide it shortly.
pub(super) const CONFIRM_SEEN_MS: u64 = 2_500;
/// A touch on 确认 counts only when the elder was recognised within this: a face that is merely there, turned away or
/// blurred, may by now be somebody else's.
pub(super) const VERIFIED_MS: u64 = 5_000;
/// A touch on 确认 counts only when the screen has stood this long: a second tap meant for the screen before does not.
pub(super) const ARM_MS: u64 = 700;
/// A touch counts only when the screen has stood this long: a second tap, or one that was on its way when the screen went on
/// by itself, was meant for the one before. Nobody has read a screen by then.
pub(super) const FRESH_MS: u64 = 500;
/// A short message stays this long: the elder's own wish, or for somebody who is gone.
pub(super) const SHORT_MESSAGE_MS: u64 = 3_500;
/// The settled screen is shown at least this long, whatever is touched and whoever already stands there.
pub(super) const SETTLED_LEAST_MS: u64 = 2_000;
/// Somebody who was served or sent away is not addressed again for this long, as long as they stay.
pub(super) const DISMISSED_MS: u64 = 20_000;
/// An elder who was served is not told "already served" for this long, should the tracker lose them or should they stand by
/// while the next one is served; nor is anybody asked for their face who chose to be served without it.
pub(super) const JUST_SERVED_MS: u64 = 90_000;
/// A face is gone from the looking screen after this.
pub(super) const GONE_MS: u64 = 1_200;
/// The books have this long to answer what is offered.
pub(super) const ANSWER_MS: u64 = 5_000;
/// A camera that is back within this was only disturbed.
pub(super) const CAMERA_GRACE_MS: u64 = 1_500;
/// Between two tries of one settlement.
pub(super) const RETRY_MS: u64 = 1_500;
/// Tries of one settlement before the staff must look.
pub(super) const SETTLE_TRIES: u32 = 5;
/// Between two looks whether failed books are back.
pub(super) const CHECK_STORE_MS: u64 = 5_000;
/// Wrong PINs in a row after which none is taken for a while.
pub(super) const PIN_TRIES: u32 = 5;
/// That while: half of all PINs then take a year.
pub(super) const PIN_LOCK_MS: u64 = 300_000;
/// Typing a PIN ends after this without a touch.
pub(super) const PIN_MS: u64 = 20_000;
/// The staff's screen ends after this without a touch.
pub(super) const STAFF_MS: u64 = 60_000;
/// The books have this long to close days.
pub(super) const CLOSING_MS: u64 = 60_000;
