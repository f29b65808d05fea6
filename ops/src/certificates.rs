//! A development authority: its own certificate, the node's, and one for each participant.
//!
//! For trying things out and for tests. In earnest certificates come from an authority that the rulebook names.
use causeway_message::ParticipantId;
use causeway_message::time::{Timestamp, civil};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, date_time_ymd,
};

use crate::Failure;

pub use causeway_transport::profile::NODE_NAME;

const YEARS: u64 = 10;

/// The name in a participant's certificate that binds a connection to it.
pub fn participant_name(id: ParticipantId) -> String {
    format!("participant-{id}.causeway")
}

/// A certificate with its private key, both PEM.
pub struct Identity {
    /// The certificate.
    pub cert: String,
    /// The key: secret.
    pub key: String,
}

/// An authority that signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    identity: Identity,
    now: Timestamp,
}

fn refused(error: rcgen::Error) -> Failure {
    Failure::Io(format!("a certificate cannot be made: {error}"))
}

fn params(name: &str, sans: &[&str], now: Timestamp) -> Result<CertificateParams, Failure> {
    let sans: Vec<String> = sans.iter().map(|san| (*san).to_owned()).collect();
    let mut params = CertificateParams::new(sans).map_err(refused)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    // A day back for clocks that are behind; the 28th exists in every month.
    let (year, month, day) = civil(now.days().saturating_sub(1));
    let (month, day) = (month as u8, day.min(28) as u8);
    params.not_before = date_time_ymd(year as i32, month, day);
    params.not_after = date_time_ymd((year + YEARS) as i32, month, day);
    Ok(params)
}

impl Authority {
    /// A new authority.
    pub fn new(name: &str, now: Timestamp) -> Result<Self, Failure> {
        let mut params = params(name, &[], now)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().map_err(refused)?;
        let cert = params.self_signed(&key).map_err(refused)?;
        let identity = Identity {
            cert: cert.pem(),
            key: key.serialize_pem(),
        };
        Ok(Self {
            issuer: Issuer::new(params, key),
            identity,
            now,
        })
    }

    /// The authority's own certificate and key.
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// A certificate for a node on this machine.
    pub fn node(&self) -> Result<Identity, Failure> {
        let sans = [NODE_NAME, "localhost", "127.0.0.1", "::1"];
        self.issue(NODE_NAME, &sans, ExtendedKeyUsagePurpose::ServerAuth)
    }

    /// A certificate for a participant.
    pub fn client(&self, id: ParticipantId) -> Result<Identity, Failure> {
        let name = participant_name(id);
        self.issue(&name, &[&name], ExtendedKeyUsagePurpose::ClientAuth)
    }

    fn issue(&self, name: &str, sans: &[&str], usage: ExtendedKeyUsagePurpose) -> Result<Identity, Failure> {
        let mut params = params(name, sans, self.now)?;
        params.use_authority_key_identifier_extension = true;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![usage];
        let key = KeyPair::generate().map_err(refused)?;
        let cert = params.signed_by(&key, &self.issuer).map_err(refused)?;
        Ok(Identity {
            cert: cert.pem(),
            key: key.serialize_pem(),
        })
    }
}
