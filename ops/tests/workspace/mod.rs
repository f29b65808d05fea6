//! The workspace as text: its packages, their imports, its sources.
#![allow(dead_code)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The root of the workspace.
pub fn root() -> PathBuf {
    let ops = Path::new(env!("CARGO_MANIFEST_DIR"));
    ops.parent()
        .expect("the package stands in the workspace")
        .to_owned()
}

/// A file of the workspace.
pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A package of the workspace.
pub struct Package {
    /// Its name without `causeway-`.
    pub name: String,
    /// Its folder.
    pub folder: String,
    /// Packages of the workspace that it imports, with the table that says so.
    pub imports: Vec<(String, String)>,
}

/// All packages that the workspace lists.
pub fn packages() -> Vec<Package> {
    let table = toml_of(&root().join("Cargo.toml"));
    let members = table["workspace"]["members"].as_array().expect("members");
    members
        .iter()
        .map(|member| package(member.as_str().expect("a folder")))
        .collect()
}

fn toml_of(path: &Path) -> toml::Table {
    read(path)
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn package(folder: &str) -> Package {
    let table = toml_of(&root().join(folder).join("Cargo.toml"));
    let name = table["package"]["name"].as_str().expect("a name");
    let mut imports = Vec::new();
    collect(&table, "", &mut imports);
    Package {
        name: short(name).unwrap_or(name).to_owned(),
        folder: folder.to_owned(),
        imports,
    }
}

fn short(name: &str) -> Option<&str> {
    name.strip_prefix("causeway-")
}

/// Finds every table of dependencies, those of targets included.
fn collect(table: &toml::Table, path: &str, out: &mut Vec<(String, String)>) {
    for (key, value) in table {
        let Some(inner) = value.as_table() else { continue };
        let path = if path.is_empty() {
            key.clone()
        } else {
            format!("{path}.{key}")
        };
        if !["dependencies", "dev-dependencies", "build-dependencies"].contains(&key.as_str()) {
            collect(inner, &path, out);
            continue;
        }
        for (alias, spec) in inner {
            // A dependency may go under another name.
            let name = spec.get("package").and_then(toml::Value::as_str).unwrap_or(alias);
            out.extend(short(name).map(|name| (path.clone(), name.to_owned())));
        }
    }
}

/// The `path`s of a list in a lint file.
pub fn paths<'a>(table: &'a toml::Table, list: &str) -> BTreeSet<&'a str> {
    let items = table
        .get(list)
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten();
    items
        .filter_map(|item| item.as_str().or_else(|| item.get("path")?.as_str()))
        .collect()
}

/// Every Rust source of the workspace: its path from the root, and its text.
pub fn sources() -> Vec<(String, String)> {
    let mut out = Vec::new();
    for package in packages() {
        // A package may stand inside the folder of another.
        for part in ["src", "tests", "benches", "examples"] {
            walk(&root().join(&package.folder).join(part), &mut out);
        }
    }
    out.sort();
    out
}

fn walk(dir: &Path, out: &mut Vec<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(dir) else {
        return;
    };
    for entry in entries {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, out);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
            out.push((name, read(&path)));
        }
    }
}

/// A source with its comments and the insides of its texts left out.
pub fn without_comments_and_texts(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let skip = skipped(rest, out.chars().next_back());
        if skip > 0 {
            out.push(' ');
            rest = &rest[skip..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

/// Bytes of the comment, text or character that begins here; zero if none does.
fn skipped(rest: &str, before: Option<char>) -> usize {
    let until = |from: usize, end: &str| {
        rest[from..]
            .find(end)
            .map_or(rest.len(), |at| from + at + end.len())
    };
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return until(2, "*/");
    }
    if rest.starts_with('"') {
        return text_end(rest, '"');
    }
    let word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    if rest.starts_with('r') && !word {
        let hashes = rest[1..].chars().take_while(|c| *c == '#').count();
        if rest[1 + hashes..].starts_with('"') {
            return until(2 + hashes, &format!("\"{}", "#".repeat(hashes)));
        }
    }
    // A lifetime has no closing quote right after its first letter.
    if rest.starts_with("'\\") || (rest.starts_with('\'') && rest.chars().nth(2) == Some('\'')) {
        return text_end(rest, '\'');
    }
    0
}

fn text_end(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

#[test]
fn comments_and_texts_are_left_out_and_code_is_not() {
    let source = "a // unsafe\nb /* unsafe */ c \"unsafe \\\" unsafe\" d r#\"unsafe \" unsafe\"# 'e' '\\'' fn f<'g>() {}";
    let plain = without_comments_and_texts(source);
    assert!(!plain.contains("unsafe"), "{plain}");
    for word in ["a", "b", "c", "d", "fn f<'g>() {}"] {
        assert!(plain.contains(word), "{word}: {plain}");
    }
}
