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
