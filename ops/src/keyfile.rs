//! The file of an Ed25519 signing key: two lines of TOML, readable by its owner alone. Its form is the client's.
use causeway_message::keys::SigningKey;
use causeway_transport::profile::keyfile;
use std::path::Path;

use crate::Failure;
use crate::files::{self, Access};

pub use causeway_transport::profile::keyfile::to_text;

/// Writes a new key file, mode 0600. An existing file is never overwritten.
pub fn write(path: &Path, key: &SigningKey) -> Result<(), Failure> {
    files::write_new(path, to_text(key).as_bytes(), Access::Secret)
}

/// Reads a key file. Its messages never repeat what stands in it.
pub fn read(path: &Path) -> Result<SigningKey, Failure> {
    Ok(keyfile::read(path)?)
}
