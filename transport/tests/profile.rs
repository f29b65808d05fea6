//! `bank.toml` as the SDK reads it: strict, with the place and the rule of whatever is wrong.

use causeway_message::ParticipantId;
use causeway_message::checkpoint::LogKey;
use causeway_message::keys::SigningKey;
use causeway_transport::profile::{AgentParticipant, BankProfile, PastValueDate, Source};

fn read(more: &str) -> Result<BankProfile, String> {
    let key = SigningKey::from_seed([9; 32]).unwrap().public();
    let text = format!(
        "[bank]\nname = \"Alfa\"\nparticipant = 1\nledger = \"{}\"\nlog_key = \"{}\"\n\
         [node]\naddress = \"127.0.0.1:1\"\nca = \"ca\"\n[tls]\ncert = \"c\"\nkey = \"k\"\n{more}",
        "00".repeat(32),
        LogKey::new("log", key).unwrap().to_text()
    );
    BankProfile::read(&Source::new("bank.toml", &text)).map_err(|problems| problems.to_string())
}

#[test]
fn agents_are_participants_by_name_or_by_id() {
    let profile = read("[agents]\nBANKDEFFABC = \"ALFADEFF\"\n\"USABA:121182904\" = 11\n").unwrap();
    let found: Vec<_> = profile.agents.into_iter().collect();
    let name = AgentParticipant::Name("ALFADEFF".to_owned());
    let id = AgentParticipant::Id(ParticipantId(11));
    let expected = [
        ("BANKDEFFABC".to_owned(), name),
        ("USABA:121182904".to_owned(), id),
    ];
    assert_eq!(found, expected);
}

#[test]
fn without_a_word_about_the_adapter_it_has_its_defaults() {
    let profile = read("").unwrap();
    assert_eq!(
        (profile.past_value_date, profile.charges),
        (PastValueDate::Today, true)
    );
    assert!(profile.agents.is_empty());
    assert!(profile.adapter_store.ends_with("store") && profile.adapter_secret.ends_with("adapter.secret"));
}

#[test]
fn charges_may_be_left_to_the_document() {
    assert!(!read("[adapter]\ncharges = false\n").unwrap().charges);
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    for (more, said) in [
        (
            "[adapter]\npast_value_date = \"later\"\n",
            "bank.toml:13:19: adapter.past_value_date: unknown word `later`, expected `today` or `refuse`",
        ),
        (
            "[agents]\nA = -1\n",
            "bank.toml:13:5: agents.A: -1 is no participant's id",
        ),
        ("[agents]\nA = true\n", "a participant's id or its name"),
        ("kind = \"node\"\n", "tls.kind: unknown key"),
    ] {
        let problem = read(more).unwrap_err();
        assert!(problem.contains(said), "{problem}");
    }
}

#[test]
fn a_key_file_that_is_missing_is_named() {
    let profile = read("[[key]]\nid = 1\nperson = 1\nfile = \"no-such.key\"\n").unwrap();
    let error = profile.client_config(Some(1)).unwrap_err().to_string();
    assert!(error.contains("no-such.key"), "{error}");
    let error = profile.client_config(Some(2)).unwrap_err().to_string();
    assert_eq!(error, "Alfa: no [[key]] of person 2 is configured");
}
