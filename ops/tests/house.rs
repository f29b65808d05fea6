//! The shape of the house: who may import whom, and what every file keeps to.
mod workspace;

use std::collections::{BTreeMap, BTreeSet};
use workspace::{Package, packages, read, root, sources, without_comments_and_texts};

/// Which packages a package may import, in any kind of dependency. Nothing else.
const ARROWS: &[(&str, &[&str])] = &[
    ("fx", &[]),
    ("netting", &["fx"]),
    ("certificate", &["netting"]),
    ("hash", &[]),
    ("message", &["hash", "fx"]),
    ("ledger", &["hash", "message", "fx", "netting"]),
    ("engine", &["ledger", "message", "netting", "fx"]),
    ("transport", &["message", "fx"]),
    ("statement", &["message", "fx"]),
    ("adapter", &["transport", "statement", "message", "fx"]),
    ("scenario", &["netting", "fx"]),
    (
        "ops",
        &[
            "transport",
            "statement",
            "engine",
            "message",
            "scenario",
            "certificate",
            "netting",
            "fx",
        ],
    ),
    (
        "loadtest",
        &[
            "ops",
            "transport",
            "engine",
            "ledger",
            "message",
            "scenario",
            "netting",
            "fx",
        ],
    ),
];

/// Packages whose outcomes may depend on nothing but their input.
const PURE: &[&str] = &[
    "fx",
    "netting",
    "netting/certificate",
    "settlement/hash",
    "settlement/message",
    "settlement/ledger",
];

/// What each of them bans by its lint file.
const BANNED_TYPES: &[&str] = &[
    "f32",
    "f64",
    "std::time::Instant",
    "std::time::SystemTime",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "hashbrown::HashMap",
    "hashbrown::HashSet",
];
const BANNED_METHODS: &[&str] = &[
    "std::time::Instant::now",
    "std::time::SystemTime::now",
    "std::thread::spawn",
    "std::thread::scope",
];

/// Most lines of a source file.
const LINES_MAX: usize = 500;

/// Files that may contain `unsafe`, each with its reason beside the code.
const UNSAFE_ALLOWED: &[&str] = &["settlement/hash/src/ahead.rs", "settlement/hash/src/lanes.rs"];

fn fail_if(found: &[String]) {
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn no_package_imports_upwards() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut found = Vec::new();
    let packages = packages();
    for Package {
        name,
        folder,
        imports,
    } in &packages
    {
        let Some(allowed) = allowed.get(name.as_str()) else {
            found.push(format!(
                "{folder}: the package causeway-{name} has no place in the house"
            ));
            continue;
        };
        for (table, import) in imports {
            if !allowed.contains(&import.as_str()) {
                found.push(format!(
                    "{folder}/Cargo.toml [{table}]: causeway-{name} may not import causeway-{import}"
                ));
            }
        }
    }
    let there: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let missing = allowed.keys().filter(|name| !there.contains(*name));
    found.extend(missing.map(|name| format!("causeway-{name} is not in the workspace")));
    fail_if(&found);
}

#[test]
fn arrows_lead_down_and_nobody_imports_a_binary() {
    for (i, (name, imports)) in ARROWS.iter().enumerate() {
        for import in *imports {
            let below = ARROWS.iter().position(|(other, _)| other == import);
            assert!(below.is_some_and(|below| below < i), "{name} → {import}");
            // The harness starts itself as the node that it measures.
            let starts_it = (*name, *import) == ("loadtest", "ops");
            assert!(
                starts_it || !["ops", "loadtest", "adapter"].contains(import),
                "{name} → {import}"
            );
        }
    }
}

#[test]
fn pure_packages_ban_what_would_make_them_impure() {
    let mut found = Vec::new();
    for folder in PURE {
        let path = root().join(folder).join("clippy.toml");
        let Ok(text) = std::fs::read_to_string(&path) else {
            found.push(format!("{folder}/clippy.toml is missing"));
            continue;
        };
        let table: toml::Table = text.parse().expect("clippy.toml is TOML");
        for (list, names) in [
            ("disallowed-types", BANNED_TYPES),
            ("disallowed-methods", BANNED_METHODS),
        ] {
            let banned = workspace::paths(&table, list);
            let missing = names.iter().filter(|name| !banned.contains(**name));
            found.extend(missing.map(|name| format!("{folder}/clippy.toml: {list} lacks {name}")));
        }
    }
    fail_if(&found);
}

#[test]
fn every_source_file_says_what_it_is_for() {
    let silent = sources().into_iter().filter(|(_, text)| !text.starts_with("//!"));
    fail_if(
        &silent
            .map(|(path, _)| format!("{path}: does not begin with //!"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn no_source_file_grows_over_its_bound() {
    let lines = sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()));
    let long = lines.filter(|(_, count)| *count > LINES_MAX);
    fail_if(
        &long
            .map(|(path, count)| format!("{path}: {count} lines, at most {LINES_MAX}"))
            .collect::<Vec<_>>(),
    );
}

#[test]
fn only_listed_files_are_unsafe() {
    let mut found = Vec::new();
    for (path, text) in sources() {
        let plain = without_comments_and_texts(&text);
        let mut words = plain.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        if words.any(|word| word == "unsafe") && !UNSAFE_ALLOWED.contains(&path.as_str()) {
            found.push(format!("{path}: contains `unsafe`"));
        }
    }
    found.extend(
        UNSAFE_ALLOWED
            .iter()
            .filter(|path| !root().join(path).is_file())
            .map(|path| format!("{path} is gone")),
    );
    fail_if(&found);
}

#[test]
fn one_place_of_the_engine_asks_the_operating_system() {
    // Elsewhere a simulated machine could not stand in for it.
    let own = |path: &str| path.ends_with("/system/os.rs") || path.ends_with("/clock.rs");
    let engine = sources().into_iter().filter(|(path, _)| {
        path.starts_with("settlement/engine/src/") && !path.contains("/tests/") && !own(path)
    });
    let mut found = Vec::new();
    for (path, text) in engine {
        let product = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let plain = without_comments_and_texts(product);
        for word in ["std::fs", "fs::", "SystemTime", "FileExt", "random_bytes"] {
            if plain.contains(word) {
                found.push(format!("{path}: uses {word}"));
            }
        }
        if plain.contains("Instant::now") && !path.ends_with("/zero_ahead.rs") {
            found.push(format!("{path}: reads a clock"));
        }
    }
    fail_if(&found);
}

/// What stands between an odd and an even backtick of a line.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// Paths that a page names and that do not exist.
fn missing_paths(page: &str) -> Vec<String> {
    let text = read(&root().join(page));
    let is_path = |word: &&str| {
        let ends = ["/", ".rs", ".md", ".toml"].iter().any(|end| word.ends_with(end));
        ends && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c))
            && !word.starts_with('/')
    };
    let missing = quoted(&text)
        .filter(is_path)
        .filter(|word| !root().join(word).exists());
    missing
        .map(|word| format!("{page}: {word} does not exist"))
        .collect()
}

#[test]
fn every_path_that_the_architecture_names_exists() {
    fail_if(&missing_paths("ARCHITECTURE.md"));
}

/// Names of all tests.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for (_, text) in sources() {
        let mut lines = text.lines().map(str::trim);
        while let Some(line) = lines.next() {
            if line != "#[test]" && !line.starts_with("#[tokio::test") {
                continue;
            }
            let name = lines.find_map(|line| line.split_once("fn ")?.1.split('(').next());
            tests.extend(name.map(str::to_owned));
        }
    }
    tests
}

#[test]
fn every_test_and_path_that_the_security_page_names_exists() {
    let (page, tests) = ("SECURITY.md", tests());
    let text = read(&root().join(page));
    // A sentence of at least four words is a test; statuses and refusals are shorter.
    let is_test = |word: &&str| {
        word.matches('_').count() >= 3
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    let named: BTreeSet<&str> = quoted(&text).filter(is_test).collect();
    assert!(named.len() > 50, "the page names its tests");
    let mut found = missing_paths(page);
    let missing = named.into_iter().filter(|name| !tests.contains(*name));
    found.extend(missing.map(|name| format!("{page}: there is no test {name}")));
    fail_if(&found);
}
