//! The disk below a directory: which it is, and how long a durable write takes.
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout};

use crate::report::form::{Disk, Probe};

/// Bytes of the file that is written over and over, as a journal's segment is: made ahead, then overwritten.
const FILE_BYTES: usize = 8 << 20;
/// Small writes: a group of one payment.
const SMALL: (usize, u32) = (4 << 10, 200);
/// Large ones: a group of a full batch.
const LARGE: (usize, u32) = (1 << 20, 50);

/// Memory as direct writes want it.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C, align(4096))]
struct Block([u8; 4_096]);

/// What is below a directory, and why it could not be timed if so.
pub(super) fn probe(directory: &Path) -> (Disk, Option<String>) {
    let mut disk = Disk {
        directory: directory.display().to_string(),
        ..Disk::default()
    };
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let path = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
    if let Some((file_system, device)) = mount_of(&mounts, &path) {
        (disk.file_system, disk.device) = (file_system, device);
    }
    let failed = time(directory, &mut disk).err();
    (disk, failed.map(|error| error.to_string()))
}

fn time(directory: &Path, disk: &mut Disk) -> io::Result<()> {
    // Gone by itself, however this ends.
    let named = tempfile::NamedTempFile::new_in(directory)?;
    let blocks = vec![Block::new_zeroed(); LARGE.0 / size_of::<Block>()];
    let bytes = blocks.as_bytes();
    for at in (0..FILE_BYTES).step_by(bytes.len()) {
        named.as_file().write_all_at(bytes, at as u64)?;
    }
    named.as_file().sync_all()?;
    let direct = open(named.path(), OFlags::DIRECT | OFlags::DSYNC)
        .and_then(|file| file.write_all_at(&bytes[..SMALL.0], 0).map(|()| file));
    disk.direct = direct.is_ok();
    let file = direct.or_else(|_| open(named.path(), OFlags::DSYNC))?;
    disk.small = Some(writes(&file, &bytes[..SMALL.0], SMALL.1)?);
    disk.large = Some(writes(&file, bytes, LARGE.1)?);
    Ok(())
}

fn open(path: &Path, flags: OFlags) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

fn writes(file: &File, bytes: &[u8], count: u32) -> io::Result<Probe> {
    let mut took: Vec<Duration> = Vec::new();
    for write in 0..count as usize {
        let begun = Instant::now();
        file.write_all_at(bytes, (write * bytes.len() % FILE_BYTES) as u64)?;
        took.push(begun.elapsed());
    }
    took.sort_unstable();
    let at = |percent: usize| {
        let place = (took.len() * percent).div_ceil(100).max(1) - 1;
        took.get(place).map_or(0.0, |took| took.as_secs_f64() * 1e3)
    };
    Ok(Probe {
        bytes: bytes.len() as u64,
        writes: u64::from(count),
        p50_ms: at(50),
        p99_ms: at(99),
    })
}

/// File system and device of what is mounted at a path or nearest above it (`proc_pid_mountinfo(5)`).
fn mount_of(mounts: &str, path: &Path) -> Option<(String, String)> {
    let mut best = None;
    for line in mounts.lines() {
        // Optional fields end with a single hyphen.
        let Some((before, behind)) = line.split_once(" - ") else {
            continue;
        };
        let point = before.split(' ').nth(4).map(unescaped).unwrap_or_default();
        let mut behind = behind.split(' ').map(unescaped);
        let (Some(file_system), Some(device)) = (behind.next(), behind.next()) else {
            continue;
        };
        let depth = Path::new(&point).components().count();
        // Of two at one place the later one hides the earlier.
        let nearer = best.as_ref().is_none_or(|(other, _)| depth >= *other);
        if path.starts_with(&point) && nearer {
            best = Some((depth, (file_system, device)));
        }
    }
    best.map(|(_, found)| found)
}

/// Blanks and backslashes are written as three octal digits.
fn unescaped(word: &str) -> String {
    let escapes = [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")];
    escapes
        .iter()
        .fold(word.to_owned(), |word, (from, to)| word.replace(from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &str = "\
22 1 252:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
31 22 0:26 / /dev/shm rw,nosuid - tmpfs shm rw,size=64k
40 22 8:1 / /data/my\\040disk rw master:7 shared:2 - xfs /dev/sdb1 rw
41 22 8:2 / /data/my\\040disk rw - btrfs /dev/sdc1 rw
";

    #[test]
    fn the_nearest_mount_above_a_path_is_its_file_system() {
        let found = |path: &str| mount_of(MOUNTS, Path::new(path));
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(found("/tmp/x"), pair("ext4", "/dev/vda1"));
        assert_eq!(found("/dev/shm/x"), pair("tmpfs", "shm"));
        assert_eq!(found("/dev/shmoo"), pair("ext4", "/dev/vda1"));
        assert_eq!(found("/data/my disk/node"), pair("btrfs", "/dev/sdc1"));
        assert_eq!(mount_of("", Path::new("/tmp")), None);
    }
}
