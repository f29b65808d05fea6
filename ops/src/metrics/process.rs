//! What the operating system says of this process.
use std::fs;
use std::time::Instant;

pub const RESIDENT_BYTES: &str = "causeway_process_resident_bytes";
pub const UPTIME_SECONDS: &str = "causeway_process_uptime_seconds";
pub const THREADS: &str = "causeway_process_threads";
pub const OPEN_FILES: &str = "causeway_process_open_files";

/// Reads the values anew; those the system does not tell are left out.
pub fn read(started: Instant) -> Vec<(&'static str, f64)> {
    let mut out = vec![(UPTIME_SECONDS, started.elapsed().as_secs_f64())];
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse::<f64>().ok()
    };
    out.extend(field("VmRSS:").map(|kib| (RESIDENT_BYTES, kib * 1024.0)));
    out.extend(field("Threads:").map(|threads| (THREADS, threads)));
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        out.push((OPEN_FILES, files.count() as f64));
    }
    out
}
