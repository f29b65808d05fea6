//! Processor time and memory of node and harness, as the kernel tells.
use std::collections::BTreeMap;
use std::fs;

/// `USER_HZ`: what Linux shows to user space, whatever its own clock is.
const TICKS_PER_SECOND: f64 = 100.0;
const MIB: u64 = 1_048_576;
/// Names of the engine's threads begin so.
const THREADS: &str = "causeway-";

/// Resident memory of a process in bytes; none if it is gone.
pub fn resident_bytes(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib * 1_024)
}

/// Processor seconds of this process so far, of threads that have ended too.
pub fn own_processor_seconds() -> f64 {
    seconds(&fs::read_to_string("/proc/self/stat").unwrap_or_default())
}

/// User and system time in a `stat` file (`proc_pid_stat(5)`, fields 14 and 15).
fn seconds(stat: &str) -> f64 {
    // The name in parentheses may hold spaces; what follows it does not.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks: u64 = [11, 12]
        .iter()
        .filter_map(|at| fields.get(*at)?.parse::<u64>().ok())
        .sum();
    ticks as f64 / TICKS_PER_SECOND
}

/// Processor seconds of each of a process' threads so far, by the part they belong to.
pub fn processor_seconds(process: &str) -> BTreeMap<String, f64> {
    seconds_of(process, |_| true)
}

/// The same of those threads whose names are wanted.
fn seconds_of(process: &str, wanted: impl Fn(&str) -> bool) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else {
        return sums;
    };
    for task in tasks.flatten() {
        let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        if !wanted(&name) {
            continue;
        }
        let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let part = if task.file_name().to_string_lossy() == process {
            "main"
        } else {
            name.trim()
                .trim_start_matches(THREADS)
                .trim_end_matches(|c: char| c == '-' || c.is_ascii_digit())
        };
        // The kernel keeps fifteen letters of a name; what has none of its own answers questions.
        let part = match part {
            "publis" => "publish",
            "nettin" => "netting",
            "tokio-rt-worker" => "questions",
            other => other,
        };
        *sums.entry(part.to_owned()).or_default() += seconds(&stat);
    }
    sums
}

/// Datagrams that the kernel dropped because a socket was full, on the whole machine since it started.
pub fn udp_drops() -> Option<u64> {
    let text = fs::read_to_string("/proc/net/snmp").ok()?;
    let mut lines = text.lines().filter_map(|line| line.strip_prefix("Udp: "));
    let (names, values) = (lines.next()?, lines.next()?);
    let at = names.split_whitespace().position(|name| name == "RcvbufErrors")?;
    values.split_whitespace().nth(at)?.parse().ok()
}

/// What one second took.
#[derive(Debug, Clone, Default)]
pub struct Used {
    /// Processors used, by part.
    pub processor: BTreeMap<String, f64>,
    /// Resident memory of the node.
    pub node_mib: Option<u64>,
    /// Resident memory of this process.
    pub harness_mib: Option<u64>,
    /// Datagrams dropped.
    pub udp_drops: Option<u64>,
}

/// Where the engine runs that banks talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Where this process does not see it.
    Elsewhere,
    /// In a process of its own.
    Process(u32),
    /// In this process, beside the banks.
    Within,
}

/// Node and harness, sampled now and then.
#[derive(Debug)]
pub struct Processes {
    last: BTreeMap<String, f64>,
    drops: Option<u64>,
}

impl Processes {
    /// From now on.
    pub fn new(engine: Engine) -> Self {
        Self {
            last: sums(engine),
            drops: udp_drops(),
        }
    }

    /// What was used since the last sample, so many seconds ago.
    pub fn sample(&mut self, engine: Engine, passed: f64) -> Used {
        let now = sums(engine);
        let used = |(part, sum): (&String, &f64)| {
            // A node that was started again begins at zero.
            let before = self.last.get(part).filter(|before| *before <= sum).copied();
            (part.clone(), (sum - before.unwrap_or(0.0)) / passed.max(1e-3))
        };
        let processor = now.iter().map(used).collect();
        self.last = now;
        let drops = udp_drops();
        let dropped = drops
            .zip(self.drops)
            .map(|(now, before)| now.saturating_sub(before));
        self.drops = drops;
        Used {
            processor,
            node_mib: match engine {
                Engine::Process(node) => resident_bytes(&node.to_string()).map(|bytes| bytes / MIB),
                Engine::Elsewhere | Engine::Within => None,
            },
            harness_mib: resident_bytes("self").map(|bytes| bytes / MIB),
            udp_drops: dropped,
        }
    }
}

fn sums(engine: Engine) -> BTreeMap<String, f64> {
    let node = match engine {
        Engine::Elsewhere => BTreeMap::new(),
        Engine::Process(node) => processor_seconds(&node.to_string()),
        Engine::Within => seconds_of(&std::process::id().to_string(), |name| name.starts_with(THREADS)),
    };
    let within = match engine {
        Engine::Within => node.values().sum(),
        Engine::Elsewhere | Engine::Process(_) => 0.0,
    };
    let named = |(part, sum): (String, f64)| (format!("node, {part}"), sum);
    let mut sums: BTreeMap<String, f64> = node.into_iter().map(named).collect();
    sums.insert("harness".to_owned(), (own_processor_seconds() - within).max(0.0));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_thread_may_hold_anything() {
        let stat = "12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0";
        assert!((seconds(stat) - 3.0).abs() < 1e-9);
        assert!(seconds("").abs() < 1e-9);
    }

    #[test]
    fn this_process_has_memory_and_threads() {
        assert!(resident_bytes("self").is_some_and(|bytes| bytes > MIB));
        assert!(processor_seconds(&std::process::id().to_string()).contains_key("main"));
        assert_eq!(resident_bytes("0"), None);
    }
}
