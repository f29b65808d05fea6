//! Whatever is changed in a file, it no longer holds.
use causeway_certificate::verify;
use causeway_netting::Mode;
use serde_json::{Map, Value};

use super::{LOG, certified, fixtures, named, rich, text};

/// Other values for a leaf, all of which say something else.
fn others(leaf: &Value, same_kind: &[Value]) -> Vec<Value> {
    let mut out = match leaf {
        Value::Null => vec!["Beta".into(), "Gamma".into()],
        Value::Bool(yes) => vec![(!yes).into()],
        Value::Number(number) => {
            let number = number.as_u64().expect("whole numbers only");
            vec![
                (number + 1).into(),
                number.wrapping_sub(1).into(),
                serde_json::from_str(&format!("{number}.5")).expect("a number"),
                number.to_string().into(),
            ]
        }
        Value::String(text) => {
            let mut out: Vec<Value> = vec![format!("{text}x").into(), String::new().into(), Value::Null];
            if let Ok(number) = text.parse::<i128>() {
                out.push((number + 1).to_string().into());
                out.push((number - 1).to_string().into());
                out.push(number.wrapping_neg().wrapping_sub(7).to_string().into());
            } else if let Some(last) = text.chars().last() {
                let other = if last == '0' { '1' } else { '0' };
                out.push(format!("{}{other}", &text[..text.len() - last.len_utf8()]).into());
            }
            out
        }
        _ => Vec::new(),
    };
    out.extend(same_kind.iter().filter(|other| *other != leaf).cloned());
    out
}

/// Paths to everything in a document: its leaves, lists and objects.
fn paths(value: &Value, path: &str, leaves: &mut Vec<String>, nodes: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            nodes.push(path.to_owned());
            for (name, value) in fields {
                paths(value, &format!("{path}/{name}"), leaves, nodes);
            }
        }
        Value::Array(items) => {
            nodes.push(path.to_owned());
            for (at, value) in items.iter().enumerate() {
                paths(value, &format!("{path}/{at}"), leaves, nodes);
            }
        }
        _ => leaves.push(path.to_owned()),
    }
}

/// What stands in the same field of the neighbours: names that exist, words that are known.
fn words(path: &str) -> Vec<Value> {
    let words: &[&str] = match path.rsplit('/').next() {
        Some("discipline") => &["fifo", "bypass"],
        Some("priority") => &["urgent", "high", "normal"],
        Some("participant" | "debtor" | "creditor" | "against") => &["Alfa", "Beta", "1", "2"],
        Some("currency") => &["EUR", "USD"],
        _ => &[],
    };
    words.iter().map(|word| Value::from(*word)).collect()
}

fn must_not_hold(changed: &Value, what: &str) {
    let text = serde_json::to_vec(changed).expect("JSON");
    let Err(why) = verify(&text) else {
        panic!("{what}: still holds");
    };
    assert!(why.contains(": "), "{what}: says only {why}");
}

fn change_leaf(document: &Value, path: &str) {
    let leaf = document.pointer(path).expect("the leaf is there");
    for other in others(leaf, &words(path)) {
        let mut changed = document.clone();
        *changed.pointer_mut(path).expect("the leaf is there") = other.clone();
        must_not_hold(&changed, &format!("{path} from {leaf} to {other}"));
    }
}

/// Takes away, doubles, swaps what a list or object holds.
fn change_node(document: &Value, path: &str) {
    let parts = match document.pointer(path).expect("the node is there") {
        Value::Object(fields) => fields.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    for part in 0..parts {
        let mut changed = document.clone();
        match changed.pointer_mut(path).expect("the node is there") {
            Value::Object(fields) => {
                let name = fields.keys().nth(part).expect("a field").clone();
                fields.remove(&name);
            }
            Value::Array(items) => {
                items.remove(part);
            }
            _ => {}
        }
        must_not_hold(&changed, &format!("{path} without part {part}"));
        if let Some(Value::Array(items)) = document.pointer(path) {
            let mut twice = document.clone();
            let list = twice.pointer_mut(path).and_then(Value::as_array_mut);
            list.expect("a list").insert(part, items[part].clone());
            must_not_hold(&twice, &format!("{path} with part {part} twice"));
            if part > 0 && items[part] != items[part - 1] && !path.ends_with("/sender_limits") {
                let mut swapped = document.clone();
                let list = swapped.pointer_mut(path).and_then(Value::as_array_mut);
                list.expect("a list").swap(part, part - 1);
                must_not_hold(&swapped, &format!("{path} with part {part} before its turn"));
            }
        }
    }
    if let Some(Value::Object(_)) = document.pointer(path) {
        let mut more = document.clone();
        let fields: &mut Map<String, Value> = more
            .pointer_mut(path)
            .and_then(Value::as_object_mut)
            .expect("an object");
        fields.insert("note".to_owned(), "seen".into());
        must_not_hold(&more, &format!("{path} with a field more"));
    }
}

fn change_everything(document: &Value) {
    let (mut leaves, mut nodes) = (Vec::new(), Vec::new());
    paths(document, "", &mut leaves, &mut nodes);
    assert!(leaves.len() > 20 && nodes.len() > 5);
    leaves.iter().for_each(|path| change_leaf(document, path));
    nodes.iter().for_each(|path| change_node(document, path));
}

#[test]
fn every_change_to_a_small_certificate_is_found() {
    for folder in fixtures() {
        for mode in [Mode::Fifo, Mode::Bypass] {
            let document = text(&certified(named(&folder), mode, None));
            if document.len() < 20_000 {
                change_everything(&serde_json::from_str(&document).expect("JSON"));
            }
        }
    }
    for (mode, log) in [(Mode::Fifo, None), (Mode::Bypass, Some(LOG))] {
        let document = text(&certified(rich(), mode, log));
        change_everything(&serde_json::from_str(&document).expect("JSON"));
    }
}

#[test]
fn random_changes_to_the_case_of_the_central_bank_are_found() {
    for folder in fixtures() {
        let document = text(&certified(named(&folder), Mode::Bypass, None));
        if document.len() < 20_000 {
            continue;
        }
        let document: Value = serde_json::from_str(&document).expect("JSON");
        let (mut leaves, mut nodes) = (Vec::new(), Vec::new());
        paths(&document, "", &mut leaves, &mut nodes);
        let mut at = 7usize;
        for _ in 0..25 {
            at = at
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            change_leaf(&document, &leaves[(at >> 20) % leaves.len()]);
        }
        for account in 0..document["accounts"].as_array().map_or(0, Vec::len).min(4) {
            change_leaf(&document, &format!("/accounts/{account}/after"));
            change_leaf(&document, &format!("/accounts/{account}/multiplier"));
        }
    }
}
