//! `bank.toml` and key files.
use causeway_message::checkpoint::LogKey;
use causeway_message::keys::SigningKey;
use causeway_transport::profile::{BankProfile, Problems, Source, keyfile};
use std::sync::LazyLock;

use crate::support::{self, Input, fuzz};

static PROFILES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let log_key = LogKey::new("log", SigningKey::from_seed([9; 32]).expect("a seed").public());
    let log_key = log_key.expect("a good name").to_text();
    let ledger = "0a".repeat(32);
    let least = format!(
        "[bank]\nname = \"Alfa\"\nparticipant = 1\nledger = \"{ledger}\"\nlog_key = \"{log_key}\"\n\
         [node]\naddress = \"127.0.0.1:1\"\nca = \"ca\"\n[tls]\ncert = \"c\"\nkey = \"k\"\n"
    );
    let most = format!(
        "kind = \"bank\"\n{least}\n[[key]]\nid = 1\nperson = 1\nfile = \"a.key\"\n\
         [[key]]\nid = 2\nperson = 2\nfile = '/b.key'\n\
         [adapter]\nsecret = \"s\"\nstore = \"d\"\npast_value_date = \"refuse\"\n\
         [agents]\nBANKDEFFABC = \"ALFADEFF\"\n\"USABA:121182904\" = 11\n"
    );
    vec![least.into_bytes(), most.into_bytes()]
});

/// Words of TOML and of the profile.
const WORDS: [&str; 24] = [
    "[",
    "]",
    "[[key]]",
    "[agents]",
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
    "\\U0010FFFF",
    "id = ",
    "person = ",
    "-1",
    "4294967296",
    "1e400",
    "1979-05-27",
    "[[",
    "a.b.c = 1\n",
    "kind = \"node\"\n",
];

/// Every problem says where it is and what the rule is, in one line each.
fn is_worded(problems: &Problems, text: &str) {
    assert!(!problems.0.is_empty());
    for problem in &problems.0 {
        let place = problem
            .place
            .strip_prefix("bank.toml:")
            .expect("it names the file");
        let (line, column) = place.split_once(':').expect("it has line and column");
        let line: usize = line.parse().expect("a line");
        assert!((1..=text.matches('\n').count() + 1).contains(&line), "{problem}");
        assert!(
            column.parse::<usize>().is_ok_and(|column| column > 0),
            "{problem}"
        );
        assert!(
            !problem.rule.is_empty() && !problem.rule.contains('\n'),
            "{problem}"
        );
    }
}

#[test]
fn a_profile_is_read_or_what_is_wrong_is_named_with_its_place() {
    fuzz!("bank_toml", &PROFILES, &WORDS, |input: &Input| {
        let text = input.text();
        match BankProfile::read(&Source::new("bank.toml", &text)) {
            Ok(profile) => {
                assert!(profile.participant.0 <= 65_535);
                let again = BankProfile::read(&Source::new("bank.toml", &format!("{text}\n# the end\n")));
                assert!(again.is_ok_and(|again| again == profile), "a comment changes it");
            }
            Err(problems) => is_worded(&problems, &text),
        }
    });
}

#[test]
fn a_key_file_is_read_whole_or_refused_without_repeating_its_seed() {
    let key = SigningKey::from_seed([3; 32]).expect("a seed");
    let samples = [keyfile::to_text(&key).into_bytes()];
    fuzz!("key_file", &samples, &WORDS, |input: &Input| {
        let text = input.text();
        match keyfile::parse(&text) {
            Ok(read) => {
                let again = keyfile::parse(&keyfile::to_text(&read));
                assert!(again.is_ok_and(|again| again.seed() == read.seed()));
            }
            Err(rule) => assert!(rule.len() < 100, "a fixed text, which repeats nothing"),
        }
    });
}
