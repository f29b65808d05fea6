//! The auditor imports nothing of what it audits: only the shared words and the currencies, and nothing of the
//! harness outside itself.
use std::fs;
use std::path::{Path, PathBuf};

/// Packages that the auditor may import.
const ALLOWED: [&str; 2] = ["causeway_message", "causeway_fx"];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}

/// The text without comments: what they name is not imported.
fn without_comments(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// Paths as they stand in the code: words joined by `::`, without blanks.
fn paths(text: &str) -> Vec<Vec<String>> {
    let joined: String = text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace(" ::", "::")
        .replace(":: ", "::");
    let part = |c: char| !(c.is_alphanumeric() || c == '_' || c == ':');
    let words = joined.split(part).filter(|word| !word.is_empty());
    words
        .map(|word| word.split("::").map(str::to_owned).collect())
        .collect()
}

/// What a source at this depth below the auditor's folder may not name.
fn forbidden(text: &str, depth: usize) -> Vec<String> {
    let text = without_comments(text);
    let mut found = Vec::new();
    for path in paths(&text) {
        let strange = |word: &String| word.starts_with("causeway_") && !ALLOWED.contains(&word.as_str());
        let up = path.iter().take_while(|word| *word == "super").count();
        let leaves = path[0] == "crate" && path.get(1).is_none_or(|word| word != "audit");
        if path.iter().any(strange) || leaves || up > depth {
            found.push(path.join("::"));
        }
    }
    for way in ["#[path", "include!", "extern crate"] {
        found.extend(text.contains(way).then(|| way.to_owned()));
    }
    found
}

#[test]
fn the_auditor_imports_nothing_of_what_it_audits() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/audit");
    let (mut files, mut found) = (Vec::new(), Vec::new());
    sources(&root, &mut files);
    assert!(files.len() > 20, "the auditor's sources are there");
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        let place = file.strip_prefix(&root).expect("below the folder");
        // `mod.rs` is the module of its folder; any other file is a module below it. Tests within a file add one.
        let folders = place.components().count() - 1;
        let inner = usize::from(text.contains("mod tests {"));
        let depth = folders + usize::from(!place.ends_with("mod.rs")) + inner;
        found.extend(
            forbidden(&text, depth)
                .into_iter()
                .map(|what| format!("{}: {what}", place.display())),
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn no_dependency_hides_behind_another_name() {
    let manifest =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).expect("a manifest");
    let renamed: Vec<&str> = manifest
        .lines()
        .filter(|line| line.contains("package ="))
        .collect();
    assert!(renamed.is_empty(), "{renamed:?}");
}

#[test]
fn the_search_finds_every_way_in() {
    for (text, depth) in [
        ("use causeway_ledger::Ledger;", 0),
        ("use {causeway_engine as node, std::fs};", 0),
        ("let book = causeway_netting :: Cascade::default();", 0),
        ("use crate::bench::run;", 0),
        ("use crate::{audit, run};", 0),
        ("use super::random::Random;", 0),
        ("use super::super::run;", 1),
        ("#[path = \"../../../settlement/ledger/src/lib.rs\"] mod own;", 0),
        ("include!(\"../../x.rs\");", 0),
    ] {
        assert!(!forbidden(text, depth).is_empty(), "{text}");
    }
    let fine =
        "use causeway_message::Status; // not causeway_ledger\nuse super::fault; use crate::audit::model;";
    assert_eq!(forbidden(fine, 1), Vec::<String>::new());
}
