//! Checks of certificate and key files before anything connects with them.
use rcgen::{KeyPair, PublicKeyData};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use std::path::Path;

use crate::files;

/// The first certificate of a file.
pub fn certificate(path: &Path) -> Result<CertificateDer<'static>, String> {
    let bytes = read(path)?;
    let cert = CertificateDer::from_pem_slice(&bytes)
        .map_err(|_| format!("{} holds no certificate in PEM", path.display()))?;
    webpki::EndEntityCert::try_from(&cert)
        .map_err(|error| format!("{} is no X.509 certificate of version 3: {error}", path.display()))?;
    Ok(cert)
}

/// The certificates of authorities in a file.
pub fn authorities(path: &Path) -> Result<(), String> {
    let bytes = read(path)?;
    let mut count = 0;
    for cert in CertificateDer::pem_slice_iter(&bytes) {
        let cert = cert.map_err(|_| format!("{} is not PEM throughout", path.display()))?;
        webpki::anchor_from_trusted_cert(&cert)
            .map_err(|error| format!("{} holds what is no authority: {error}", path.display()))?;
        count += 1;
    }
    if count == 0 {
        Err(format!("{} holds no certificate in PEM", path.display()))
    } else {
        Ok(())
    }
}

/// Checks that a key file holds the key of a certificate. Messages never show the key.
pub fn key_of(path: &Path, cert: &CertificateDer<'_>) -> Result<(), String> {
    let bytes = read(path)?;
    let key = PrivateKeyDer::from_pem_slice(&bytes)
        .map_err(|_| format!("{} holds no private key in PEM", path.display()))?;
    let pair =
        KeyPair::try_from(&key).map_err(|_| format!("{}: the key is of no known form", path.display()))?;
    let public = pair.der_bytes();
    if cert.windows(public.len().max(1)).any(|window| window == public) {
        Ok(())
    } else {
        Err(format!("{} is not the key of the certificate", path.display()))
    }
}

/// Checks that a certificate carries a name.
pub fn carries(cert: &CertificateDer<'_>, name: &str) -> Result<(), String> {
    let wrong = || format!("the certificate does not carry the name {name}");
    let server = ServerName::try_from(name).map_err(|_| wrong())?;
    let cert = webpki::EndEntityCert::try_from(cert).map_err(|_| wrong())?;
    cert.verify_is_valid_for_subject_name(&server)
        .map_err(|_| wrong())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    files::read(path, files::TEXT_BYTES_MAX).map_err(|failure| failure.to_string())
}
