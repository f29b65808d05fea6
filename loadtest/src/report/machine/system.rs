//! Processors, memory, kernel: what Linux tells below `/proc`.
use std::fs;

/// Instructions for hashing and encryption, as `/proc/cpuinfo` calls them.
const FLAGS: [&str; 5] = ["sha_ni", "aes", "vaes", "avx2", "avx512f"];
const UNKNOWN: &str = "unknown";

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// The value behind a name and a colon.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}

pub(super) fn cpu() -> String {
    value(&read("/proc/cpuinfo"), "model name")
        .unwrap_or(UNKNOWN)
        .to_owned()
}

pub(super) fn cpu_flags() -> Vec<String> {
    let text = read("/proc/cpuinfo");
    let there: Vec<&str> = value(&text, "flags").unwrap_or_default().split(' ').collect();
    FLAGS
        .iter()
        .filter(|flag| there.contains(*flag))
        .map(|flag| (*flag).to_owned())
        .collect()
}

pub(super) fn memory_mib() -> u64 {
    let text = read("/proc/meminfo");
    let kib = value(&text, "MemTotal").and_then(|value| value.split(' ').next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1_024
}

pub(super) fn kernel() -> String {
    let release = read("/proc/sys/kernel/osrelease");
    match release.trim() {
        "" => UNKNOWN.to_owned(),
        release => format!("Linux {release}"),
    }
}

/// Load over the last minute.
pub(super) fn load() -> Option<f64> {
    read("/proc/loadavg").split(' ').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::value;

    #[test]
    fn the_first_value_of_a_name_counts() {
        let text = "processor\t: 0\nmodel name\t: AMD EPYC: 7003\n\nmodel name\t: other\n";
        assert_eq!(value(text, "model name"), Some("AMD EPYC: 7003"));
        assert_eq!(value(text, "flags"), None);
    }
}
