//! Mutual TLS 1.3: a client certificate names its participant.
use std::sync::Arc;

use causeway_message::ParticipantId;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;

use crate::error::ClientError;
use crate::limits::ALPN;

/// Certificates and key of one side, and the authority it trusts; all PEM.
#[derive(Clone)]
pub struct Identity {
    /// Certificates of the authority.
    pub ca: Vec<u8>,
    /// Own certificate chain.
    pub certificate: Vec<u8>,
    /// Own private key.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

fn tls(what: &str, error: impl std::fmt::Display) -> ClientError {
    ClientError::Tls(format!("{what}: {error}"))
}

impl Identity {
    fn roots(&self) -> Result<Arc<RootCertStore>, ClientError> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(&self.ca) {
            let certificate = certificate.map_err(|e| tls("ca", e))?;
            roots.add(certificate).map_err(|e| tls("ca", e))?;
        }
        Ok(Arc::new(roots))
    }

    fn own(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), ClientError> {
        let chain = CertificateDer::pem_slice_iter(&self.certificate)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| tls("certificate", e))?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|e| tls("key", e))?;
        Ok((chain, key))
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// TLS of the server: demands a certificate of its authority.
///
/// # Errors
/// If the identity cannot be used.
pub fn server(identity: &Identity) -> Result<QuicServerConfig, ClientError> {
    let verifier = WebPkiClientVerifier::builder_with_provider(identity.roots()?, provider())
        .build()
        .map_err(|e| tls("ca", e))?;
    let (chain, key) = identity.own()?;
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|e| tls("protocol", e))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|e| tls("certificate", e))?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.max_early_data_size = 0;
    QuicServerConfig::try_from(config).map_err(|e| tls("quic", e))
}

/// TLS of a client.
///
/// # Errors
/// If the identity cannot be used.
pub fn client(identity: &Identity) -> Result<QuicClientConfig, ClientError> {
    let (chain, key) = identity.own()?;
    let mut config = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|e| tls("protocol", e))?
        .with_root_certificates(identity.roots()?)
        .with_client_auth_cert(chain, key)
        .map_err(|e| tls("certificate", e))?;
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_early_data = false;
    QuicClientConfig::try_from(config).map_err(|e| tls("quic", e))
}

/// The DNS name in a certificate that names a participant.
pub fn participant_name(participant: ParticipantId) -> String {
    format!("participant-{participant}.causeway")
}

/// The participant that a verified certificate names; exactly one.
pub fn participant_of(certificate: &CertificateDer<'_>) -> Option<ParticipantId> {
    let certificate = webpki::EndEntityCert::try_from(certificate).ok()?;
    let mut named = certificate.valid_dns_names().filter_map(|name| {
        let id = name.strip_prefix("participant-")?.strip_suffix(".causeway")?;
        let participant = ParticipantId(id.parse().ok()?);
        // One participant has one name: no signs, no leading zeros.
        (participant_name(participant) == name).then_some(participant)
    });
    let participant = named.next()?;
    named.next().is_none().then_some(participant)
}
