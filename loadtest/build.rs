//! Notes what this build was made of and by: a report names both. Without git the commit is `unknown`.
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = told(Command::new(rustc).arg("--version"));
    let target = std::env::var("TARGET").unwrap_or_default();
    let version = version.unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=HARNESS_RUSTC={version}, {target}");
    let profile = std::env::var("PROFILE").unwrap_or_default();
    println!("cargo::rustc-env=HARNESS_PROFILE={profile}");
    let commit = commit(Path::new("..")).unwrap_or_else(|| "unknown".to_owned());
    println!("cargo::rustc-env=HARNESS_COMMIT={commit}");
    println!("cargo::rerun-if-changed=build.rs");
}

/// The commit of this tree, `+` behind it if files differ from it.
fn commit(root: &Path) -> Option<String> {
    // A tree without its own history may lie in another one's.
    let top = told(git(root).args(["rev-parse", "--show-toplevel"]))?;
    if Path::new(&top).canonicalize().ok()? != root.canonicalize().ok()? {
        return None;
    }
    let commit = told(git(root).args(["rev-parse", "--short=12", "HEAD"]))?;
    let changed = told(git(root).args(["status", "--porcelain"]))?;
    // A commit changes the log of HEAD; HEAD itself only with the branch.
    let dir = told(git(root).args(["rev-parse", "--absolute-git-dir"]))?;
    let watched = ["logs/HEAD", "HEAD"].map(|name| Path::new(&dir).join(name));
    // What is built into the harness: a change there is built anyway, and makes it differ from the commit.
    let sources = ["fx", "netting", "settlement", "transport", "ops", "loadtest"];
    let sources = sources.iter().flat_map(|package| folders(&root.join(package)));
    let more = ["loadtest/scenarios", "Cargo.lock"].map(|name| root.join(name));
    for path in watched
        .into_iter()
        .chain(sources)
        .chain(more)
        .filter(|path| path.exists())
    {
        println!("cargo::rerun-if-changed={}", path.display());
    }
    Some(if changed.is_empty() { commit } else { commit + "+" })
}

/// The source folders below a package's folder.
fn folders(package: &Path) -> Vec<PathBuf> {
    let inner = std::fs::read_dir(package).into_iter().flatten().flatten();
    let inner = inner.map(|entry| entry.path().join("src"));
    std::iter::once(package.join("src"))
        .chain(inner)
        .filter(|path| path.is_dir())
        .collect()
}

fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root);
    command
}

fn told(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
