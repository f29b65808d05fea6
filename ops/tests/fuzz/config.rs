//! `node.toml` with its environment, and the text of a genesis.
use causeway_message::action::ParticipantGrant;
use causeway_message::codec::Reader;
use causeway_message::genesis::Genesis;
use causeway_message::time::Timestamp;
use causeway_ops::config::{NodeConfig, Problems, Source};
use causeway_ops::genesis::{DEFAULT_TEXT, GenesisSpec, ParticipantSpec};

use crate::support::{self, Input, fuzz};

const NODE: &str = r#"kind = "node"
[node]
data_dir = "ledger"
listen = "127.0.0.1:7400"
metrics = "[::1]:7401"
public_metrics = true
[tls]
cert = "tls/node.pem"
key = 'tls/node.key'
ca = "tls/ca.pem"
[journal]
segment_mib = 64
direct = "never"
[threads]
transport = 2
[limits]
sessions_max = 4_096
connections_max = 1024
[snapshot]
every_entries = 100000
[log]
level = "info"
"#;

const GENESIS: &str = r#"name = "test"
currencies = [{ code = "EUR", agent = "AGENT" }, { code = "KWD", agent = "AGENT" }]
[[participants]]
name = "OPERATOR"
roles = ["operator"]
keys = [{ person = 1, rights = ["control"] }, { person = 2, rights = ["control"] }]
[[participants]]
name = "AGENT"
roles = ["settlement_agent"]
keys = [{ person = 1, rights = ["control"] }, { id = 7, person = 2, rights = ["control"] }]
[[participants]]
name = "ALFADEFF"
roles = ["participant"]
keys = [{ person = 1, rights = ["instruct", "control"] }]
accounts = [{ currency = "EUR", cap = "1000000.00" }, { currency = "KWD", cap = "1.001" }]
"#;

const GRANT: &str = r#"[participant]
name = "EPSIJPJT"
roles = ["participant"]
keys = [{ person = 1, rights = ["instruct"], public = "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737" }]
accounts = [{ currency = "EUR", cap = "0" }]
"#;

const WORDS: [&str; 28] = [
    "[",
    "]",
    "[[nodes]]",
    "[[participants]]",
    "=",
    "\"",
    "\"\"\"",
    "'",
    "{",
    "}",
    ".",
    "\n",
    "#",
    "\\u0000",
    "-1",
    "18446744073709551616",
    "9223372036854775807",
    "1e400",
    "inf",
    "1979-05-27",
    "a.b.c = 1\n",
    "0x7fffffff",
    "\u{0}CAUSEWAY_JOURNAL_SEGMENT_MIB=9",
    "\nCAUSEWAY_NODE_LISTEN=[::]:1",
    "=true",
    "name = \"n+1\"\n",
    "XAU",
    "public = \"\"",
];

fn samples(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// Every problem says where it is and what the rule is.
fn are_worded(problems: &Problems) {
    assert!((1..=Problems::MAX).contains(&problems.0.len()));
    for problem in &problems.0 {
        let told = problem.place.starts_with("x.toml:") || problem.place.starts_with("environment CAUSEWAY_");
        assert!(told && !problem.rule.is_empty(), "{problem:?}");
    }
}

#[test]
fn a_node_is_configured_within_its_bounds_or_what_is_wrong_is_named() {
    let environment =
        "\u{0}CAUSEWAY_JOURNAL_SEGMENT_MIB=9\nCAUSEWAY_LOG_LEVEL=debug\nCAUSEWAY_BANK_X=1\nPATH=/";
    let samples = samples(&[NODE, "", &format!("{NODE}{environment}")]);
    fuzz!("node_toml", &samples, &WORDS, |input: &Input| {
        // Behind a zero stands the environment, a line for each variable.
        let text = input.text();
        let (text, lines) = text.split_once('\0').unwrap_or((&text, ""));
        let variables = lines.lines().filter_map(|line| line.split_once('='));
        let environment: Vec<(String, String)> = variables
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        match NodeConfig::read(Source::new("x.toml", text), &environment) {
            Ok(loaded) => {
                let config = &loaded.config;
                assert!((8 << 20..=2_048 << 20).contains(&config.segment_bytes));
                assert!(config.public_metrics || config.metrics.ip().is_loopback());
                assert!(config.sessions_max >= config.connections_max && config.transport_threads > 0);
                assert!(loaded.at("node.listen", "is taken").place.contains(['.', ' ']));
            }
            Err(problems) => are_worded(&problems),
        }
    });
}

#[test]
fn a_genesis_in_text_becomes_one_that_reads_back_or_what_is_wrong_is_named() {
    let samples = samples(&[GENESIS, DEFAULT_TEXT]);
    fuzz!("genesis_toml", &samples, &WORDS, |input: &Input| {
        let spec = match GenesisSpec::read(&Source::new("x.toml", &input.text())) {
            Ok(spec) => spec,
            Err(problems) => return are_worded(&problems),
        };
        let (genesis, made) = spec
            .complete(Timestamp(1))
            .expect("a specification without problems");
        assert_eq!(Genesis::from_bytes(&genesis.to_bytes()), Ok(genesis.clone()));
        assert!(
            genesis
                .nodes
                .iter()
                .any(|node| node.public == made.checkpoint.1.public())
        );
        for (grant, keys) in genesis.participants.iter().zip(&made.participants) {
            for (spec, key) in keys {
                let granted = grant.keys.iter().find(|granted| granted.key == spec.id);
                assert!(granted.is_some_and(|granted| granted.public == key.public()));
            }
        }
    });
}

#[test]
fn a_newcomer_in_text_becomes_a_grant_that_reads_back_or_what_is_wrong_is_named() {
    fuzz!("grant_toml", &samples(&[GRANT]), &WORDS, |input: &Input| {
        match ParticipantSpec::read_grant(&Source::new("x.toml", &input.text())) {
            Ok(grant) => {
                let mut bytes = Vec::new();
                grant.write(&mut bytes);
                assert_eq!(ParticipantGrant::read(&mut Reader::new(&bytes)), Ok(grant));
            }
            Err(problems) => are_worded(&problems),
        }
    });
}
