//! A certificate authority of the tests' own.
use causeway_message::ParticipantId;
use causeway_transport::tls::{Identity, participant_name};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, KeyUsagePurpose};

/// Name in the node's certificate.
pub const NODE_NAME: &str = "node.causeway";

pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: String,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names are good names");
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
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let params = CertificateParams::new(names).expect("good names");
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
