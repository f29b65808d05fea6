//! Whether a configuration could work: its own rules, and the files that it names.
use causeway_message::genesis::Genesis;
use std::path::Path;

use super::source::{Problem, Problems, Source};
use super::{BankConfig, Kind, NodeConfig, pem};
use crate::genesis::GenesisSpec;
use crate::{Failure, certificates, files, keyfile, layout};

/// A file that was checked.
#[derive(Debug)]
pub struct Checked {
    /// What it configures, if that could be told.
    pub kind: Option<Kind>,
    /// What is wrong with it.
    pub problems: Problems,
}

/// Checks one file and what it names.
pub fn file(path: &Path, environment: &[(String, String)]) -> Result<Checked, Failure> {
    let source = Source::read(path)?;
    let kind = match Kind::detect(&source) {
        Ok(kind) => kind,
        Err(problem) => {
            return Ok(Checked {
                kind: None,
                problems: problem.into(),
            });
        }
    };
    let problems = match kind {
        Kind::Node => node(source, environment),
        Kind::Bank => bank(&source),
        Kind::Genesis => GenesisSpec::read(&source).err().unwrap_or_default(),
    };
    Ok(Checked {
        kind: Some(kind),
        problems,
    })
}

fn node(source: Source, environment: &[(String, String)]) -> Problems {
    let loaded = match NodeConfig::read(source, environment) {
        Ok(loaded) => loaded,
        Err(problems) => return problems,
    };
    let mut problems = Problems::default();
    let mut expect = |key: &str, result: Result<(), String>| {
        if let Err(rule) = result {
            problems.0.push(loaded.at(key, rule));
        }
    };
    let config = &loaded.config;
    match pem::certificate(&config.tls_cert) {
        Ok(cert) => expect("tls.key", pem::key_of(&config.tls_key, &cert)),
        Err(rule) => expect("tls.cert", Err(rule)),
    }
    expect("tls.ca", pem::authorities(&config.tls_ca));
    expect("node.data_dir", data_dir(&config.data_dir));
    problems
}

/// A data directory holds a genesis, and a checkpoint key that the genesis knows.
fn data_dir(dir: &Path) -> Result<(), String> {
    let path = dir.join(layout::GENESIS);
    let bytes = files::read(&path, files::BINARY_BYTES_MAX).map_err(|failure| failure.to_string())?;
    let genesis = Genesis::from_bytes(&bytes).map_err(|error| format!("{}: {error}", path.display()))?;
    let path = dir.join(layout::CHECKPOINT_KEY);
    let key = keyfile::read(&path).map_err(|failure| failure.to_string())?;
    if genesis.nodes.iter().any(|node| node.public == key.public()) {
        Ok(())
    } else {
        Err(format!("{} is the key of no node of the genesis", path.display()))
    }
}

fn bank(source: &Source) -> Problems {
    let config = match BankConfig::read(source) {
        Ok(config) => config,
        Err(problems) => return problems,
    };
    let mut problems: Vec<Problem> = Vec::new();
    let mut expect = |key: &str, result: Result<(), String>| {
        if let Err(rule) = result {
            problems.push(source.at(key, rule));
        }
    };
    expect("node.ca", pem::authorities(&config.ca));
    match pem::certificate(&config.tls_cert) {
        Ok(cert) => {
            let name = certificates::participant_name(config.participant);
            expect("tls.cert", pem::carries(&cert, &name));
            expect("tls.key", pem::key_of(&config.tls_key, &cert));
        }
        Err(rule) => expect("tls.cert", Err(rule)),
    }
    for (i, key) in config.keys.iter().enumerate() {
        let read = keyfile::read(&key.file)
            .map(|_| ())
            .map_err(|failure| failure.to_string());
        expect(&format!("key[{i}].file"), read);
    }
    Problems(problems)
}
