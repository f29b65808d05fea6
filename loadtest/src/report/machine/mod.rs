//! What a run is measured on: the machine, the build, the disk.
mod disk;
mod limits;
mod system;

use std::fs::File;
use std::io::Read;
use std::path::Path;

use ring::digest::{Context, SHA256};

use super::form::Conditions;

pub use limits::limits;

/// A machine with more to do than this before a run was not idle.
pub const IDLE_LOAD: f64 = 0.5;

/// Finds out what this machine and this build are, and times the disk below `data`: a few hundred writes, which take
/// about a second. What the driver alone knows (TLS, rules, netting, who checks what) is left to it.
pub fn conditions(data: &Path, node: Option<&Path>) -> Conditions {
    let mut conditions = Conditions {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        commit: env!("HARNESS_COMMIT").to_owned(),
        rustc: env!("HARNESS_RUSTC").to_owned(),
        profile: env!("HARNESS_PROFILE").to_owned(),
        node_sha256: node.and_then(sha256),
        cpu: system::cpu(),
        cpus: std::thread::available_parallelism().map_or(0, usize::from),
        cpu_flags: system::cpu_flags(),
        memory_mib: system::memory_mib(),
        kernel: system::kernel(),
        load_before: system::load(),
        ..Conditions::default()
    };
    let (disk, failed) = disk::probe(data);
    if conditions.profile != "release" {
        conditions
            .notes
            .push(format!("a {} build: no figure of it counts", conditions.profile));
    }
    if let Some(load) = conditions.load_before.filter(|load| *load > IDLE_LOAD) {
        conditions
            .notes
            .push(format!("the machine was not idle before the run: load {load:.2}"));
    }
    match failed {
        Some(error) => conditions
            .notes
            .push(format!("the disk could not be timed: {error}")),
        None if !disk.direct => conditions.notes.push(format!(
            "{} takes no writes past the page cache: they are buffered and synced",
            disk.file_system
        )),
        None => {}
    }
    conditions.disk = disk;
    conditions
}

/// SHA-256 of a file in hexadecimal.
fn sha256(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let (mut context, mut buffer) = (Context::new(&SHA256), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer).ok()? {
            0 => break,
            read => context.update(&buffer[..read]),
        }
    }
    let digest = context.finish();
    Some(digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_name_the_build_the_machine_and_the_disk_and_leave_nothing_behind() {
        let dir = tempfile::tempdir().expect("a directory");
        let program = dir.path().join("program");
        std::fs::write(&program, "abc").expect("a file");
        let found = conditions(dir.path(), Some(&program));
        // FIPS 180-4, the example of one block.
        assert_eq!(
            found.node_sha256.as_deref(),
            Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        );
        assert!(found.rustc.starts_with("rustc "), "{}", found.rustc);
        assert!(!found.commit.is_empty() && !found.kernel.is_empty() && !found.cpu.is_empty());
        assert!(found.memory_mib > 0 && found.cpus > 0);
        let small = found.disk.small.expect("the disk was timed");
        let large = found.disk.large.expect("the disk was timed");
        assert_eq!((small.bytes, large.bytes), (4_096, 1_048_576));
        assert!(small.p50_ms > 0.0 && small.p50_ms <= small.p99_ms && large.p50_ms <= large.p99_ms);
        assert_eq!(std::fs::read_dir(dir.path()).expect("a directory").count(), 1);
    }

    #[test]
    fn a_directory_that_is_not_there_is_a_note() {
        let found = conditions(Path::new("/nowhere/at/all"), None);
        assert!(
            found
                .notes
                .iter()
                .any(|note| note.starts_with("the disk could not be timed: "))
        );
        assert_eq!((found.disk.small, found.node_sha256), (None, None));
    }
}
