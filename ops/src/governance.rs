//! The governance log for people and programs: as text, as JSON, as CSV.
pub mod fields;
pub mod filter;
pub mod row;

use std::fmt::Write;

use crate::Failure;
use causeway_statement::text_cell;
use row::{ByJson, Row};

/// Columns of the CSV form. A proposal's row is followed by one for each approval and withdrawal that named it.
const COLUMNS: [&str; 17] = [
    "what",
    "entry",
    "record",
    "time",
    "participant",
    "participant_id",
    "key",
    "person",
    "action",
    "text",
    "fields",
    "status",
    "ended_entry",
    "ended_time",
    "decided_by_person",
    "id",
    "digest",
];

/// The lines as text: what is not of the log's own making is shown without control characters.
pub fn text(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        let record = row
            .record
            .map_or(String::new(), |at| format!(" record {}", u32::from(at) + 1));
        let _ = write!(out, "{}  entry {}{record}  ", row.time, row.entry);
        match &row.by {
            Some(by) if row.what == "proposal" => {
                let _ = writeln!(out, "{} proposes: {}", signer(by), row.text);
            }
            Some(by) => {
                let _ = writeln!(out, "{}: {}", signer(by), row.text);
            }
            None => {
                let _ = writeln!(out, "{}", row.text);
            }
        }
        if let (Some(status), true) = (row.status, row.what != "proposal" || row.reached.is_empty()) {
            let _ = writeln!(out, "    {status}");
        }
        for decision in &row.decisions {
            let does = if decision.what == "approve" {
                "approves"
            } else {
                "withdraws"
            };
            let _ = writeln!(
                out,
                "    {}  entry {} record {}  {} {does}: {}",
                decision.time,
                decision.entry,
                u32::from(decision.record) + 1,
                signer(&decision.by),
                decision.status
            );
        }
        for reached in &row.reached {
            let _ = writeln!(
                out,
                "    {}  entry {}  {}",
                reached.time, reached.entry, reached.status
            );
        }
        if let Some(digest) = &row.digest {
            let _ = writeln!(out, "    digest {digest}");
        }
    }
    out.chars().flat_map(shown).collect()
}

/// A character, or what stands for it if it could steer a terminal.
fn shown(letter: char) -> impl Iterator<Item = char> {
    let plain = letter == '\n' || !letter.is_control();
    let escaped = (!plain).then(|| letter.escape_default());
    plain
        .then_some(letter)
        .into_iter()
        .chain(escaped.into_iter().flatten())
}

fn signer(by: &ByJson) -> String {
    let person = by
        .person
        .map_or("nobody known".to_owned(), |person| format!("person {person}"));
    format!("{}, {person} (key {})", by.participant, by.key)
}

/// The lines as CSV, with a head.
///
/// # Errors
/// If they cannot be put into it.
pub fn csv(rows: &[Row]) -> Result<String, Failure> {
    let failed = |error: String| Failure::Io(format!("CSV: {error}"));
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    writer
        .write_record(COLUMNS)
        .map_err(|error| failed(error.to_string()))?;
    for row in rows {
        for record in records(row) {
            writer
                .write_record(&record)
                .map_err(|error| failed(error.to_string()))?;
        }
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

fn records(row: &Row) -> Vec<[String; COLUMNS.len()]> {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let [participant, participant_id, key, person] = who(row.by.as_ref());
    let ended = row.reached.first();
    let decided = ended.and_then(|ended| ended.by.as_ref()?.person);
    let mut all = vec![[
        row.what.to_owned(),
        row.entry.to_string(),
        row.record.map(|at| at.to_string()).unwrap_or_default(),
        row.time.clone(),
        text_cell(&participant).into_owned(),
        participant_id,
        key,
        person,
        text(row.action),
        text_cell(&row.text).into_owned(),
        serde_json::Value::Object(row.fields.clone()).to_string(),
        text(row.status),
        ended.map(|ended| ended.entry.to_string()).unwrap_or_default(),
        ended.map(|ended| ended.time.clone()).unwrap_or_default(),
        decided.map(|person| person.to_string()).unwrap_or_default(),
        text(row.id.as_deref()),
        text(row.digest.as_deref()),
    ]];
    for decision in &row.decisions {
        let [participant, participant_id, key, person] = who(Some(&decision.by));
        let empty = String::new;
        all.push([
            decision.what.to_owned(),
            decision.entry.to_string(),
            decision.record.to_string(),
            decision.time.clone(),
            text_cell(&participant).into_owned(),
            participant_id,
            key,
            person,
            empty(),
            empty(),
            empty(),
            decision.status.to_owned(),
            empty(),
            empty(),
            empty(),
            empty(),
            text(row.digest.as_deref()),
        ]);
    }
    all
}

fn who(by: Option<&ByJson>) -> [String; 4] {
    by.map_or_else(Default::default, |by| {
        let person = by.person.map(|person| person.to_string());
        [
            by.participant.clone(),
            by.participant_id.to_string(),
            by.key.to_string(),
            person.unwrap_or_default(),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_spreadsheet_would_run_are_quoted() {
        let by = || ByJson {
            participant: "=BANK".to_owned(),
            participant_id: 3,
            key: 1,
            person: Some(1),
        };
        let row = Row {
            what: "proposal",
            entry: 5,
            record: Some(0),
            time: "2026-11-30T00:00:00.000Z".to_owned(),
            by: Some(by()),
            action: None,
            text: "-1 and more".to_owned(),
            fields: Default::default(),
            id: None,
            digest: None,
            status: None,
            decisions: vec![row::DecisionJson {
                what: "approve",
                entry: 6,
                record: 0,
                time: "2026-11-30T00:00:01.000Z".to_owned(),
                by: by(),
                status: "executed",
            }],
            reached: Vec::new(),
            named: Vec::new(),
            times: Vec::new(),
        };
        let text = csv(&[row]).expect("CSV");
        let rows: Vec<&str> = text.lines().collect();
        assert!(rows[1].contains(",'=BANK,3,1,1,,'-1 and more,"), "{text}");
        assert!(rows[2].contains(",'=BANK,3,1,1,"), "{text}");
    }
}
