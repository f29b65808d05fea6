//! `transport/PROTOCOL.md` says what the code does: its tables are held to the enums and limits.
use causeway_message::extension::ExtensionType;
use causeway_message::frame::Template;
use causeway_message::reason::Reason;
use causeway_message::record::Kind;
use causeway_message::refusal::RefusalCode;
use causeway_message::status::Stage;
use causeway_message::{Status, limits, tags};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

fn read(path: &str) -> String {
    let path = format!("{ROOT}/{path}");
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The rows of the table behind `<!-- name -->`, cell by cell, without its head.
fn table(name: &str) -> Vec<Vec<String>> {
    let text = read("transport/PROTOCOL.md");
    let (_, rest) = text
        .split_once(&format!("<!-- {name} -->"))
        .expect("the table is marked");
    let (table, _) = rest
        .split_once("<!-- end -->")
        .expect("the table's end is marked");
    let cells = |line: &str| {
        line.trim_matches('|')
            .split('|')
            .map(|c| c.trim().to_owned())
            .collect()
    };
    table
        .lines()
        .filter(|line| line.starts_with('|'))
        .skip(2)
        .map(cells)
        .collect()
}

fn code(name: &str) -> String {
    format!("`{name}`")
}

#[test]
fn the_table_of_statuses_is_the_enum() {
    let rust: Vec<Vec<String>> = Status::ALL
        .iter()
        .map(|s| {
            let stage = match s.stage() {
                Stage::Final => "final",
                Stage::Waiting => "waiting",
            };
            let reason = if s.iso_reason().is_empty() {
                "–"
            } else {
                s.iso_reason()
            };
            let number = (*s as u8).to_string();
            vec![
                number,
                code(s.name()),
                stage.into(),
                s.iso_status().into(),
                reason.into(),
                s.meaning().trim().into(),
            ]
        })
        .collect();
    assert_eq!(table("statuses"), rust);
}

#[test]
fn the_table_of_reasons_is_the_enum() {
    let rust: Vec<Vec<String>> = Reason::ALL
        .iter()
        .map(|r| vec![(*r as u16).to_string(), code(r.name()), r.meaning().to_owned()])
        .collect();
    assert_eq!(table("reasons"), rust);
}

#[test]
fn the_tables_of_kinds_and_extensions_are_the_enums() {
    let row =
        |number: u16, name: &str, meaning: &str| vec![number.to_string(), code(name), meaning.to_owned()];
    let rust: Vec<_> = Kind::ALL
        .iter()
        .map(|k| row(*k as u16, k.name(), k.meaning()))
        .collect();
    assert_eq!(table("kinds"), rust);
    let rust: Vec<_> = ExtensionType::ALL
        .iter()
        .map(|e| row(*e as u16, e.name(), e.meaning()))
        .collect();
    assert_eq!(table("extensions"), rust);
}

/// Flags have no enum: their table is held to the constants as they stand in the file.
#[test]
fn the_table_of_flags_is_the_list_of_constants() {
    let source = read("settlement/message/src/record.rs");
    let declared: Vec<(String, String)> = source
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_prefix("pub const ")?
                .split_once(": u16 = 1 << ")
        })
        .map(|(name, bit)| {
            let bit: u32 = bit.trim_end_matches(';').parse().expect("a bit");
            ((1u32 << bit).to_string(), code(name))
        })
        .collect();
    let found: Vec<(String, String)> = table("flags")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    assert_eq!(found, declared);
}

#[test]
fn the_table_of_refusals_is_the_enum() {
    let found: Vec<Vec<String>> = table("refusals")
        .into_iter()
        .map(|mut row| {
            let about = row.remove(3);
            assert!(
                ["batch", "stream", "batch or stream"].contains(&about.as_str()),
                "{row:?}"
            );
            row
        })
        .collect();
    let rust: Vec<Vec<String>> = RefusalCode::ALL
        .iter()
        .map(|c| {
            let retry = if c.may_retry() { "yes" } else { "no" };
            vec![
                (*c as u16).to_string(),
                code(c.name()),
                retry.into(),
                c.meaning().trim().into(),
            ]
        })
        .collect();
    assert_eq!(found, rust);
}

#[test]
fn the_table_of_messages_is_the_enum() {
    let found: Vec<Vec<String>> = table("templates")
        .into_iter()
        .map(|row| row[..3].to_vec())
        .collect();
    let rust: Vec<Vec<String>> = Template::ALL
        .iter()
        .map(|t| {
            vec![
                (*t as u16).to_string(),
                code(t.name()),
                t.block_bytes().to_string(),
            ]
        })
        .collect();
    assert_eq!(found, rust);
}

#[test]
fn the_table_of_tags_is_the_list() {
    let found: Vec<String> = table("tags").into_iter().map(|row| row[0].clone()).collect();
    let rust: Vec<String> = tags::ALL
        .iter()
        .map(|tag| {
            code(
                std::str::from_utf8(tag)
                    .expect("tags are ASCII")
                    .trim_end_matches('\0'),
            )
        })
        .collect();
    assert_eq!(found, rust);
}

macro_rules! named {
    ($($name:ident),* $(,)?) => { vec![$((stringify!($name), limits::$name as u64)),*] };
}

#[test]
fn the_table_of_limits_is_the_file() {
    let known = named![
        BATCH_RECORDS_MAX,
        BATCH_BYTES_MAX,
        RECORD_BYTES,
        RECORD_EXTENSION_BYTES_MAX,
        CONTROL_PAYLOAD_BYTES_MAX,
        CONTROL_RECORDS_MAX,
        DOCUMENTS_BYTES_MAX,
        DOCUMENT_BYTES_MAX,
        FRAME_BYTES_MAX,
        WIDE_ARITY,
        ANSWERS_PER_CHUNK,
        EVENTS_PER_CHUNK,
        DEFERRED_EFFECTS_MAX,
        CHAIN_RECORDS_MAX,
        PLAN_INSTRUCTIONS_MAX,
        SESSION_WINDOW,
        PARTICIPANTS_MAX,
        KEYS_PER_PARTICIPANT_MAX,
        NAME_BYTES_MAX,
        REFERENCE_BYTES_MAX,
        PROPOSAL_SECONDS,
        ACCEPTANCE_SECONDS_MAX,
        PATH_HASHES_MAX,
        CHECKPOINT_BYTES_MAX,
        FEED_PAGE_BYTES,
    ];
    let source = read("settlement/message/src/limits.rs");
    let declared: Vec<&str> = source
        .lines()
        .filter_map(|line| {
            line.strip_prefix("pub const ")?
                .split_once(':')
                .map(|(name, _)| name)
        })
        .collect();
    assert_eq!(
        known.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        declared,
        "a limit is not listed here"
    );
    let rust: Vec<(String, String)> = known
        .iter()
        .map(|(name, n)| (code(name), n.to_string()))
        .collect();
    let found: Vec<(String, String)> = table("limits")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .collect();
    assert_eq!(found, rust);
}

#[test]
fn every_link_within_the_page_leads_somewhere() {
    let text = read("transport/PROTOCOL.md");
    let anchors: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with("## ") || line.starts_with("### "))
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            title
                .chars()
                .filter(|c| c.is_alphanumeric() || *c == ' ')
                .collect::<String>()
                .replace(' ', "-")
        })
        .collect();
    for link in text.split("](#").skip(1).filter_map(|rest| rest.split_once(')')) {
        assert!(
            anchors.iter().any(|anchor| anchor == link.0),
            "#{} is no heading",
            link.0
        );
    }
}

#[test]
fn the_table_of_who_may_sign_names_every_action() {
    let text = read("transport/PROTOCOL.md");
    let (_, rest) = text
        .split_once("## 7 Who may sign what")
        .expect("the section is there");
    let (section, _) = rest.split_once("\n## ").expect("another section follows");
    let source = read("settlement/message/src/action.rs");
    let (_, source) = source.split_once("impl Action {").expect("it has a name");
    let names: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_suffix("\",")?.split_once("=> \""))
        .map(|n| n.1)
        .collect();
    let numbers = (1..=22).chain([25, 26]);
    assert_eq!(names.len(), numbers.clone().count());
    for (number, name) in numbers.zip(&names) {
        assert!(
            section.contains(&format!("| propose {number} `{name}` |")),
            "{name} is missing"
        );
    }
}
