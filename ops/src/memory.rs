//! How a process that moves money for months keeps its memory.
//!
//! What is freed is needed again a moment later, and pages that come fresh from the system cost more than what is written
//! into them: on a virtual machine, a hundred times what it costs to use them again. And a huge page is cleared at once,
//! some milliseconds in which a stage stands still: tails stay flat with small ones.
use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Options of the allocator, which reads them as the process begins, and only there.
const OPTIONS: [(&str, &str); 2] = [("MIMALLOC_PURGE_DELAY", "-1"), ("MIMALLOC_ALLOW_THP", "0")];

/// Begins this process anew with freed memory kept, unless the environment says how the allocator is to work. Called
/// before anything else is done; where the program's own file is gone, it goes on as it began.
pub fn keep() {
    if OPTIONS.iter().any(|(name, _)| env::var_os(name).is_some()) {
        return;
    }
    let mut words = env::args_os();
    let (Ok(program), Some(name)) = (env::current_exe(), words.next()) else {
        return;
    };
    // It returns only if it failed.
    let _ = Command::new(program).arg0(name).args(words).envs(OPTIONS).exec();
}
