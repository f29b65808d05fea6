//! What messages of several transactions, prefixes and wrappers map to.

use causeway_adapter::iso::{
    AgentScheme, ChargeBearer, Message, Priority, Rule, SettlementMethod, Transaction, parse,
};

const FIVE: &str = include_str!("fixtures/pacs008_five_currencies.xml");
const WRAPPED: &str = include_str!("fixtures/pacs009_prefixed_wrapped.xml");
const PAIR: &str = include_str!("fixtures/two_messages.xml");
const EXAMPLE: &str = include_str!("../examples/pacs008.xml");

fn messages(text: &str) -> Vec<Message> {
    parse(text.as_bytes()).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn one(text: &str) -> Message {
    let mut found = messages(text);
    assert_eq!(found.len(), 1);
    found.remove(0)
}

fn money(transaction: &Transaction) -> (String, u64, &str) {
    let amount = &transaction.amount;
    (amount.money().to_string(), amount.minor, &amount.text)
}

fn hop(transaction: &Transaction) -> String {
    format!(
        "{} -> {}",
        transaction.settlement_debtor(),
        transaction.settlement_creditor()
    )
}

#[test]
fn amounts_of_every_number_of_minor_units_are_exact_and_kept_as_written() {
    let message = one(FIVE);
    let found: Vec<_> = message.transactions.iter().map(money).collect();
    let expected = [
        ("1250.00 EUR", 125_000, "1250.00"),
        ("480000 JPY", 480_000, "480000"),
        ("1000.125 KWD", 1_000_125, "1000.125"),
        ("2.0001 CLF", 20_001, "2.0001"),
        ("100.00 EUR", 10_000, "100.000"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(shown, minor, text)| (shown.to_string(), *minor, *text))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn group_elements_hold_for_every_transaction() {
    let message = one(FIVE);
    assert_eq!(message.message_type.to_string(), "pacs.008.001.10");
    assert_eq!(
        (message.message_id.as_str(), message.settlement_method),
        ("MANY-008", SettlementMethod::Inda)
    );
    for transaction in &message.transactions {
        assert_eq!(hop(transaction), "ALFADEFFXXX -> HUBBCHZZ");
        assert_eq!(
            transaction.settlement_date.map(|date| date.to_string()),
            Some("2026-03-03".to_owned())
        );
    }
}

#[test]
fn charges_rate_priority_and_references_are_carried() {
    let message = one(FIVE);
    let first = &message.transactions[0];
    assert_eq!(
        first
            .instructed_amount
            .as_ref()
            .map(|amount| amount.money().to_string())
            .as_deref(),
        Some("1357.13 USD")
    );
    assert_eq!(
        (first.rate.as_deref(), first.charge_bearer),
        (Some("0.92106"), Some(ChargeBearer::Shar))
    );
    let charges: Vec<_> = first
        .charges
        .iter()
        .map(|charge| charge.amount.money().to_string())
        .collect();
    assert_eq!(charges, ["7.50 USD", "120 JPY"]);
    assert_eq!(first.end_to_end_id, "E2E & 1");
    let priorities: Vec<_> = message.transactions.iter().map(|one| one.priority).collect();
    use Priority::*;
    assert_eq!(priorities, [Normal, High, Urgent, Normal, Normal]);
}

#[test]
fn any_prefix_and_any_wrapper_are_read() {
    let message = one(WRAPPED);
    assert_eq!(message.message_type.to_string(), "pacs.009.001.09");
    let amounts: Vec<_> = message
        .transactions
        .iter()
        .map(|one| one.amount.money().to_string())
        .collect();
    assert_eq!(amounts, ["2500000.50 USD", "1000001 JPY", "0.125 BHD"]);
    assert!(message.warnings.is_empty());
}

#[test]
fn institutions_of_a_pacs_009_stand_in_for_missing_agents() {
    let agents: Vec<_> = one(WRAPPED)
        .transactions
        .iter()
        .map(|one| (one.debtor_agent.to_string(), one.creditor_agent.to_string()))
        .collect();
    let expected = [
        ("USABA:021000021", "USABA:121182904"),
        ("ALFADEFF", "LEI:529900T8BM49AURSDO55"),
        ("OTHR:MEMBER-7", "NAME:Banco sem codigo"),
    ];
    assert_eq!(
        agents,
        expected.map(|(debtor, creditor)| (debtor.to_owned(), creditor.to_owned()))
    );
}

#[test]
fn the_header_names_the_hop_where_the_message_does_not() {
    let hops: Vec<_> = one(WRAPPED).transactions.iter().map(hop).collect();
    assert_eq!(
        hops,
        [
            "ALFADEFFXXX -> HUBBCHZZ",
            "ALFADEFFXXX -> HUBBCHZZ",
            "GAMMJPJT -> DELTKWKW"
        ]
    );
}

#[test]
fn a_name_in_the_header_is_no_hop() {
    let pair = messages(PAIR);
    assert_eq!(pair[0].transactions[0].instructing_agent, None);
    assert_eq!(hop(&pair[0].transactions[0]), "ALFADEFF -> BETAFRPP");
}

#[test]
fn institutions_without_identification_are_those_of_the_hop() {
    let pair = messages(PAIR);
    let cover = &pair[1].transactions[0];
    assert_eq!(
        (cover.debtor_agent.to_string(), cover.creditor_agent.to_string()),
        ("ALFADEFF".into(), "GAMMJPJT".into())
    );
    assert_eq!(cover.debtor_agent.scheme, AgentScheme::Bic);
}

#[test]
fn a_payment_and_its_cover_in_one_file_may_share_their_uetr() {
    let pair = messages(PAIR);
    assert_eq!(pair[0].transactions[0].uetr, pair[1].transactions[0].uetr);
    assert_eq!(pair[0].transactions[1].uetr, None);
}

#[test]
fn what_is_settled_by_another_message_is_known_as_an_announcement() {
    let announcements: Vec<_> = messages(PAIR).iter().map(Message::is_announcement).collect();
    assert_eq!(announcements, [true, false]);
    let advice = PAIR.replace("swift.cbprplus.cov.02", "swift.cbprplus.adv.02");
    assert!(messages(&advice)[1].is_announcement());
}

#[test]
fn the_document_of_a_single_message_is_the_whole_file() {
    assert_eq!(one(EXAMPLE).document, EXAMPLE);
}

#[test]
fn a_message_cut_out_of_a_file_stands_alone() {
    for message in messages(PAIR) {
        let alone = one(&message.document);
        assert_eq!(alone.transactions, message.transactions);
        assert_eq!(
            (&alone.message_id, alone.message_type),
            (&message.message_id, message.message_type)
        );
    }
}

#[test]
fn a_message_cut_out_of_a_file_takes_the_header_that_names_it_along() {
    // Both the definition and the second message's institutions stand in the header alone.
    let unnamed = PAIR
        .replace(
            "urn:iso:std:iso:20022:tech:xsd:pacs.009.001.12",
            "urn:example:private",
        )
        .replace("gateway PAIR-2</h:Nm>", "g</h:Nm><h:BICFI>ALFADEFF</h:BICFI>")
        .replace(
            "<f:InstgAgt><f:FinInstnId><f:BICFI>ALFADEFF</f:BICFI></f:FinInstnId></f:InstgAgt>",
            "",
        );
    let pair = messages(&unnamed);
    assert_eq!(pair[1].transactions, messages(PAIR)[1].transactions);
    for message in pair {
        let alone = one(&message.document);
        assert_eq!(alone.transactions, message.transactions);
        assert_eq!(
            (alone.message_type, &alone.business_service),
            (message.message_type, &message.business_service)
        );
        assert!(
            !alone
                .document
                .contains(["PAIR-2", "PAIR-1"][usize::from(message.message_id == "PAIR-2")])
        );
    }
}

#[test]
fn both_spellings_of_a_head_office_are_one_key() {
    let message = one(FIVE);
    let key = |at: usize| message.transactions[at].creditor_agent.key();
    assert_eq!(key(0), key(4));
    assert_eq!(key(1), "GAMMJPJT");
}

#[test]
fn a_wrong_count_and_a_header_of_another_version_are_warnings() {
    let miscounted = FIVE.replace("<NbOfTxs>5<", "<NbOfTxs>6<");
    let warnings = one(&miscounted).warnings;
    assert_eq!(warnings.len(), 1);
    assert_eq!(
        (warnings[0].rule, warnings[0].element.as_str()),
        (Rule::TransactionCount, "FIToFICstmrCdtTrf/GrpHdr/NbOfTxs")
    );
    let renamed = WRAPPED.replace("MsgDefIdr>pacs.009.001.09", "MsgDefIdr>pacs.009.001.08");
    assert_eq!(one(&renamed).warnings[0].rule, Rule::Header);
}

#[test]
fn a_message_without_document_element_or_with_its_type_in_the_header_is_read() {
    let bare = WRAPPED.replace("<p:Document>", "").replace("</p:Document>", "");
    assert_eq!(one(&bare).transactions, one(WRAPPED).transactions);
    let unnamed = WRAPPED.replace(
        "urn:iso:std:iso:20022:tech:xsd:pacs.009.001.09",
        "urn:example:private",
    );
    assert_eq!(one(&unnamed).transactions, one(WRAPPED).transactions);
}

#[test]
fn comments_character_data_and_references_change_no_value() {
    let dressed = EXAMPLE
        .replace(">1250.00<", ">12<!-- note -->5<?pi x?>0<![CDATA[.00]]><")
        .replace("INVOICE-2026", "&#73;NVOICE&#x2D;2026");
    let (plain, dressed) = (one(EXAMPLE), one(&dressed));
    assert_eq!(dressed.transactions, plain.transactions);
}

#[test]
fn an_amount_of_zero_is_mapped() {
    let zero = EXAMPLE.replace(">1250.00<", ">0<");
    assert_eq!(
        money(&one(&zero).transactions[0]),
        ("0.00 EUR".to_owned(), 0, "0")
    );
}
