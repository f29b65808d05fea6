//! Configuration of nodes and banks: strict, overridden by the environment, and checked with what it names.
mod common;

use causeway_engine::netting::{NettingConfig, NettingMode, Triggers};
use causeway_ops::config::{Direct, NodeConfig, Source};
use common::{causeway, causeway_with, code, ledger, scratch, stdout, word};
use std::path::Path;
use std::time::Duration;

fn node(text: &str, environment: &[(&str, &str)]) -> Result<NodeConfig, String> {
    let environment: Vec<_> = environment
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect();
    match NodeConfig::read(Source::new("node.toml", text), &environment) {
        Ok(loaded) => Ok(loaded.config),
        Err(problems) => Err(problems
            .0
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join("\n")),
    }
}

#[test]
fn an_empty_node_configuration_is_all_defaults() {
    let config = node("", &[]).expect("defaults");
    assert_eq!(config.listen.to_string(), "127.0.0.1:7400");
    assert_eq!(config.metrics.to_string(), "127.0.0.1:7401");
    assert_eq!(config.direct, Direct::Auto);
    let limits = (
        config.sessions_per_participant,
        config.connections_per_participant,
    );
    assert_eq!((limits, config.handshakes_max), ((256, 32), 512));
    assert_eq!(config.data_dir, Path::new("."));
    assert_eq!(config.tls_cert, Path::new("tls/node.pem"));
}

#[test]
fn a_node_names_what_it_does_not_know() {
    for (text, expected) in [
        (
            "[journal]\nsegment_mb = 3\n",
            "node.toml:2:1: journal.segment_mb: unknown key `segment_mb`",
        ),
        ("[jornal]\n", "node.toml:1:2: jornal: unknown key `jornal`"),
        (
            "[journal]\nsegment_mib = 5000\n",
            "node.toml:2:15: journal.segment_mib: 5000 is out of bounds",
        ),
        (
            "[journal]\ndirect = \"yes\"\n",
            "node.toml:2:10: journal.direct: unknown word `yes`",
        ),
        (
            "[node]\nlisten = \"localhost\"\n",
            "node.toml:2:10: node.listen: must be an IP address and a port",
        ),
        (
            "[node]\nmetrics = \"0.0.0.0:1\"\n",
            "node.toml:2:11: node.metrics: is not a loopback address",
        ),
        (
            "[limits]\nsessions_max = 1\n",
            "node.toml:2:16: limits.sessions_max: is below limits.connections_max",
        ),
        (
            "[netting]\nmode = \"some\"\n",
            "node.toml:2:8: netting.mode: unknown word `some`",
        ),
        (
            "[netting]\ncertificates = 10001\n",
            "node.toml:2:16: netting.certificates: 10001 is out of bounds",
        ),
        (
            "[netting]\nlook_ms = 0\n",
            "node.toml:2:11: netting.look_ms: 0 is out of bounds",
        ),
        (
            "[netting]\nqueued_value = \"EUR\"\n",
            "node.toml:2:16: netting.queued_value: EUR: is not CURRENCY:AMOUNT, like EUR:1000000.00",
        ),
        (
            "[netting]\nqueued_value = \"EUR:1.001\"\n",
            "node.toml:2:16: netting.queued_value: EUR:1.001: ",
        ),
        (
            "[netting]\nqueued_value = \"EUR:1 USD:2 EUR:3\"\n",
            "node.toml:2:16: netting.queued_value: EUR: stands there twice",
        ),
        (
            "[log]\nlevel = \"loud\"\n",
            "node.toml:2:9: log.level: unknown word `loud`",
        ),
        (
            "[threads]\nlog_processor = \"1\"\n",
            "node.toml:2:1: threads.log_processor: unknown key `log_processor`",
        ),
        (
            "[threads]\nlog_processors = [1]\n",
            "node.toml:2:18: threads.log_processors: invalid type: sequence, expected a string",
        ),
        (
            "[threads]\nlog_processors = \"1;2\"\n",
            "node.toml:2:18: threads.log_processors: \"1;2\" is no processor and no range of them",
        ),
        (
            "[threads]\napply_processors = \"1024\"\n",
            "node.toml:2:20: threads.apply_processors: processor 1024 is out of bounds: at most 1023",
        ),
        (
            "[threads]\nother_processors = \"2,1-3\"\n",
            "node.toml:2:20: threads.other_processors: processor 2 stands there twice",
        ),
    ] {
        let said = node(text, &[]).expect_err(text);
        assert!(said.starts_with(expected), "{said}");
    }
    assert!(node("[node]\nmetrics = \"0.0.0.0:1\"\npublic_metrics = true\n", &[]).is_ok());
}

#[test]
fn netting_is_told_when_and_how() {
    let text = "[netting]\nmode = \"fifo\"\nlook_ms = 1000\ngridlock = false\nage_seconds = 60\n\
                queued_value = \"EUR:5000000.00 JPY:800\"\n";
    let netting = node(text, &[("CAUSEWAY_NETTING_BUDGET_MS", "7")])
        .expect("it holds")
        .netting;
    let expected = NettingConfig {
        mode: NettingMode::Fifo,
        budget: Duration::from_millis(7),
        look: Duration::from_secs(1),
        triggers: Triggers {
            gridlock: false,
            interval: None,
            age: Some(Duration::from_secs(60)),
            value: vec![(978, 500_000_000), (392, 800)],
        },
    };
    assert_eq!(netting, expected);
    let defaults = node("", &[]).expect("defaults");
    assert_eq!(defaults.netting, NettingConfig::default());
    assert_eq!(defaults.netting_certificates, 100);
    let none = node("[netting]\ncertificates = 0\n", &[]).expect("it holds");
    assert_eq!(none.netting_certificates, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn threads_are_given_processors_by_file_and_environment() {
    use causeway_engine::place::{Placement, ThreadKind};

    let text = "[threads]\ntransport = 4\nlog_processors = \"2\"\napply_processors = \"3\"\n\
                publish_processors = \"\"\ntransport_processors = \"0-1, 4\"\n";
    let environment = [
        ("CAUSEWAY_THREADS_APPLY_PROCESSORS", "6"),
        ("CAUSEWAY_THREADS_OTHER_PROCESSORS", "5,7"),
    ];
    let config = node(text, &environment).expect("it holds");
    let named = ThreadKind::ALL.map(|kind| config.placement.of(kind).to_string());
    assert_eq!(named, ["2", "6", "", "0-1,4", "5,7"]);
    assert_eq!(config.transport_threads, 4);
    assert_eq!(node("", &[]).expect("defaults").placement, Placement::default());
}

#[test]
fn the_environment_overrides_every_kind_of_value() {
    let environment = [
        ("CAUSEWAY_NODE_LISTEN", "[::1]:9000"),
        ("CAUSEWAY_NODE_DATA_DIR", "123"),
        ("CAUSEWAY_NODE_PUBLIC_METRICS", "true"),
        ("CAUSEWAY_JOURNAL_SEGMENT_MIB", "8"),
        ("CAUSEWAY_JOURNAL_DIRECT", "never"),
        ("CAUSEWAY_LOG_LEVEL", "debug"),
        ("CAUSEWAY_BANK_NAME", "is for others"),
        ("HOME", "/root"),
    ];
    let config = node("[journal]\nsegment_mib = 16\n", &environment).expect("fits");
    assert_eq!(config.listen.to_string(), "[::1]:9000");
    assert_eq!(config.data_dir, Path::new("123"));
    assert_eq!((config.segment_bytes, config.direct), (8 << 20, Direct::Never));
    assert!(config.public_metrics);
}

#[test]
fn an_unknown_or_wrong_variable_is_named() {
    for (variable, value, expected) in [
        (
            "CAUSEWAY_NODE_LISTN",
            "127.0.0.1:1",
            "environment CAUSEWAY_NODE_LISTN: node.listn: unknown key `listn`",
        ),
        (
            "CAUSEWAY_JORNAL_DIRECT",
            "auto",
            "environment CAUSEWAY_JORNAL_DIRECT: jornal.direct: unknown key `jornal`",
        ),
        (
            "CAUSEWAY_THREADS_TRANSPORT",
            "0",
            "environment CAUSEWAY_THREADS_TRANSPORT: threads.transport: 0 is out",
        ),
        (
            "CAUSEWAY_THREADS_TRANSPORT",
            "x",
            "environment CAUSEWAY_THREADS_TRANSPORT: threads.transport: invalid type",
        ),
        (
            "CAUSEWAY_NODE_METRICS",
            "0.0.0.0:1",
            "environment CAUSEWAY_NODE_METRICS: node.metrics: is not a loopback",
        ),
        (
            "CAUSEWAY_NODE",
            "x",
            "environment CAUSEWAY_NODE: node: names no key",
        ),
        (
            "CAUSEWAY_NODE_A\"B",
            "x",
            "environment CAUSEWAY_NODE_A\"B: node.a\"b: names no key",
        ),
    ] {
        let said = node("", &[(variable, value)]).expect_err(variable);
        assert!(said.starts_with(expected), "{said}");
    }
    assert!(
        node("", &[("CAUSEWAY_NODE_DATA_DIR", "a\"\n[x]\ny = \"")]).is_ok(),
        "a value stays a value"
    );
}

#[test]
fn what_a_configuration_names_must_be_there_and_fit() {
    let scratch = scratch();
    let dir = ledger(&scratch);
    let node = dir.join("node.toml");
    let say = |variable: &str, value: &str| {
        let output = causeway_with(&["config", "check", word(&node)], &[(variable, value)]);
        assert_eq!(code(&output), 1, "{variable}={value}");
        stdout(&output)
    };
    assert!(say("CAUSEWAY_TLS_KEY", "tls/ca.key").contains("tls.key: "));
    assert!(say("CAUSEWAY_TLS_KEY", "tls/ca.pem").contains("holds no private key"));
    assert!(say("CAUSEWAY_TLS_CERT", "tls/none.pem").contains("cannot be read"));
    assert!(say("CAUSEWAY_TLS_CERT", "tls/node.key").contains("holds no certificate"));
    assert!(say("CAUSEWAY_NODE_DATA_DIR", "tls").contains("genesis.bin: cannot be read"));

    let bank = dir.join("banks/ALFADEFF/bank.toml");
    let text = std::fs::read_to_string(&bank).expect("a bank");
    let check = |from: &str, to: &str, expected: &str| {
        assert!(text.contains(from), "{from}");
        std::fs::write(&bank, text.replacen(from, to, 1)).expect("written");
        let said = stdout(&causeway(&["config", "check", word(&bank)]));
        assert!(said.contains(expected), "{said}");
    };
    check(
        "participant = 7",
        "participant = 8",
        "tls.cert: the certificate does not carry the name participant-8.causeway",
    );
    check(
        "ledger = \"",
        "ledger = \"0",
        "bank.ledger: must be 64 hexadecimal digits",
    );
    check(
        "log_key = \"node",
        "log_key = \"mode",
        "bank.log_key: checkpoint: the hash in the log key",
    );
    check("\"person-2.key\"", "\"person-3.key\"", "key[1].file: ");
    check("\"person-2.key\"", "\"client.key\"", "client.key: not a key file");
    check("id = 2", "id = 1", "key[1].id: stands twice");
    check(
        "\"client.pem\"",
        "\"../BETAFRPP/client.pem\"",
        "does not carry the name participant-7.causeway",
    );
    check("../../tls/ca.pem", "client.key", "node.ca: ");
}
