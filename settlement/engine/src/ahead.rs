//! Reading ahead at a start: one thread reads and checks, another uses what was read.
use crossbeam::channel::bounded;

use crate::error::EngineError;
use crate::system::Dir;

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
