//! Bytes that are no certificate are refused with the place and the rule, and never with a panic.
use causeway_certificate::{Document, Unsupported, verify};
use causeway_netting::case::{Account, Builder, Named};
use causeway_netting::{Chosen, Mode, bound};
use serde_json::Value;

use super::{LOG, bytes, certified, here, rich, text};

fn sample() -> String {
    text(&certified(rich(), Mode::Bypass, Some(LOG)))
}

fn refused(text: &str, says: &str) {
    let Err(why) = verify(text.as_bytes()) else {
        panic!("holds, but should say {says}");
    };
    assert!(why.contains(says), "should say {says:?}: {why}");
    assert!(why.len() < 1_000, "{why}");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let vector = bytes(&here("vectors/fifo.json"));
    let end = vector.len() - 1;
    for length in 0..end {
        let why = verify(&vector[..length]).map(|_| ());
        assert!(
            why.as_ref()
                .is_err_and(|why| why.starts_with("is no certificate: line ")),
            "{length}: {why:?}"
        );
    }
    verify(&vector[..end]).expect("without the last line break it is the same");
    for at in 0..vector.len() {
        let mut changed = vector.clone();
        changed[at] = b'\xff';
        verify(&changed).expect_err("a byte that is no UTF-8");
    }
}

#[test]
fn format_and_version_are_said_before_anything_else() {
    let text = sample();
    refused(
        &text.replacen("causeway/netting-certificate", "other", 1),
        "format: `other`, not `causeway/netting-certificate`",
    );
    let next = text.replacen("\"version\": 1", "\"version\": 2", 1);
    refused(&next, "version: 2, but only 1 can be read here");
    refused(
        r#"{"format": "causeway/netting-certificate", "version": 3, "anything": [1]}"#,
        "version: 3",
    );
    refused("[]", "line 1");
    refused("null", "line 1");
    refused("{}", "missing field `format`");
}

#[test]
fn what_is_wrong_is_named_with_field_and_rule() {
    let text = sample();
    for (from, to, says) in [
        (
            r#""before":"100""#,
            r#""before":"0100""#,
            "accounts[0].before: `0100` has more digits than it needs",
        ),
        (
            r#""before":"100""#,
            r#""before":"+100""#,
            "accounts[0].before: `+100` is not a whole number",
        ),
        (
            r#""before":"100""#,
            r#""before":"1e2""#,
            "accounts[0].before: `1e2` is not a whole number",
        ),
        (r#""before":"100""#, r#""before":"-0""#, "accounts[0].before"),
        (r#""before":"100""#, r#""before":" 100""#, "accounts[0].before"),
        (r#""before":"100""#, r#""before":"-""#, "accounts[0].before"),
        (
            r#""before":"100""#,
            r#""before":100"#,
            "(before): invalid type: integer `100`",
        ),
        (
            r#""before":"100""#,
            r#""before":"100","before":"100""#,
            "duplicate field `before`",
        ),
        (r#""before":"100""#, r#""prior":"100""#, "unknown field `prior`"),
        (r#""before":"100","#, "", "missing field `before`"),
        (
            r#""limit":"40""#,
            r#""limit":"-1""#,
            "accounts[1]: a limit below zero",
        ),
        (
            r#""limit":"40""#,
            r#""limit":"9999999999999999999999999999""#,
            "accounts[1]: beyond",
        ),
        (
            r#""limit":"40""#,
            r#""limit":"99999999999999999999999999999999999999999""#,
            "accounts[1].limit: `99999999999999999999999999999999999999999` is out of range",
        ),
        (
            r#""amount":"50""#,
            r#""amount":"0""#,
            "items[0]: an amount of zero",
        ),
        (
            r#""amount":"50""#,
            r#""amount":"-50""#,
            "items[0].rows[0].amount: `-50` is out of range",
        ),
        (
            r#""creditor":"Beta""#,
            r#""creditor":"Delta""#,
            "items[0].rows[0].creditor: `Delta` is not among the participants",
        ),
        (
            r#""creditor":"Beta""#,
            r#""creditor":"Alfa""#,
            "items[0]: debtor and creditor are the same",
        ),
        (
            r#""against":"Beta""#,
            r#""against":"Alfa""#,
            "sender_limits[0]: account 0 has a sender limit against its own holder",
        ),
        (
            r#""bypass":false"#,
            r#""bypass":0"#,
            "(bypass): invalid type: integer `0`, expected a boolean",
        ),
        (
            r#""discipline":"fifo""#,
            r#""discipline":"lifo""#,
            "unknown variant `lifo`",
        ),
        (
            r#""priority":"normal""#,
            r#""priority":"soon""#,
            "unknown variant `soon`",
        ),
        (
            r#""weight":11"#,
            r#""weight":11.0"#,
            "(weight): invalid type: floating point `11.0`",
        ),
        (
            r#""weight":11"#,
            r#""weight":0"#,
            "currencies[0].weight: a weight outside 1 to 1048576",
        ),
        (r#""weight":11"#, r#""weight":1e400"#, "number out of range"),
        (
            r#""weight":11"#,
            r#""weight":99999999999999999999"#,
            "(weight): invalid type: floating point",
        ),
        (
            r#""id":"r2""#,
            r#""id":"r1""#,
            "ids of rows: `r1` stands there twice",
        ),
        (r#""id":"r2""#, r#""id":"""#, "ids of rows[1]: empty"),
        (
            r#""entry":"18446744073709551615""#,
            r#""entry":"18446744073709551616""#,
            "log.entry",
        ),
        (r#""digest":"ab"#, r#""digest":"AB"#, "log.digest"),
        (
            r#""digest":"ab"#,
            r#""digest":"ab0"#,
            "is not 64 hexadecimal digits in lower case",
        ),
    ] {
        assert!(text.contains(from), "the sample has {from}");
        refused(&text.replacen(from, to, 1), says);
    }
    let quality = text
        .lines()
        .find(|line| line.starts_with("  \"quality\""))
        .expect("a quality");
    refused(
        &text.replace(quality, "  \"quality\": 4294967296,"),
        "(quality): invalid value",
    );
    refused(
        &text.replace(quality, "  \"quality\": -1,"),
        "(quality): invalid value",
    );
    refused(
        &text.replace(quality, &format!("{quality}\n{quality}")),
        "duplicate field `quality`",
    );
    refused(&format!("{text}{{}}"), "trailing characters");
    refused(
        &text.replacen("\"format\"", "\"format\": \"x\",\n  \"format\"", 1),
        "duplicate field `format`",
    );
}

/// The document with every object at this place as the bare list of its values, in the order of the form.
fn bare(text: &str, name: &str, fields: &[&str]) -> String {
    let mut document: Value = serde_json::from_str(text).expect("JSON");
    let place = match name {
        "rows" => &mut document["items"][0]["rows"],
        "" => &mut document,
        _ => &mut document[name],
    };
    let list = |object: &Value| Value::Array(fields.iter().map(|field| object[*field].clone()).collect());
    *place = match &*place {
        Value::Array(objects) => objects.iter().map(list).collect(),
        object => list(object),
    };
    document.to_string()
}

#[test]
fn an_object_is_not_written_as_a_bare_list_of_its_values() {
    let text = sample();
    for (name, fields) in [
        ("log", &["entry", "digest"][..]),
        ("currencies", &["code", "weight"]),
        (
            "accounts",
            &[
                "participant",
                "currency",
                "before",
                "limit",
                "bypass",
                "discipline",
                "after",
                "multiplier",
            ],
        ),
        ("sender_limits", &["participant", "currency", "against", "room"]),
        ("items", &["settles", "rows"]),
        (
            "rows",
            &["id", "debtor", "creditor", "currency", "amount", "priority"],
        ),
        ("bound", &["value", "scaled"]),
    ] {
        let says = format!("({name}): invalid type: sequence, expected an object");
        refused(&bare(&text, name, fields), &says);
    }
    refused(
        &bare(&text, "", &["format", "version"]),
        "invalid type: sequence, expected an object",
    );
}

#[test]
fn a_log_is_an_object_or_not_there_and_nobody_is_null() {
    let text = text(&certified(rich(), Mode::Bypass, None));
    assert!(!text.contains("\"log\""), "{text}");
    let null = text.replacen("\"participants\"", "\"log\": null,\n  \"participants\"", 1);
    refused(&null, "(log): invalid type: null, expected an object");
    assert!(text.contains(r#""against":null,"#), "{text}");
    refused(
        &text.replacen(r#""against":null,"#, "", 1),
        "missing field `against`",
    );
}

#[test]
fn a_multiplier_has_64_bits() {
    let mut document: Value = serde_json::from_str(&sample()).expect("JSON");
    for (multiplier, says) in [
        (
            "18446744073709551616",
            "accounts[0].multiplier: `18446744073709551616` is out of range",
        ),
        ("-1", "accounts[0].multiplier: `-1` is out of range"),
        // Which can be read, and is another.
        ("18446744073709551615", "bound: "),
    ] {
        document["accounts"][0]["multiplier"] = multiplier.into();
        refused(&document.to_string(), says);
    }
}

#[test]
fn what_is_nested_deep_or_long_is_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for field in ["participants", "items", "bound", "log", "seal", "other"] {
        let text = format!(r#"{{"format":"causeway/netting-certificate","version":1,"{field}":{deep}}}"#);
        verify(text.as_bytes()).expect_err("it is nested deep");
    }
    verify(deep.as_bytes()).expect_err("it is nested deep");
    let rows =
        r#"{"id":"r1","debtor":"Alfa","creditor":"Beta","currency":"EUR","amount":"1","priority":"normal"},"#;
    let many = sample().replacen(r#""rows":["#, &format!(r#""rows":[{}"#, rows.repeat(64)), 1);
    refused(&many, "more than 64 in a list");
    let long = "9".repeat(100_000);
    refused(
        &sample().replacen(r#""amount":"50""#, &format!(r#""amount":"{long}""#), 1),
        "is out of range",
    );
    refused(
        &sample().replacen(r#""id":"r2""#, &format!(r#""id":"{long}""#), 1),
        "longer than 4096 bytes",
    );
}

#[test]
fn what_the_form_does_not_have_is_refused_when_it_is_written() {
    let mut builder = Builder::new();
    let account = Account {
        participant: 0,
        currency: 0,
        balance: 0,
        limit: 0,
        bypass: true,
    };
    builder.account(account).expect("an account");
    let plain = builder.clone();
    builder.under_tests(0);
    let with = |case, currencies: &[&str]| Named {
        case,
        participants: vec!["Alfa".to_owned()],
        currencies: currencies.iter().map(|code| (*code).to_owned()).collect(),
        rows: Vec::new(),
        item_of: Vec::new(),
    };
    let written = |named: Named| {
        let bound = bound(&named.case, &mut || true);
        Document::new(named, Mode::Fifo, &Chosen::none(0), bound, None).map(|document| text(&document))
    };
    assert_eq!(
        written(with(builder.build(), &["EUR"])),
        Err(Unsupported::UnderTests("Alfa".to_owned()))
    );
    for currencies in [&[][..], &["EUR", "USD"], &[""]] {
        written(with(plain.clone().build(), currencies)).expect_err("a name is missing, or one too many");
    }
    let text = written(with(plain.build(), &["EUR"])).expect("nothing waits, which is no fault");
    verify(text.as_bytes()).expect("it holds");
}
