//! Certificates: PEM of either side, and the name by which a certificate names its participant.
use causeway_message::ParticipantId;
use causeway_transport::tls::{self, Identity, participant_name, participant_of};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::LazyLock;

use crate::support::{self, Input, fuzz};

/// Fixed, so that an input means the same bytes in every run. The key signs nothing but these certificates.
static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity {
    ca: include_bytes!("fixtures/ca.pem").to_vec(),
    certificate: include_bytes!("fixtures/bank.pem").to_vec(),
    key: include_bytes!("fixtures/bank.key").to_vec(),
});

const WORDS: [&str; 6] = [
    "-----BEGIN CERTIFICATE-----\n",
    "-----END CERTIFICATE-----\n",
    "-----BEGIN PRIVATE KEY-----\n",
    "-----END PRIVATE KEY-----\n",
    "AAAA",
    "\n",
];

#[test]
fn an_identity_is_used_or_refused() {
    let samples = [
        IDENTITY.certificate.clone(),
        IDENTITY.key.clone(),
        IDENTITY.ca.clone(),
    ];
    fuzz!("pem", &samples, &WORDS, |input: &Input| {
        let whole = &*IDENTITY;
        for at in 0..3 {
            let mut identity = whole.clone();
            let part = match at {
                0 => &mut identity.ca,
                1 => &mut identity.certificate,
                _ => &mut identity.key,
            };
            *part = input.bytes.clone();
            for error in [tls::client(&identity).err(), tls::server(&identity).err()] {
                assert!(error.is_none_or(|error| !error.to_string().is_empty()));
            }
        }
    });
}

#[test]
fn a_certificate_names_one_participant_or_none() {
    let names = [
        "participant-7.causeway",
        "participant-07.causeway",
        "participant-8.causeway",
    ];
    let samples = [
        &include_bytes!("fixtures/bank.pem")[..],
        include_bytes!("fixtures/padded.pem"),
        include_bytes!("fixtures/two.pem"),
    ]
    .map(|pem| {
        CertificateDer::from_pem_slice(pem)
            .expect("it is a certificate")
            .to_vec()
    });
    let named = samples
        .each_ref()
        .map(|der| participant_of(&CertificateDer::from(der.as_slice())));
    assert_eq!(named, [Some(ParticipantId(7)), Some(ParticipantId(7)), None]);
    fuzz!("certificate", &samples, &names, |input: &Input| {
        if let Some(participant) = participant_of(&CertificateDer::from(input.bytes.as_slice())) {
            let name = participant_name(participant);
            let found = input
                .bytes
                .windows(name.len())
                .any(|part| part == name.as_bytes());
            assert!(found, "{name} does not stand in the certificate");
        }
    });
}
