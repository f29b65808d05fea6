//! What every fuzz target of the workspace shares: how the fuzzer's bytes become an input, and the count of what was
//! fuzzed. The targets of the other packages include this file.
//!
//! The first byte of an input file says what it is. Behind `=` stand the bytes for the decoder, behind `~` the same
//! with checksums and signatures to be made good afterwards. Any other byte picks a sample and is followed by edits
//! to it: one byte that counts them (and asks for the repair, by its upper bit), then six bytes for each. So a fuzzer
//! gets past lengths, checksums and signatures that random bytes never meet.
#![allow(dead_code)]

use std::path::{Path, PathBuf};

#[path = "seeded.rs"]
mod seeded;

pub use seeded::guided;
use seeded::{Count, Random};

/// Random inputs of each target in a plain test run, after its corpus.
const INPUTS: u64 = 1_000;
/// Most random bytes that stand for themselves.
const PLAIN_BYTES_MAX: usize = 4_096;
/// Most bytes that edits may make of a sample.
const BYTES_MAX: usize = 1 << 20;
/// Bytes of one edit.
const EDIT_BYTES: usize = 6;
/// Most edits to a sample.
const EDITS_MAX: u8 = 8;
/// Values that lengths, counts and sums break at.
const EDGES: [u64; 12] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x0010_0000,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    0xffff_ffff_ffff_fffe,
    u64::MAX,
];

/// What the decoder is given.
pub struct Input {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether checksums and signatures are to be made good first.
    pub repair: bool,
}

impl Input {
    /// The bytes as text; what is no UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// One fuzz target: its samples, and what it has seen.
pub struct Target<'a> {
    name: &'static str,
    samples: &'a [Vec<u8>],
    words: &'a [&'a str],
    corpus: PathBuf,
    count: Count,
}

impl<'a> Target<'a> {
    /// A target in the source file `file` of the package in `package`. Its corpus must be there.
    pub fn new(
        name: &'static str,
        (package, file): (&str, &str),
        samples: &'a [Vec<u8>],
        words: &'a [&'a str],
    ) -> Self {
        assert!(!samples.is_empty(), "{name} has no samples to edit");
        let corpus = corpus(package, file, name);
        if std::env::var_os("CAUSEWAY_WRITE_CORPUS").is_some_and(|value| value == "1") {
            write_corpus(&corpus, samples);
        }
        let found = std::fs::read_dir(&corpus).map_or(0, Iterator::count);
        assert!(
            found > 0,
            "{name} has no corpus in {}: run with CAUSEWAY_WRITE_CORPUS=1",
            corpus.display()
        );
        Self {
            name,
            samples,
            words,
            corpus,
            count: Count::new(name),
        }
    }

    /// Runs the corpus and random inputs through `check`.
    pub fn run_seeded(&self, check: impl Fn(&Input)) {
        seeded::run(self.name, &self.corpus, INPUTS, draw, |program| {
            self.run(program, &check);
        });
    }

    /// Runs one input through `check`.
    pub fn run(&self, program: &[u8], check: impl Fn(&Input)) {
        let input = self.input(program);
        self.count.add(input.bytes.len());
        check(&input);
    }

    fn input(&self, program: &[u8]) -> Input {
        match program {
            [mark @ (b'=' | b'~'), bytes @ ..] => Input {
                bytes: bytes.to_vec(),
                repair: *mark == b'~',
            },
            [sample, head, edits @ ..] => {
                let mut bytes = self.sample(*sample).to_vec();
                let (edits, _) = edits.as_chunks::<EDIT_BYTES>();
                for edit in edits.iter().take(usize::from(head % EDITS_MAX) + 1) {
                    self.edit(&mut bytes, *edit);
                    bytes.truncate(BYTES_MAX);
                }
                Input {
                    bytes,
                    repair: head & 0x80 != 0,
                }
            }
            _ => Input {
                bytes: program.to_vec(),
                repair: false,
            },
        }
    }

    fn sample(&self, number: u8) -> &[u8] {
        &self.samples[usize::from(number) % self.samples.len()]
    }

    fn edit(&self, bytes: &mut Vec<u8>, [kind, a0, a1, b0, b1, value]: [u8; EDIT_BYTES]) {
        let at = usize::from(u16::from_le_bytes([a0, a1])) % (bytes.len() + 1);
        let len = usize::from(u16::from_le_bytes([b0, b1]));
        let end = at + len % (bytes.len() - at + 1);
        let byte = bytes.get(at).copied().unwrap_or_default();
        match kind % 12 {
            0 => overwrite(bytes, at, &[byte ^ (1 << (value % 8))]),
            1 => overwrite(bytes, at, &[value]),
            2 => bytes.truncate(at),
            3 => drop(bytes.drain(at..end)),
            4 => {
                let part = bytes[at..end].repeat(usize::from(value % 8) + 1);
                insert(bytes, end, &part);
            }
            5 => insert(bytes, at, &vec![value; len % 64]),
            6 => {
                let edge = EDGES[usize::from(b0) % EDGES.len()].wrapping_add(u64::from(b1 & 1));
                overwrite(bytes, at, &edge.to_le_bytes()[..1 << (value % 4)]);
            }
            7 => {
                let other = self.sample(value);
                let from = (at + usize::from(b1)) % (other.len() + 1);
                overwrite(bytes, at, &other[from..other.len().min(from + usize::from(b0))]);
            }
            8 => {
                let other = self.sample(value);
                bytes.truncate(at);
                bytes.extend(&other[len % (other.len() + 1)..]);
            }
            9 => overwrite(bytes, at, &[byte.wrapping_add(value)]),
            10 => insert(bytes, at, self.word(value)),
            _ => overwrite(bytes, at, self.word(value)),
        }
    }

    fn word(&self, number: u8) -> &[u8] {
        let word = self.words.get(usize::from(number) % self.words.len().max(1));
        word.map_or(&[], |word| word.as_bytes())
    }
}

/// A random input: edits to a sample most of the time, now and then bytes as they stand.
fn draw(random: &mut Random) -> Vec<u8> {
    if random.below(8) > 0 {
        let edits = 1 + random.below(usize::from(EDITS_MAX));
        return random.bytes(2 + edits * EDIT_BYTES);
    }
    let len = 1 << random.below(PLAIN_BYTES_MAX.ilog2() as usize + 1);
    let mut program = random.bytes(1 + len);
    program[0] = [b'=', b'~'][random.below(2)];
    program
}

fn insert(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    bytes.splice(at..at, part.iter().copied());
}

/// Writes `part` over what stands at `at`, as far as there is something.
fn overwrite(bytes: &mut [u8], at: usize, part: &[u8]) {
    for (byte, new) in bytes[at..].iter_mut().zip(part) {
        *byte = *new;
    }
}

/// Where the engine looks for the corpus of a target.
fn corpus(package: &str, file: &str, name: &str) -> PathBuf {
    let source = Path::new(package)
        .ancestors()
        .map(|folder| folder.join(file))
        .find(|path| path.is_file())
        .unwrap_or_else(|| panic!("{file} is not found from {package}"));
    source.with_file_name("__fuzz__").join(name).join("corpus")
}

/// Writes the samples as the beginning of a corpus, each as it stands.
fn write_corpus(corpus: &Path, samples: &[Vec<u8>]) {
    std::fs::create_dir_all(corpus).unwrap_or_else(|error| panic!("{}: {error}", corpus.display()));
    for (number, sample) in samples.iter().enumerate() {
        let path = corpus.join(format!("sample-{number:02}"));
        let bytes = [b"=", sample.as_slice()].concat();
        std::fs::write(&path, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// Runs one target: its name, the samples that are edited, words that edits may insert, and what must hold.
macro_rules! fuzz {
    ($name:literal, $samples:expr, $check:expr) => {
        fuzz!($name, $samples, &[], $check)
    };
    ($name:literal, $samples:expr, $words:expr, $check:expr) => {
        // A match keeps what its head borrows until its end.
        match (env!("CARGO_MANIFEST_DIR"), file!(), $samples, $words) {
            (package, file, samples, words) => {
                let target = support::Target::new($name, (package, file), samples, words);
                if support::guided() {
                    bolero::check!(name = $name).for_each(|program: &[u8]| target.run(program, $check))
                } else {
                    target.run_seeded($check)
                }
            }
        }
    };
}
pub(crate) use fuzz;
