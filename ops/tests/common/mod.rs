//! What the tests of the command share.
#![allow(dead_code)]

pub mod node;
pub mod teller;
pub mod town;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A directory of its own for one test.
pub fn scratch() -> TempDir {
    TempDir::new().expect("a temporary directory")
}

/// Runs `causeway` with these words and nothing of ours in the environment.
pub fn causeway(words: &[&str]) -> Output {
    causeway_with(words, &[])
}

/// The same with an environment.
pub fn causeway_with(words: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_causeway"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CAUSEWAY_")) {
        command.env_remove(name);
    }
    command
        .args(words)
        .envs(environment.iter().copied())
        .output()
        .expect("the command runs")
}

/// Its exit code.
pub fn code(output: &Output) -> i32 {
    output.status.code().expect("it exits by itself")
}

/// What it printed.
pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("text")
}

/// What it complained of.
pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("text")
}

/// A path as a word of a command line.
pub fn word(path: &Path) -> &str {
    path.to_str().expect("the path is text")
}

/// A data directory with the default genesis.
pub fn ledger(scratch: &TempDir) -> PathBuf {
    let dir = scratch.path().join("ledger");
    let output = causeway(&["init", "--dir", word(&dir)]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    dir
}

/// Every file under a directory.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(dir).expect("the directory is there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            out.extend(files(&path))
        } else {
            out.push(path)
        }
    }
    out.sort();
    out
}
