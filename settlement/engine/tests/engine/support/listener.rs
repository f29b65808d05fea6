//! Hears what is reported.
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, set_default};
use tracing::{Event, Level, Metadata, Subscriber};

/// Warnings and errors of this thread.
#[derive(Debug, Clone, Default)]
pub struct Listener(Arc<Mutex<Vec<String>>>);

/// The fields of an event, in words.
#[derive(Default)]
struct Words(String);

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, "{field}: {value:?}; ");
    }
}

impl Listener {
    /// Listens as long as the guard lives.
    pub fn listen() -> (Self, DefaultGuard) {
        let listener = Self::default();
        let guard = set_default(listener.clone());
        (listener, guard)
    }

    /// What was reported since the last time.
    pub fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("the reports"))
    }
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::WARN
    }

    fn event(&self, event: &Event<'_>) {
        let mut words = Words::default();
        event.record(&mut words);
        self.0.lock().expect("the reports").push(words.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
