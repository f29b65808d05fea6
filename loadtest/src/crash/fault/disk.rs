//! A small file system for the node, and a ballast file that fills it.
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use rustix::fs::{FallocateFlags, fallocate, statvfs};

use crate::error::Failure;

/// Bytes of the image: a sparse file, of which only what is written takes room.
const IMAGE_BYTES: u64 = 2 << 30;
/// Where there are no loop devices: memory that the ballast really takes.
const MEMORY: &str = "size=256m";

/// The mounted file system.
#[derive(Debug)]
pub struct Disk {
    dir: PathBuf,
    method: &'static str,
}

fn does(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!(
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )),
        Err(error) => Err(format!("{name}: {error}")),
    }
}

impl Disk {
    /// Mounts one at a directory that is made; a text if this machine cannot.
    ///
    /// # Errors
    /// If a file cannot be made.
    pub fn make(dir: &Path) -> Result<Result<Self, String>, Failure> {
        fs::create_dir_all(dir)?;
        let disk = |method| Self {
            dir: dir.to_owned(),
            method,
        };
        let image = dir.with_extension("image");
        File::create(&image)?.set_len(IMAGE_BYTES)?;
        // No journal of its own to flush, nothing kept back for root.
        let made = does(
            Command::new("mkfs.ext4")
                .args(["-q", "-F", "-m", "0"])
                .arg(&image),
        )
        .and_then(|()| does(Command::new("mount").args(["-o", "loop"]).arg(&image).arg(dir)));
        let Err(ext4) = made else {
            return Ok(Ok(disk("ext4 on a loop device")));
        };
        let memory = does(
            Command::new("mount")
                .args(["-t", "tmpfs", "-o", MEMORY, "tmpfs"])
                .arg(dir),
        );
        Ok(match memory {
            Ok(()) => Ok(disk("tmpfs")),
            Err(tmpfs) => Err(format!("no small file system can be mounted: {ext4}; {tmpfs}")),
        })
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// What it is.
    pub const fn method(&self) -> &'static str {
        self.method
    }

    fn ballast(&self) -> PathBuf {
        self.dir.join("ballast")
    }

    /// Takes all room but so many bytes.
    ///
    /// # Errors
    /// If the file system does not take the ballast.
    pub fn fill(&self, but: u64) -> Result<(), Failure> {
        let failed = |error: rustix::io::Errno| Failure::Io(format!("ballast: {error}"));
        let mut file = File::create(self.ballast())?;
        let mut len = 0;
        // Others write meanwhile, and the file system needs some room for what describes the ballast.
        for _ in 0..50 {
            let stat = statvfs(&self.dir).map_err(failed)?;
            let free = (stat.f_bavail * stat.f_frsize).saturating_sub(but);
            if free < 4_096 {
                break;
            }
            let more = if free > 1 << 20 {
                free - free / 64
            } else {
                4_096.max(free / 2)
            };
            match fallocate(&file, FallocateFlags::empty(), len, more) {
                Ok(()) => len += more,
                Err(rustix::io::Errno::NOSPC) => break,
                Err(error) => return Err(failed(error)),
            }
        }
        std::io::Write::flush(&mut file)?;
        Ok(())
    }

    /// Makes room again.
    ///
    /// # Errors
    /// If the ballast cannot be removed.
    pub fn empty(&self) -> Result<(), Failure> {
        match fs::remove_file(self.ballast()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if does(Command::new("umount").arg(&self.dir)).is_err() {
            // A process that is just ending may hold it for a moment.
            let _ = does(Command::new("umount").arg("-l").arg(&self.dir));
        }
        // Of a run that found something the image tells all.
    }
}
