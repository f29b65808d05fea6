//! Two banks and a real node: one side of a trade is alleged, the other matches it, both legs settle, and each is told.
mod ledger;

use ledger::Ledger;
use serde_json::Value;

const TRADE: &str = include_str!("../examples/fxtr014.xml");

/// Today in UTC, as the ledger's business date until an operator sets days.
fn today() -> String {
    causeway_adapter::clock::date_of(causeway_adapter::clock::now()).to_string()
}

/// The example of bank A for today, and the same trade as bank B sees it.
fn sides() -> (String, String) {
    let here = TRADE.replace("2026-03-04", &today());
    let there = here
        .replace("ALFADEFF", "{a}")
        .replace("BETAFRPP", "ALFADEFF")
        .replace("{a}", "BETAFRPP")
        .replace("ALFA-TRADE-7", "BETA-TRADE-9")
        .replace("TradgSdBuyAmt", "{buy}")
        .replace("TradgSdSellAmt", "TradgSdBuyAmt")
        .replace("{buy}", "TradgSdSellAmt");
    (here, there)
}

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} of {value}"))
}

#[test]
fn a_trade_is_alleged_matched_and_settled_and_both_are_told() {
    let Some(ledger) = Ledger::start(&[
        ("ALFADEFF", &[("EUR", "2000000.00"), ("USD", "0")]),
        ("BETAFRPP", &[("EUR", "0"), ("USD", "2000000.00")]),
    ]) else {
        return;
    };
    let (here, there) = sides();
    let send = |bank: &str, text: &str| {
        let file = ledger.file("trade.xml", text);
        let (code, answer) = ledger.send_json(bank, &[], &[&file]);
        (code, answer["messages"][0].clone())
    };
    let (code, sent) = send("ALFADEFF", &here);
    let one = &sent["transactions"][0];
    assert_eq!(
        (code, word(one, "kind"), word(one, "status")),
        (1, "pvp", "unmatched"),
        "{sent}"
    );
    assert_eq!(
        (word(one, "amount_text"), word(one, "counter_amount_text")),
        ("1000000.00", "1085250.00")
    );
    assert_eq!(
        (&sent["pacs002"], word(one, "counter_currency")),
        (&Value::Null, "USD")
    );

    let told = ledger.listen("BETAFRPP", &[]);
    let [alleged] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!(
        (
            word(alleged, "event"),
            word(alleged, "status"),
            word(alleged, "bank")
        ),
        ("alleged_trade", "alleged", "ALFADEFF")
    );
    assert_eq!(
        (word(alleged, "pays_text"), word(alleged, "gets_text")),
        ("1000000.00", "1085250.00")
    );
    assert_eq!(
        (word(alleged, "reference"), word(alleged, "value_date")),
        ("DEAL-20260302-7", &*today())
    );

    // Sent again, it is the same side of the same trade.
    let (code, again) = send("ALFADEFF", &here);
    let replayed = &again["transactions"][0];
    assert_eq!((code, &replayed["replayed"]), (1, &Value::Bool(true)));
    assert_eq!(replayed["instruction_id"], one["instruction_id"]);

    let (code, matched) = send("BETAFRPP", &there);
    assert_eq!(
        (code, word(&matched["transactions"][0], "status")),
        (0, "settled"),
        "{matched}"
    );
    for (bank, pays) in [("ALFADEFF", "1000000.00"), ("BETAFRPP", "1085250.00")] {
        let told = ledger.listen(bank, &[]);
        let settled = told
            .iter()
            .find(|line| line["event"] == "trade" && line["status"] == "settled")
            .unwrap_or_else(|| panic!("{told:?}"));
        assert_eq!(word(settled, "pays_text"), pays, "{bank}");
        assert!(told.iter().all(|line| line["event"] != "credit"), "{told:?}");
    }
    let (here, there) = (ledger.balances("ALFADEFF"), ledger.balances("BETAFRPP"));
    assert_eq!((here["EUR"], here["USD"]), (-100_000_000, 108_525_000));
    assert_eq!((there["EUR"], there["USD"]), (100_000_000, -108_525_000));
    let (code, known) = send("ALFADEFF", &TRADE.replace("2026-03-04", &today()));
    assert_eq!(
        (code, word(&known["transactions"][0], "status")),
        (0, "settled"),
        "{known}"
    );
}

/// Asks, as another program of the bank, to withdraw its side of a trade.
fn withdraw(ledger: &Ledger, bank: &str, side: &Value) {
    use causeway_message::ids::parse_hex;
    use causeway_message::record::{Instruction, Kind};
    use causeway_message::{InstructionId, ParticipantId, SessionId, Uetr};
    use causeway_transport::Client;
    use causeway_transport::profile::BankProfile;
    let profile = BankProfile::load(ledger.config(bank)).expect("a profile");
    let other = BankProfile::load(ledger.config("BETAFRPP")).expect("a profile");
    let record = Instruction {
        kind: Kind::Cancel as u8,
        related: parse_hex(word(side, "instruction_id")).expect("an id"),
        ..Instruction::payment(
            InstructionId([77; 16]),
            Uetr([78; 16]),
            profile.participant,
            ParticipantId(other.participant.0),
            978,
            100_000_000,
        )
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async move {
        let client = Client::connect(profile.client_config(None).expect("keys"))
            .await
            .expect("connected");
        let session = client.session(SessionId(5)).await.expect("a session");
        let pending = session
            .submit(vec![record], Vec::new(), Vec::new())
            .await
            .expect("submitted");
        let outcome = pending.outcome().await.expect("answered");
        let status = outcome.answers[0].status().map(|status| status.name());
        assert_eq!(status, Some("cancellation_pending"));
        client.close();
    });
}

#[test]
fn a_request_to_withdraw_a_trade_is_told_and_never_a_question_about_a_payment() {
    let Some(ledger) = Ledger::start(&[
        ("ALFADEFF", &[("EUR", "2000000.00"), ("USD", "0")]),
        ("BETAFRPP", &[("EUR", "0"), ("USD", "2000000.00")]),
    ]) else {
        return;
    };
    // B's side comes first: of A's, which matches it as it arrives, nothing is alleged.
    let (here, there) = sides();
    let later = |text: &str| text.replace(&format!("<SttlmDt>{}", today()), "<SttlmDt>2170-03-04");
    let send = |bank: &str, text: &str| {
        let file = ledger.file("trade.xml", &later(text));
        ledger.send_json(bank, &[], &[&file]).1["messages"][0]["transactions"][0].clone()
    };
    assert_eq!(word(&send("BETAFRPP", &there), "status"), "unmatched");
    let side = send("ALFADEFF", &here);
    assert_eq!(word(&side, "status"), "matched");
    withdraw(&ledger, "ALFADEFF", &side);
    let told = ledger.listen("BETAFRPP", &[]);
    let events: Vec<_> = told
        .iter()
        .map(|line| (word(line, "event"), word(line, "status")))
        .collect();
    assert_eq!(
        events,
        [
            ("trade", "matched"),
            ("withdrawal_question", "cancellation_pending")
        ]
    );
    assert_eq!(told[1]["original"], side["instruction_id"]);
    assert_eq!(
        (word(&told[1], "bank"), word(&told[1], "amount_text")),
        ("ALFADEFF", "1000000.00")
    );
    let requests = std::fs::read_dir(ledger.store("BETAFRPP").join("camt056")).expect("a directory");
    assert_eq!(requests.count(), 0, "no camt.056 is written of it");
}
