//! SHA-256, and the preimages that a file adds to those of `causeway-netting`.
use causeway_netting::Certificate;
use causeway_netting::case::Named;

use crate::LogEntry;

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, bytes).as_ref());
    out
}

fn number(out: &mut Vec<u8>, number: u128) {
    out.extend_from_slice(&number.to_le_bytes());
}

/// Digest of the names of participants and currencies and the ids of rows, each with its length before it.
pub fn names(named: &Named) -> [u8; 32] {
    let mut out = b"causeway/netting-names/v1\0".to_vec();
    for list in [&named.participants, &named.currencies, &named.rows] {
        number(&mut out, list.len() as u128);
        for name in list {
            number(&mut out, name.len() as u128);
            out.extend_from_slice(name.as_bytes());
        }
    }
    sha256(&out)
}

/// Digest of everything that a file says.
pub fn seal(certificate: &Certificate, names: &[u8; 32], log: Option<&LogEntry>) -> [u8; 32] {
    let mut out = b"causeway/netting-certificate-file/v1\0".to_vec();
    out.extend_from_slice(&sha256(&certificate.to_bytes()));
    out.extend_from_slice(names);
    number(&mut out, u128::from(log.is_some()));
    if let Some(log) = log {
        number(&mut out, u128::from(log.entry));
        out.extend_from_slice(&log.digest);
    }
    sha256(&out)
}
