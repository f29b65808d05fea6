//! Adapters and a real node: payments settle, are proven, and survive crashes on every side.
mod ledger;

use ledger::{Ledger, text};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

const EXAMPLE: &str = include_str!("../examples/pacs008.xml");
const FIVE: &str = include_str!("fixtures/pacs008_five_currencies.xml");
const WRAPPED: &str = include_str!("fixtures/pacs009_prefixed_wrapped.xml");
const UETR: &str = "5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33";

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} of {value}"))
}

fn two_banks() -> Option<Ledger> {
    Ledger::start(&[
        ("ALFADEFF", &[("EUR", "1000000.00")]),
        ("BETAFRPP", &[("EUR", "0")]),
    ])
}

/// The example between two other banks, under another message id.
fn hop(from: &str, to: &str, id: &str) -> String {
    let from_to = EXAMPLE
        .replace("ALFADEFF", "{from}")
        .replace("BETAFRPP", to)
        .replace("{from}", from);
    from_to.replace("ALFA-20260302-000001", id)
}

#[test]
fn a_payment_arrives_with_its_document_and_is_proven_on_both_sides() {
    let Some(ledger) = two_banks() else { return };
    let file = ledger.file("pay.xml", EXAMPLE);
    let sent = ledger.send("ALFADEFF", &[], &[&file]);
    assert_eq!(sent.status.code(), Some(0), "{}", text(&sent.stderr));
    let report = text(&sent.stdout);
    assert!(
        report.contains("<OrgnlMsgId>ALFA-20260302-000001</OrgnlMsgId>"),
        "{report}"
    );
    assert!(
        report.contains("<TxSts>ACSC</TxSts>") && report.contains(UETR),
        "{report}"
    );

    let lines = ledger.listen("BETAFRPP", &[]);
    let [credit] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert_eq!((word(credit, "debtor"), word(credit, "uetr")), ("ALFADEFF", UETR));
    assert_eq!(
        (word(credit, "amount_text"), word(credit, "currency")),
        ("1250.00", "EUR")
    );
    assert_eq!(word(credit, "message_id"), "ALFA-20260302-000001");
    assert_eq!(
        std::fs::read_to_string(word(credit, "document")).unwrap(),
        EXAMPLE
    );

    // The same file again is the same payment, and its receipt is found again.
    let (code, again) = ledger.send_json("ALFADEFF", &[], &[&file]);
    let one = &again["messages"][0]["transactions"][0];
    assert_eq!(
        (code, word(one, "status"), &one["replayed"]),
        (0, "settled", &Value::Bool(true))
    );
    let other_key = {
        let key = causeway_message::keys::SigningKey::from_seed([5; 32]).unwrap();
        causeway_message::checkpoint::LogKey::new("node-1.causeway", key.public())
            .unwrap()
            .to_text()
    };
    for receipt in [word(one, "receipt"), word(credit, "receipt")] {
        assert_eq!(ledger.verify(receipt, &ledger.log_key()), 0, "{receipt}");
        assert_eq!(ledger.verify(receipt, &other_key), 1, "{receipt}");
    }
    assert!(
        ledger.listen("BETAFRPP", &[]).is_empty(),
        "everything was seen before"
    );
    let receipt = std::fs::read(word(credit, "receipt")).unwrap();
    assert_eq!(
        ledger.listen("BETAFRPP", &["--from", "1"]),
        lines,
        "seen again, the same is stored"
    );
    assert_eq!(std::fs::read(word(credit, "receipt")).unwrap(), receipt);
    assert_eq!(ledger.balances("BETAFRPP")["EUR"], 125_000);
    assert_eq!(ledger.balances("ALFADEFF")["EUR"], -125_000);
}

#[test]
fn three_hops_of_one_payment_are_three_settlements() {
    let names = ["ALFADEFF", "BETAFRPP", "GAMMJPJT", "DELTKWKW"];
    let accounts: &[(&str, &str)] = &[("EUR", "2000.00")];
    let Some(ledger) = Ledger::start(&names.map(|name| (name, accounts))) else {
        return;
    };
    for (n, pair) in names.windows(2).enumerate() {
        let file = ledger.file("hop.xml", &hop(pair[0], pair[1], &format!("HOP-{n}")));
        let (code, answer) = ledger.send_json(pair[0], &[], &[&file]);
        assert_eq!(code, 0, "{answer}");
        let one = &answer["messages"][0]["transactions"][0];
        assert_eq!((word(one, "uetr"), &one["replayed"]), (UETR, &Value::Bool(false)));
    }
    let balances = names.map(|name| ledger.balances(name)["EUR"]);
    assert_eq!(balances, [-125_000, 0, 0, 125_000]);
    for name in &names[1..] {
        assert_eq!(ledger.listen(name, &[]).len(), 1, "{name}");
    }
}

#[test]
fn messages_of_several_payments_reach_several_creditors_exactly() {
    let codes = ["EUR", "JPY", "KWD", "CLF", "USD", "BHD"];
    let caps = codes.map(|code| (code, "9000000"));
    let names = [
        "ALFADEFF", "BETAFRPP", "GAMMJPJT", "DELTKWKW", "EPSICLRM", "HUBBCHZZ",
    ];
    let Some(ledger) = Ledger::start(&names.map(|name| (name, caps.as_slice()))) else {
        return;
    };
    let to_hub = "<InstdAgt><FinInstnId><BICFI>HUBBCHZZ</BICFI></FinInstnId></InstdAgt>";
    let five = ledger.file("five.xml", &FIVE.replace(to_hub, ""));
    let three = ledger.file("three.xml", &WRAPPED.replacen("GAMMJPJT", "ALFADEFF", 1));
    let (code, answer) = ledger.send_json("ALFADEFF", &[], &[&five, &three]);
    assert_eq!(code, 0, "{answer}");
    let paid = ledger.balances("ALFADEFF");
    let expected = [
        ("EUR", 135_000),
        ("JPY", 1_480_001),
        ("KWD", 1_000_125),
        ("CLF", 20_001),
        ("USD", 250_000_050),
        ("BHD", 125),
    ];
    for (code, amount) in expected {
        assert_eq!(paid[code], -amount, "{code}");
    }
    let mut received = std::collections::BTreeMap::<String, i128>::new();
    for name in &names[1..] {
        for credit in ledger.listen(name, &[]) {
            *received.entry(word(&credit, "currency").to_owned()).or_default() +=
                i128::from(credit["amount"].as_u64().unwrap());
            let document = std::fs::read_to_string(word(&credit, "document")).unwrap();
            assert!(document.contains(word(&credit, "uetr")));
            let others = ["A1000000", "A2000000", "A3000000", "A4000000"].map(str::to_lowercase);
            let shown = others
                .iter()
                .filter(|uetr| document.contains(uetr.as_str()))
                .count();
            assert!(shown <= 1, "{name} sees payments of others:\n{document}");
        }
    }
    for (code, amount) in expected {
        assert_eq!(received[code], amount, "{code}");
    }
}

#[test]
fn a_payment_without_money_is_pending_and_settles_when_money_comes() {
    let Some(ledger) = two_banks() else { return };
    let back = ledger.file(
        "back.xml",
        &hop("BETAFRPP", "ALFADEFF", "BACK").replace(UETR, "6f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33"),
    );
    let pending = ledger.send("BETAFRPP", &["--timeout", "2"], &[&back]);
    assert_eq!(pending.status.code(), Some(1));
    let report = text(&pending.stdout);
    assert!(
        report.contains("<TxSts>PDNG</TxSts>") && report.contains("<Cd>AM04</Cd>"),
        "{report}"
    );
    let waiting = ledger
        .adapter("send", "BETAFRPP", &["--json"])
        .arg(&back)
        .stdout(Stdio::piped())
        .spawn()
        .expect("send runs");
    std::thread::sleep(Duration::from_millis(500));
    let (code, _) = ledger.send_json("ALFADEFF", &[], &[&ledger.file("pay.xml", EXAMPLE)]);
    assert_eq!(code, 0);
    let settled = waiting.wait_with_output().expect("it ends");
    assert_eq!(settled.status.code(), Some(0));
    let answer: Value = serde_json::from_slice(&settled.stdout).unwrap();
    let one = &answer["messages"][0]["transactions"][0];
    assert_eq!(
        (word(one, "status"), &one["replayed"]),
        ("settled", &Value::Bool(true))
    );
    assert_eq!(
        ledger.verify(word(one, "receipt"), &ledger.log_key()),
        0,
        "a deferred receipt"
    );
    let lines = ledger.listen("BETAFRPP", &[]);
    let mut events: Vec<_> = lines.iter().map(|line| word(line, "event")).collect();
    events.sort_unstable();
    assert_eq!(events, ["credit", "outcome"]);
}

#[test]
fn what_is_refused_or_rejected_is_reported_with_its_reason() {
    let Some(ledger) = two_banks() else { return };
    let unknown = ledger.file("unknown.xml", &hop("ALFADEFF", "ZETAFRPP", "UNKNOWN"));
    let no_account = ledger.file(
        "account.xml",
        &hop("ALFADEFF", "BETAFRPP", "USD").replace("\"EUR\"", "\"USD\""),
    );
    for (file, code) in [(&unknown, "RC04"), (&no_account, "AM03")] {
        let output = ledger.send("ALFADEFF", &[], &[file]);
        assert_eq!(output.status.code(), Some(1));
        let report = text(&output.stdout);
        assert!(report.contains("<TxSts>RJCT</TxSts>"), "{report}");
        assert!(report.contains(&format!("<Cd>{code}</Cd>")), "{report}");
    }
    let damaged = ledger.file("damaged.xml", &EXAMPLE[..900]);
    let good = ledger.file("good.xml", EXAMPLE);
    let (code, answer) = ledger.send_json("ALFADEFF", &[], &[&damaged, &good]);
    assert_eq!(code, 1);
    assert_eq!(answer["refused_files"].as_array().unwrap().len(), 1);
    assert_eq!(answer["messages"][0]["transactions"][0]["status"], "settled");
    let dearer = ledger.file("dearer.xml", &EXAMPLE.replace("1250.00", "9250.00"));
    let (code, answer) = ledger.send_json("ALFADEFF", &[], &[&dearer]);
    assert_eq!(
        (code, &answer["messages"][0]["refused"][0]["code"]),
        (1, &Value::from("DU01"))
    );
    assert_eq!(ledger.balances("ALFADEFF")["EUR"], -125_000);
}

#[test]
fn wrong_configuration_is_2_and_no_node_is_3() {
    let Some(mut ledger) = two_banks() else { return };
    ledger.kill_node();
    let file = ledger.file("pay.xml", EXAMPLE);
    let output = ledger.send("ALFADEFF", &["--timeout", "1"], &[&file]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    let config = ledger.config("ALFADEFF").to_owned();
    std::fs::write(&config, "kind = \"bank\"\n[bank]\nnme = 1\n").unwrap();
    for command in ["send", "listen"] {
        let output = ledger
            .adapter(command, "ALFADEFF", &[])
            .args((command == "send").then_some(&file))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(
            text(&output.stderr).contains("bank.toml:3:1: bank.nme: unknown key"),
            "{}",
            text(&output.stderr)
        );
    }
}

/// A message with many payments to one creditor, without UETRs.
fn many(id: &str, count: usize) -> String {
    let start = EXAMPLE.find("    <CdtTrfTxInf>").unwrap();
    let end = EXAMPLE.find("  </FIToFICstmrCdtTrf>").unwrap();
    let one = EXAMPLE[start..end]
        .replace(&format!("<UETR>{UETR}</UETR>"), "")
        .replace("1250.00", "1.01");
    let all: String = (0..count)
        .map(|n| one.replace("ALFA-INSTR-1", &format!("I-{n}")))
        .collect();
    let text = format!("{}{all}{}", &EXAMPLE[..start], &EXAMPLE[end..]);
    text.replace("ALFA-20260302-000001", id)
        .replace("<NbOfTxs>1<", &format!("<NbOfTxs>{count}<"))
}

fn kill_after(mut child: Child, after: Duration) -> bool {
    std::thread::sleep(after);
    let running = child.try_wait().expect("its state").is_none();
    let _ = child.kill();
    let _ = child.wait();
    running
}

#[test]
fn a_killed_adapter_pays_nothing_twice_and_loses_no_credit() {
    let Some(ledger) = two_banks() else { return };
    let (rounds, count) = (8, 150);
    let mut killed = 0;
    for round in 0..rounds {
        let file = ledger.file("many.xml", &many(&format!("MANY-{round}"), count));
        let quiet = |command: &str, bank: &str, file: Option<&Path>| {
            ledger
                .adapter(command, bank, &[])
                .args(file)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        };
        let sender = quiet("send", "ALFADEFF", Some(&file));
        let listener = quiet("listen", "BETAFRPP", None);
        killed += usize::from(kill_after(sender, Duration::from_millis(30 + 40 * round)));
        killed += usize::from(kill_after(listener, Duration::from_millis(20 * round)));
        let (code, answer) = ledger.send_json("ALFADEFF", &[], &[&file]);
        assert_eq!(code, 0, "{answer}");
        let paid = answer["messages"][0]["transactions"].as_array().unwrap();
        assert!(
            paid.iter()
                .all(|one| one["status"] == "settled" && one["receipt"].is_string())
        );
    }
    assert!(killed > 0, "nothing was killed in time");
    let total = 101 * count as i128 * i128::from(rounds);
    assert_eq!(ledger.balances("BETAFRPP")["EUR"], total);
    ledger.listen("BETAFRPP", &[]);
    let stored = std::fs::read_dir(ledger.store("BETAFRPP").join("credits")).unwrap();
    let credits: Vec<Value> = stored
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .map(|path| serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
        .collect();
    assert_eq!(credits.len(), count * rounds as usize);
    let sum: u64 = credits
        .iter()
        .map(|credit| credit["amount"].as_u64().unwrap())
        .sum();
    assert_eq!(i128::from(sum), total);
    for credit in &credits {
        assert!(
            Path::new(word(credit, "document")).is_file() && Path::new(word(credit, "receipt")).is_file()
        );
    }
}

#[test]
fn a_listener_outlives_the_node() {
    let Some(mut ledger) = two_banks() else { return };
    let mut listener = ledger
        .adapter("listen", "BETAFRPP", &["--json"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("listen runs");
    let mut lines = BufReader::new(listener.stdout.take().unwrap()).lines();
    let file = ledger.file("one.xml", EXAMPLE);
    assert_eq!(ledger.send("ALFADEFF", &[], &[&file]).status.code(), Some(0));
    let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    ledger.kill_node();
    ledger.start_node();
    let second = hop("ALFADEFF", "BETAFRPP", "SECOND").replace(UETR, "7f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33");
    let file = ledger.file("two.xml", &second);
    let began = Instant::now();
    assert_eq!(ledger.send("ALFADEFF", &[], &[&file]).status.code(), Some(0));
    let second: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    println!(
        "the listener was back {:?} after the payment began",
        began.elapsed()
    );
    let _ = listener.kill();
    let _ = listener.wait();
    assert_eq!(word(&second, "message_id"), "SECOND");
    assert!(second["number"].as_u64() > first["number"].as_u64());
    // It may have been killed between printing a line and noting its place: then the same is printed again.
    assert!(ledger.listen("BETAFRPP", &[]).iter().all(|line| *line == second));
}

#[test]
fn a_send_waits_for_a_node_that_goes_away_while_it_connects() {
    let Some(mut ledger) = two_banks() else { return };
    for round in 0..4_u64 {
        let away = hop("ALFADEFF", "BETAFRPP", &format!("AWAY-{round}"));
        let uetr = format!("{round}f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33");
        let file = ledger.file("pay.xml", &away.replace(UETR, &uetr));
        let mut sender = ledger
            .adapter("send", "ALFADEFF", &["--timeout", "60"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("send runs");
        // It connects, asks for the directory, and opens its session: the node goes at each of these moments.
        std::thread::sleep(Duration::from_millis(4 + 5 * round));
        ledger.kill_node();
        ledger.start_node();
        assert_eq!(sender.wait().expect("it ends").code(), Some(0), "round {round}");
    }
    assert_eq!(ledger.balances("BETAFRPP")["EUR"], 4 * 125_000);
}

#[test]
fn a_certificate_that_the_node_does_not_take_is_not_waited_for() {
    let (Some(ledger), Some(other)) = (two_banks(), two_banks()) else {
        return;
    };
    let (own, foreign) = (ledger.config("ALFADEFF").to_owned(), other.config("ALFADEFF"));
    for name in ["client.pem", "client.key"] {
        std::fs::copy(foreign.with_file_name(name), own.with_file_name(name)).expect("copied");
    }
    let file = ledger.file("pay.xml", EXAMPLE);
    let began = Instant::now();
    let output = ledger.send("ALFADEFF", &["--timeout", "600"], &[&file]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(began.elapsed() < Duration::from_secs(300), "it waited");
}
