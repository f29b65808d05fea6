//! A certificate authority of the tests' own.
use causeway_message::ParticipantId;
use causeway_transport::tls::{Identity, participant_name};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};

/// Name in the node's certificate.
pub const NODE_NAME: &str = "node.causeway";

fn params(names: &[&str]) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    CertificateParams::new(names).expect("good names")
}

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    pub fn new() -> Self {
        Self::named("an authority")
    }

    pub fn named(name: &str) -> Self {
        let mut params = params(&[]);
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate").pem();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    /// The authority's certificate, PEM.
    pub fn ca(&self) -> Vec<u8> {
        self.certificate.clone().into_bytes()
    }

    /// A certificate with these DNS names; its holder trusts this authority.
    pub fn issue(&self, names: &[&str]) -> Identity {
        self.sign(params(names))
    }

    /// A participant's certificate that is valid from the beginning of one year to that of another.
    pub fn participant_between(&self, participant: ParticipantId, from: i32, until: i32) -> Identity {
        let mut params = params(&[&participant_name(participant)]);
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        Identity {
            ca: self.ca(),
            certificate: certificate.pem().into_bytes(),
            key: key.serialize_pem().into_bytes(),
        }
    }

    pub fn participant(&self, participant: ParticipantId) -> Identity {
        self.issue(&[&participant_name(participant)])
    }

    pub fn node(&self) -> Identity {
        self.issue(&[NODE_NAME])
    }
}
