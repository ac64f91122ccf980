//! The kiosk's Ed25519 key and its signatures.
//!
//! The signature is the plain 64 bytes over the manifest's bytes, so that anybody with OpenSSL can check it
//! (`src/statement/FILES.md`).

use std::fmt;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::domain::{EntryHash, KioskId};
use crate::files::{self, Access, FileError};

/// Far more than any key file holds.
const MAX_KEY_BYTES: usize = 16 * 1024;

/// What every PEM label of a private key ends with, whatever kind of key and program it is of.
const PRIVATE_LABEL: &str = "PRIVATE KEY-----";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refuses.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no such file.
    #[error("{0} is missing; remedy: name the PEM file with the public key")]
    Missing(PathBuf),
    /// The file that was named as a public key is something else.
    #[error(
        "{0} is no public key of a kiosk (Ed25519, in PEM); remedy: name the file of the form KIOSK-1a2b3c4d.pub.pem that the \
         kiosk was registered with"
    )]
    NotPublic(PathBuf),
    /// The file that was named as a public key holds a private one: whoever hands it on lets others sign as the kiosk.
    #[error(
        "{0} is a private key, and a private key must never leave its kiosk; remedy: leave it where the kiosk keeps it, and \
         name the kiosk's public key, a file of the form KIOSK-1a2b3c4d.pub.pem"
    )]
    Private(PathBuf),
    /// The file is not a key. It is never replaced: the district knows the old one.
    #[error(
        "{file} is not {what}: {problem}; remedy: bring it back from the backup, or move it away and register the new key"
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What it should be.
        what: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The system gives no random numbers.
    #[error("no random numbers for a new key: {0}; remedy: restart the computer")]
    Random(String),
}

/// A public key; 64 lower-case hex digits in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PublicKey(EntryHash);

impl PublicKey {
    /// Reads a PEM file with a public key (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// [`KeyError`] when there is none, or it is something else.
    pub fn read(file: &Path) -> Result<Self, KeyError> {
        let bytes = files::read_start(file, MAX_KEY_BYTES).map_err(|error| match error.kind() {
            ErrorKind::NotFound => KeyError::Missing(file.to_owned()),
            ErrorKind::IsADirectory => KeyError::NotPublic(file.to_owned()),
            _ => FileError::at("reading", file)(error).into(),
        })?;
        let text = String::from_utf8_lossy(&bytes);
        if text.contains(PRIVATE_LABEL) {
            return Err(KeyError::Private(file.to_owned()));
        }
        let key = VerifyingKey::from_public_key_pem(&text).map_err(|_| KeyError::NotPublic(file.to_owned()))?;
        Ok(Self(EntryHash(key.to_bytes())))
    }

    /// The PEM text.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] when the 32 bytes are no point of the curve; never for a key that signed something.
    pub fn pem(&self) -> Result<String, KeyError> {
        let damaged = |problem: String| KeyError::Damaged {
            file: PathBuf::from(self.to_string()),
            what: "a public key",
            problem,
        };
        let key = VerifyingKey::from_bytes(&self.0.0).map_err(|error| damaged(error.to_string()))?;
        key.to_public_key_pem(LineEnding::LF).map_err(|error| damaged(error.to_string()))
    }

    /// Whether `signature` is this key's over `bytes`.
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        let (Ok(key), Ok(signature)) = (VerifyingKey::from_bytes(&self.0.0), Signature::from_slice(signature)) else {
            return false;
        };
        key.verify_strict(bytes, &signature).is_ok()
    }

    /// The name of its file beside a kiosk's statements: `K-001-1a2b3c4d.pub.pem`. A new key has a new name, so that
    /// days signed with an old one can still be checked.
    pub fn file_name(&self, kiosk: &KioskId) -> String {
        let digits = self.to_string();
        let short: String = digits.chars().take(8).collect();
        format!("{kiosk}-{short}.pub.pem")
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for PublicKey {
    type Err = <EntryHash as FromStr>::Err;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// The kiosk's private key.
pub struct Signer {
    key: SigningKey,
    /// Whether this call made it.
    pub is_new: bool,
}

impl Signer {
    /// Opens `signing.pem` in the folder of the keys; `None` where there is none.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn open(keys: &Path) -> Result<Option<Self>, KeyError> {
        Ok(read_private(&keys.join("signing.pem"))?.map(|key| Self { key, is_new: false }))
    }

    /// Opens `signing.pem` in the folder of the keys, or makes it (PKCS#8, 0600) when there is none.
    ///
    /// # Errors
    /// [`KeyError`]; a damaged key is an error and never replaced.
    pub fn open_or_create(keys: &Path) -> Result<Self, KeyError> {
        if let Some(there) = Self::open(keys)? {
            return Ok(there);
        }
        let file = keys.join("signing.pem");
        let mut secret = Zeroizing::new([0u8; 32]);
        getrandom::fill(secret.as_mut()).map_err(|error| KeyError::Random(error.to_string()))?;
        let key = SigningKey::from_bytes(&secret);
        let pem = key.to_pkcs8_pem(LineEnding::LF).map_err(|error| damaged_private(&file, error.to_string()))?;
        make_keys_folder(keys)?;
        if files::create_atomic(&file, pem.as_bytes(), Access::Private)? {
            return Ok(Self { key, is_new: true });
        }
        // Another process was quicker; its key is the kiosk's.
        let key = read_private(&file)?.ok_or_else(|| KeyError::Missing(file.clone()))?;
        Ok(Self { key, is_new: false })
    }

    /// The public half.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(EntryHash(self.key.verifying_key().to_bytes()))
    }

    /// Signs; the same bytes always get the same 64 bytes.
    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.key.sign(bytes).to_bytes()
    }
}

/// Makes the folder of the keys for the kiosk alone. One that is there already stays as it was set up: the key in it is
/// for the kiosk alone, where the file system knows such a thing.
fn make_keys_folder(keys: &Path) -> Result<(), FileError> {
    files::make_folder(keys, Access::Private)?;
    if std::fs::metadata(keys).is_ok_and(|about| about.permissions().mode() & 0o007 != 0) {
        tracing::warn!(
            folder = %keys.display(),
            "everybody may look into the folder of the keys; remedy: chmod o-rwx, or mount the medium for the kiosk alone"
        );
    }
    Ok(())
}

fn read_private(file: &Path) -> Result<Option<SigningKey>, KeyError> {
    let Some(bytes) = files::read_limited(file, MAX_KEY_BYTES as u64)? else { return Ok(None) };
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).map_err(|error| damaged_private(file, error.to_string()))?;
    SigningKey::from_pkcs8_pem(text).map(Some).map_err(|error| damaged_private(file, error.to_string()))
}

fn damaged_private(file: &Path, problem: String) -> KeyError {
    KeyError::Damaged { file: file.to_owned(), what: "an Ed25519 private key in PEM", problem }
}
