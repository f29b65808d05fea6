//! Reading ahead at a start: one thread reads and checks, another uses what was read; files are read in large pieces.
use std::io;
use std::sync::{Mutex, PoisonError};

use crossbeam::channel::bounded;

use crate::error::EngineError;
use crate::system::{Dir, File, RawFile};

/// Bytes of a file read at once.
const PIECE: usize = 1_048_576;

/// Gives a thing away; false if nothing more is taken.
pub(crate) type Give<'a, T> = dyn FnMut(T) -> bool + Send + 'a;

/// Gives each thing that `read` finds to `take`, in order, until there is none. Up to `ahead` of them are read
/// before they are taken, where the machine has threads.
///
/// # Errors
/// The first error of either.
pub(crate) fn each<T: Send>(
    dir: &Dir,
    ahead: usize,
    mut read: impl FnMut() -> Result<Option<T>, EngineError> + Send,
    mut take: impl FnMut(T) -> Result<(), EngineError>,
) -> Result<(), EngineError> {
    if !dir.system().has_threads() {
        while let Some(found) = read()? {
            take(found)?;
        }
        return Ok(());
    }
    let (send, found) = bounded(ahead);
    std::thread::scope(|scope| {
        let reading = scope.spawn(move || -> Result<(), EngineError> {
            while let Some(found) = read()? {
                if send.send(found).is_err() {
                    break;
                }
            }
            Ok(())
        });
        // Whoever takes leaves the channel on an error, so that the reader ends as well.
        found.into_iter().try_for_each(take)?;
        reading.join().map_err(|_| EngineError::Stopped("recovery"))?
    })
}

/// Runs `make`, and gives what it gives away to `take`, in order: on a thread of its own, where the machine has
/// threads, and up to `ahead` of them behind. What `make` returns, and why `take` failed, if it did: then nothing more
/// is taken.
pub(crate) fn beside<T: Send, R>(
    dir: &Dir,
    ahead: usize,
    mut take: impl FnMut(T) -> Result<(), EngineError> + Send,
    make: impl FnOnce(&mut Give<'_, T>) -> R,
) -> (R, Result<(), EngineError>) {
    if !dir.system().has_threads() {
        let mut taken = Ok(());
        let made = make(&mut |given| {
            if taken.is_ok() {
                taken = take(given);
            }
            taken.is_ok()
        });
        return (made, taken);
    }
    let (send, given) = bounded(ahead);
    std::thread::scope(|scope| {
        // Whoever takes leaves the channel on an error.
        let taking = scope.spawn(move || given.into_iter().try_for_each(take));
        let made = make(&mut |given| send.send(given).is_ok());
        drop(send);
        let taken = taking.join();
        (made, taken.unwrap_or(Err(EngineError::Stopped("recovery"))))
    })
}

/// A file that is read from front to back, in large pieces, and not changed meanwhile.
#[derive(Debug)]
struct Pieces {
    file: File,
    end: u64,
    /// Where the piece begins that was read last, and its bytes.
    piece: Mutex<(u64, Vec<u8>)>,
}

/// The first `end` bytes of a file, to be read from front to back: small reads cost no call of the system each.
pub(crate) fn pieces(file: File, end: u64) -> File {
    file.read_soon(0, None);
    File::new(Pieces {
        file,
        end,
        piece: Mutex::default(),
    })
}

impl RawFile for Pieces {
    fn read_exact_at(&self, into: &mut [u8], at: u64) -> io::Result<()> {
        let mut piece = self.piece.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, bytes) = &mut *piece;
        let here = |start: u64, bytes: &[u8]| {
            let from = usize::try_from(at.checked_sub(start)?).ok()?;
            let to = from.checked_add(into.len())?;
            (to <= bytes.len()).then_some(from..to)
        };
        let range = match here(*start, bytes) {
            Some(range) => range,
            None => {
                let left = usize::try_from(self.end.saturating_sub(at)).unwrap_or(usize::MAX);
                if left < into.len() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                bytes.resize(left.min(PIECE.max(into.len())), 0);
                // Of a read that fails nothing is kept.
                let read = self.file.read_exact_at(bytes, at);
                *start = at;
                if let Err(error) = read {
                    bytes.clear();
                    return Err(error);
                }
                0..into.len()
            }
        };
        into.copy_from_slice(&bytes[range]);
        Ok(())
    }

    fn write_all_at(&self, _: &[u8], _: u64) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.end)
    }

    fn set_size(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::PermissionDenied.into())
    }

    fn sync(&self) -> io::Result<()> {
        Ok(())
    }

    fn reserve(&self, _: u64) -> io::Result<bool> {
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzz::memory::Memory;
    use crate::system::Open;

    #[test]
    fn a_file_in_pieces_reads_as_the_file_up_to_its_end() {
        let bytes: Vec<u8> = (0..3 * PIECE + 77)
            .map(|at| (at / 3) as u8 ^ (at >> 13) as u8)
            .collect();
        let (_, dir) = Memory::with(&[("file", &bytes)]);
        let end = bytes.len() - 5;
        let file = pieces(dir.open("file", Open::READ).expect("the file"), end as u64);
        for (at, len) in [
            (0, 16),
            (16, 8),
            (PIECE - 4, 8),
            (PIECE + 4, 2 * PIECE),
            (3, 1),
            (end - 1, 1),
            (end, 0),
        ] {
            let mut into = vec![0; len];
            file.read_exact_at(&mut into, at as u64).expect("inside");
            assert!(into == bytes[at..at + len], "{len} bytes at {at}");
        }
        for (at, len) in [
            (end as u64, 1),
            (end as u64 - 1, 2),
            (u64::MAX, 1),
            (0, bytes.len()),
        ] {
            let error = file.read_exact_at(&mut vec![0; len], at).expect_err("beyond");
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        }
        assert!(file.write_all_at(&[1], 0).is_err());
    }

    #[test]
    fn what_is_given_is_taken_in_order_until_taking_fails() {
        let (_, without) = Memory::with(&[]);
        let with = Dir::from(std::path::Path::new("/nowhere"));
        for dir in [without, with] {
            let mut taken = Vec::new();
            let take = |n: u32| {
                taken.push(n);
                Ok(())
            };
            let (made, outcome) = beside(&dir, 2, take, |give| (0..100).all(give));
            assert!(made && outcome.is_ok());
            assert_eq!(taken, (0..100).collect::<Vec<_>>());
            let fails = |n: u32| match n {
                7 => Err(EngineError::Stopped("test")),
                _ => Ok(()),
            };
            let (given, outcome) = beside(&dir, 2, fails, |give| {
                (0..100_000).take_while(|n| give(*n)).count()
            });
            assert!((7..100_000).contains(&given), "{given}");
            assert!(matches!(outcome, Err(EngineError::Stopped("test"))));
        }
    }
}
