//! Runs of a fuzz target without a guiding engine: its corpus, then random inputs that follow from a seed. The same
//! seed gives the same inputs in the same order, only more or fewer of them, so that what fails fails again.
#![allow(dead_code, reason = "what includes this file uses a part of it")]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "how long to run is asked for from outside; no input depends on it"
)]

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Seed of a plain test run. `BOLERO_RANDOM_SEED` sets another.
const SEED: u64 = 2_026;

/// True if an engine that is guided by coverage chooses the inputs, or asks for the targets.
pub fn guided() -> bool {
    ["BOLERO_LIBFUZZER_ARGS", "CARGO_BOLERO_SELECT"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
}

/// What a target has seen. Printed now and then, and when it is dropped.
#[derive(Debug)]
pub struct Count {
    name: &'static str,
    guided: bool,
    inputs: AtomicU64,
    bytes: AtomicU64,
}

impl Count {
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            guided: guided(),
            inputs: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
        }
    }

    /// Counts one input of so many bytes.
    pub fn add(&self, bytes: usize) {
        let inputs = self.inputs.fetch_add(1, Ordering::Relaxed) + 1;
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        // An engine that is guided by coverage ends the process: it takes the last line.
        if self.guided && (inputs.is_power_of_two() || inputs.is_multiple_of(1 << 12)) {
            self.print();
        }
    }

    fn print(&self) {
        let (inputs, bytes) = (
            self.inputs.load(Ordering::Relaxed),
            self.bytes.load(Ordering::Relaxed),
        );
        println!("fuzz {}: {inputs} inputs, {bytes} bytes", self.name);
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.print();
    }
}

/// Random numbers from a seed (splitmix64).
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Those of one input: it does not matter which others were made before.
    fn of(seed: u64, name: &str, number: u64) -> Self {
        let mut random = Self(seed);
        for part in name.bytes().map(u64::from).chain([number]) {
            random.0 = random.next() ^ part;
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    /// So many bytes.
    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        let words = std::iter::repeat_with(|| self.next().to_le_bytes());
        words.take(len.div_ceil(8)).flatten().take(len).collect()
    }
}

/// Says which input it was that failed.
struct Running<'a> {
    name: &'a str,
    origin: &'a str,
    program: &'a [u8],
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let Self {
                name,
                origin,
                program,
            } = self;
            eprintln!("fuzz {name}: {origin} fails: b\"{}\"", program.escape_ascii());
        }
    }
}

fn set<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number")),
    )
}

/// Runs the corpus of a target, then random inputs: so many, unless `BOLERO_RANDOM_ITERATIONS` or
/// `BOLERO_RANDOM_TEST_TIME_MS` sets another bound.
pub fn run(
    name: &str,
    corpus: &Path,
    inputs: u64,
    draw: impl Fn(&mut Random) -> Vec<u8>,
    check: impl Fn(&[u8]),
) {
    let one = |origin: &str, program: &[u8]| {
        let _running = Running {
            name,
            origin,
            program,
        };
        check(program);
    };
    let mut files: Vec<_> = std::fs::read_dir(corpus)
        .unwrap_or_else(|error| panic!("{}: {error}", corpus.display()))
        .map(|file| file.expect("a file").path())
        .collect();
    files.sort();
    for path in files {
        let program = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        one(&path.display().to_string(), &program);
    }
    let seed = set("BOLERO_RANDOM_SEED").unwrap_or(SEED);
    let inputs = set("BOLERO_RANDOM_ITERATIONS").unwrap_or(inputs);
    let time = set("BOLERO_RANDOM_TEST_TIME_MS").map(Duration::from_millis);
    let begun = Instant::now();
    for number in 0..inputs {
        if time.is_some_and(|time| begun.elapsed() > time) {
            return;
        }
        let program = draw(&mut Random::of(seed, name, number));
        one(&format!("input {number} of seed {seed}"), &program);
    }
}
