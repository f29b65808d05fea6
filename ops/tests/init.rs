//! `causeway init`: a data directory that is whole, private, and accepted by every check.
mod common;

use causeway_message::action::role;
use causeway_message::checkpoint::LogKey;
use causeway_message::genesis::Genesis;
use causeway_ops::config::BankConfig;
use causeway_ops::{certificates, keyfile};
use common::{causeway, code, files, ledger, scratch, stderr, stdout, word};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

fn genesis(dir: &Path) -> Genesis {
    Genesis::from_bytes(&std::fs::read(dir.join("genesis.bin")).expect("a genesis")).expect("reads back")
}

#[test]
fn every_configuration_that_init_writes_passes_the_check() {
    let scratch = scratch();
    let dir = ledger(&scratch);
    let written: Vec<_> = files(&dir)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|e| e == "toml"))
        .collect();
    assert_eq!(written.len(), 13, "node, genesis and eleven participants");
    let mut words = vec!["config", "check"];
    words.extend(written.iter().map(|file| word(file)));
    let output = causeway(&words);
    assert_eq!(code(&output), 0, "{}{}", stdout(&output), stderr(&output));
    assert_eq!(stdout(&output).matches(": a good ").count(), 13);
}

#[test]
fn the_default_ledger_has_an_operator_six_agents_and_four_banks_without_credit() {
    let scratch = scratch();
    let genesis = genesis(&ledger(&scratch));
    let with = |bit: u8| genesis.participants.iter().filter(|p| p.roles == bit).count();
    assert_eq!(
        (
            with(role::OPERATOR),
            with(role::SETTLEMENT_AGENT),
            with(role::PARTICIPANT)
        ),
        (1, 6, 4)
    );
    assert_eq!(genesis.currencies.len(), 6);
    for participant in &genesis.participants {
        assert_eq!(participant.keys.len(), 2, "{}", participant.name);
        let accounts = if participant.roles == role::PARTICIPANT {
            6
        } else {
            0
        };
        assert_eq!(participant.accounts.len(), accounts);
        assert!(participant.accounts.iter().all(|account| account.cap == 0));
    }
}

#[test]
fn keys_and_ids_in_the_files_are_those_of_the_genesis() {
    let scratch = scratch();
    let dir = ledger(&scratch);
    let genesis = genesis(&dir);
    let log_key =
        LogKey::parse(&std::fs::read_to_string(dir.join("log.key")).expect("a log key")).expect("reads");
    assert_eq!(*log_key.public(), genesis.nodes[0].public);
    assert_eq!(
        keyfile::read(&dir.join("checkpoint.key"))
            .expect("a key")
            .public(),
        genesis.nodes[0].public
    );
    for (id, participant) in genesis.participants.iter().enumerate() {
        let path = dir.join("banks").join(&participant.name).join("bank.toml");
        let bank = BankConfig::load(&path).expect("a good configuration");
        assert_eq!((bank.participant.0 as usize, &bank.name), (id, &participant.name));
        assert_eq!((bank.ledger, &bank.log_key), (genesis.ledger_id(), &log_key));
        assert_eq!(bank.keys.len(), participant.keys.len());
        for (grant, key) in participant.keys.iter().zip(&bank.keys) {
            assert_eq!((grant.key, grant.person), (key.id, key.person));
            assert_eq!(keyfile::read(&key.file).expect("a key").public(), grant.public);
        }
    }
}

#[test]
fn nobody_else_can_read_what_is_secret() {
    let scratch = scratch();
    let dir = ledger(&scratch);
    for file in files(&dir) {
        let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
        let secret = (name.ends_with(".key") && name != "log.key") || name.ends_with(".secret");
        let mode = std::fs::metadata(&file)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777;
        assert_eq!(mode == 0o600, secret, "{} has mode {mode:o}", file.display());
    }
}

#[test]
fn certificates_carry_their_names_and_lead_to_the_authority() {
    let scratch = scratch();
    let dir = ledger(&scratch);
    let ca =
        CertificateDer::from_pem_slice(&std::fs::read(dir.join("tls/ca.pem")).expect("a CA")).expect("PEM");
    let ca = webpki::anchor_from_trusted_cert(&ca).expect("an authority");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let check = |path: &Path, names: &[&str], usage: webpki::KeyUsage| {
        let cert = CertificateDer::from_pem_slice(&std::fs::read(path).expect("a certificate")).expect("PEM");
        let cert = webpki::EndEntityCert::try_from(&cert).expect("X.509");
        for name in names {
            let name = ServerName::try_from(*name).expect("a name");
            cert.verify_is_valid_for_subject_name(&name)
                .expect("carries its name");
        }
        let other = ServerName::try_from("participant-99.causeway").expect("a name");
        assert!(cert.verify_is_valid_for_subject_name(&other).is_err());
        for years in [0, 9] {
            let at = UnixTime::since_unix_epoch(now + Duration::from_secs(years * 365 * 86_400));
            let anchors = [ca.clone()];
            let algorithms = webpki::ALL_VERIFICATION_ALGS;
            cert.verify_for_usage(algorithms, &anchors, &[], at, usage, None, None)
                .expect("is trusted");
        }
    };
    let node = ["localhost", "127.0.0.1", "::1", "node.causeway"];
    check(&dir.join("tls/node.pem"), &node, webpki::KeyUsage::server_auth());
    for (id, participant) in genesis(&dir).participants.iter().enumerate() {
        let name = certificates::participant_name(causeway_message::ParticipantId(id as u32));
        assert_eq!(name, format!("participant-{id}.causeway"));
        let path = dir.join("banks").join(&participant.name).join("client.pem");
        check(&path, &[&name], webpki::KeyUsage::client_auth());
    }
}

#[test]
fn init_leaves_a_directory_that_holds_anything_as_it_is() {
    let scratch = scratch();
    let dir = scratch.path().join("used");
    std::fs::create_dir(&dir).expect("a directory");
    std::fs::write(dir.join("note"), "mine").expect("a file");
    let output = causeway(&["init", "--dir", word(&dir)]);
    assert_eq!(code(&output), 1);
    assert!(stderr(&output).contains("is not empty"), "{}", stderr(&output));
    assert_eq!(files(&dir), [dir.join("note")]);
    let file = dir.join("note");
    assert_eq!(code(&causeway(&["init", "--dir", word(&file)])), 1);
}

#[test]
fn an_empty_directory_is_filled_and_two_ledgers_never_have_one_id() {
    let scratch = scratch();
    let ids: Vec<_> = ["a", "b"]
        .iter()
        .map(|name| {
            let dir = scratch.path().join(name);
            std::fs::create_dir(&dir).expect("a directory");
            assert_eq!(code(&causeway(&["init", "--dir", word(&dir)])), 0);
            genesis(&dir).ledger_id()
        })
        .collect();
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn init_prints_json_for_scripts_and_never_a_secret() {
    let scratch = scratch();
    let dir = scratch.path().join("ledger");
    let output = causeway(&["init", "--dir", word(&dir), "--listen", "0.0.0.0:9000", "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["ledger"], genesis(&dir).ledger_id().to_string());
    assert_eq!(json["participants"][7]["name"], "ALFADEFF");
    let bank = BankConfig::load(Path::new(
        json["participants"][7]["config"].as_str().expect("a path"),
    ));
    assert_eq!(
        bank.expect("a good configuration").address.to_string(),
        "127.0.0.1:9000"
    );
    let said = stdout(&output) + &stderr(&output);
    for file in files(&dir)
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "key"))
    {
        if let Ok(key) = keyfile::read(file) {
            assert!(
                !said.contains(&causeway_message::ids::hex(key.seed())),
                "{}",
                file.display()
            );
        }
    }
}

#[test]
fn a_key_given_in_the_genesis_is_kept_and_no_file_is_made_for_it() {
    let scratch = scratch();
    let public = keyfile_public(scratch.path());
    let text = format!(
        r#"
        kind = "genesis"
        name = "one"
        currencies = []
        [[participants]]
        name = "O/P"
        roles = ["operator"]
        keys = [
            {{ id = 7, person = 1, rights = ["control"], public = "{public}" }},
            {{ person = 2, rights = ["control"] }},
            {{ id = 9, person = 2, rights = ["instruct"] }},
        ]
        "#
    );
    let file = scratch.path().join("genesis.toml");
    std::fs::write(&file, text).expect("written");
    let dir = scratch.path().join("ledger");
    let output = causeway(&["init", "--dir", word(&dir), "--genesis", word(&file)]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let keys = &genesis(&dir).participants[0].keys;
    assert_eq!(keys[0].public.to_string(), public);
    assert_eq!(keys.iter().map(|key| key.key.0).collect::<Vec<_>>(), [7, 2, 9]);
    let home = dir.join("banks/participant-0");
    assert!(!home.join("person-1.key").exists());
    assert_eq!(
        keyfile::read(&home.join("person-2.key")).expect("a key").public(),
        keys[1].public
    );
    assert_eq!(
        keyfile::read(&home.join("person-2-key-9.key"))
            .expect("a key")
            .public(),
        keys[2].public
    );
    assert_eq!(
        code(&causeway(&["config", "check", word(&home.join("bank.toml"))])),
        0
    );
}

fn keyfile_public(dir: &Path) -> String {
    let output = causeway(&["keygen", "--out", word(&dir.join("own.key")), "--json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    json["public"].as_str().expect("a key").to_owned()
}
