//! Instruction ids follow from the message and the bank's secret.

use causeway_adapter::iso::{Message, parse};
use causeway_adapter::secret_id::{BankSecret, Ids, derive};
use std::collections::BTreeSet;

const EXAMPLE: &str = include_str!("../examples/pacs008.xml");
const FIVE: &str = include_str!("fixtures/pacs008_five_currencies.xml");
const UETR: &str = "<UETR>5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33</UETR>";

fn message(text: &str) -> Message {
    parse(text.as_bytes())
        .unwrap_or_else(|findings| panic!("{findings:?}"))
        .remove(0)
}

fn ids_with(secret: u8, text: &str) -> Ids {
    let message = message(text);
    let secret = BankSecret::new(&[secret; 32]).unwrap();
    derive(&secret, &message, &message.transactions[0])
}

fn ids(text: &str) -> Ids {
    ids_with(7, text)
}

#[test]
fn the_same_message_is_the_same_instruction() {
    assert_eq!(ids(EXAMPLE), ids(EXAMPLE));
    let restamped = EXAMPLE.replace("2026-03-02T09:15:00Z", "2026-03-02T10:00:00Z");
    assert_eq!(ids(&restamped), ids(EXAMPLE));
    let spelled = EXAMPLE.replace(">ALFADEFF<", ">ALFADEFFXXX<");
    assert_eq!(ids(&spelled), ids(EXAMPLE));
}

#[test]
fn another_amount_under_the_same_references_meets_the_same_id() {
    let dearer = EXAMPLE.replace("1250.00", "9250.00");
    assert_eq!(ids(&dearer).instruction_id, ids(EXAMPLE).instruction_id);
    let (without, dearer) = (EXAMPLE.replace(UETR, ""), dearer.replace(UETR, ""));
    assert_eq!(ids(&dearer), ids(&without));
}

#[test]
fn whatever_identifies_changes_the_id() {
    let changes = [
        ("pacs.008.001.08", "pacs.008.001.09"),
        ("ALFA-20260302-000001", "ALFA-20260302-000002"),
        ("5f0c8a52-3b1e", "5f0c8a52-3b1f"),
        ("BETAFRPP", "GAMMJPJT"),
    ];
    let mut seen = BTreeSet::from([ids(EXAMPLE).instruction_id]);
    for (from, to) in changes {
        assert!(
            seen.insert(ids(&EXAMPLE.replace(from, to)).instruction_id),
            "{to}"
        );
    }
    assert!(seen.insert(ids_with(8, EXAMPLE).instruction_id), "the secret");
}

#[test]
fn transactions_of_one_message_have_different_ids() {
    let message = message(FIVE);
    let secret = BankSecret::new(&[7; 32]).unwrap();
    let all: BTreeSet<_> = message
        .transactions
        .iter()
        .map(|one| derive(&secret, &message, one).instruction_id)
        .collect();
    assert_eq!(all.len(), 5);
}

#[test]
fn a_uetr_of_the_message_is_kept() {
    let found = ids(EXAMPLE);
    assert_eq!(Some(found.uetr), message(EXAMPLE).transactions[0].uetr);
    assert!(!found.uetr_is_derived);
}

#[test]
fn without_uetr_one_is_derived_from_the_references_and_the_secret() {
    let text = EXAMPLE.replace(UETR, "");
    let found = ids(&text);
    assert!(found.uetr_is_derived);
    assert_eq!(
        (found.uetr[6] >> 4, found.uetr[8] >> 6),
        (4, 2),
        "version 4, RFC 9562 variant"
    );
    assert_ne!(found.uetr, found.instruction_id);
    assert_eq!(found, ids(&text));
    assert_ne!(found.uetr, ids_with(8, &text).uetr);
    for (from, to) in [
        ("INVOICE-2026-0117", "INVOICE-2026-0118"),
        ("ALFA-INSTR-1", "ALFA-INSTR-2"),
    ] {
        let other = ids(&text.replace(from, to));
        assert_ne!(
            (other.uetr, other.instruction_id),
            (found.uetr, found.instruction_id)
        );
    }
}

#[test]
fn a_short_secret_is_refused_and_a_secret_is_never_shown() {
    let error = BankSecret::new(&[1; 31]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the bank's secret has 31 bytes: at least 32 are required"
    );
    assert_eq!(
        format!("{:?}", BankSecret::new(&[1; 32]).unwrap()),
        "BankSecret(..)"
    );
}

/// The expected values were computed apart from this program, with another HMAC.
#[test]
fn the_derivation_never_changes() {
    let hex = |id: [u8; 16]| id.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(
        hex(ids(EXAMPLE).instruction_id),
        "60dabcdd2a459fe66469d2f00bf04882"
    );
    let without = ids(&EXAMPLE.replace(UETR, ""));
    assert_eq!(
        (hex(without.instruction_id), hex(without.uetr)),
        (
            "719fe031fbcde72d3f4e46e3e90b025e".to_owned(),
            "5335e377e19a40e99760801b79e11502".to_owned()
        )
    );
}
