//! What is remembered, in order of arrival. Pages are never copied.
use causeway_message::Status;

use super::Remembered;

const SLOTS_PER_PAGE: usize = 4_096;
const ENTRY_MAX: u64 = (1 << 40) - 1;
const SUBMITTER_MASK: u64 = 0xff_ffff;

/// What is remembered of one instruction, packed.
#[derive(Debug, Clone, Copy)]
pub struct Slot {
    id: [u64; 2],
    check: u64,
    /// entry (40 bits) ‖ ordinal (16) ‖ status (8).
    origin: u64,
    /// cause (40 bits) ‖ submitter (24).
    cause: u64,
}

const _: () = assert!(size_of::<Slot>() == 40);

impl Slot {
    pub fn new(id: [u64; 2], submitter: u32, known: &Remembered) -> Self {
        Self {
            id,
            check: known.check,
            origin: (known.entry & ENTRY_MAX) << 24
                | u64::from(known.ordinal) << 8
                | u64::from(known.status as u8),
            cause: (known.cause & ENTRY_MAX) << 24 | u64::from(submitter) & SUBMITTER_MASK,
        }
    }

    /// True if it is of this instruction.
    #[inline]
    pub fn is(&self, id: [u64; 2], submitter: u32) -> bool {
        self.id == id && self.cause & SUBMITTER_MASK == u64::from(submitter)
    }

    /// What it says.
    pub fn known(&self) -> Option<Remembered> {
        Some(Remembered {
            check: self.check,
            status: Status::from_number((self.origin & 0xff) as u16)?,
            entry: self.origin >> 24,
            ordinal: (self.origin >> 8) as u16,
            cause: self.cause >> 24,
        })
    }

    /// Gives it a later status, unless it has it.
    pub fn settle(&mut self, status: Status, cause: u64) {
        let status = u64::from(status as u8);
        if self.origin & 0xff != status {
            self.origin = self.origin & !0xff | status;
            self.cause = (cause & ENTRY_MAX) << 24 | self.cause & SUBMITTER_MASK;
        }
    }
}

/// The pages: all of one length but the last.
#[derive(Debug, Default)]
pub struct Pages {
    pages: Vec<Vec<Slot>>,
    len: u64,
}

impl Pages {
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Bytes that they take.
    pub fn bytes(&self) -> u64 {
        let slots = self.pages.len() * SLOTS_PER_PAGE * size_of::<Slot>();
        (slots + self.pages.capacity() * size_of::<Vec<Slot>>()) as u64
    }

    /// Adds a slot; its number.
    #[inline]
    pub fn push(&mut self, slot: Slot) -> u64 {
        let number = self.len;
        if (number as usize).is_multiple_of(SLOTS_PER_PAGE) {
            self.pages.push(Vec::with_capacity(SLOTS_PER_PAGE));
        }
        if let Some(page) = self.pages.last_mut() {
            page.push(slot);
        }
        self.len += 1;
        number
    }

    #[inline]
    pub fn get(&self, number: u64) -> &Slot {
        &self.pages[number as usize / SLOTS_PER_PAGE][number as usize % SLOTS_PER_PAGE]
    }

    pub fn get_mut(&mut self, number: u64) -> &mut Slot {
        &mut self.pages[number as usize / SLOTS_PER_PAGE][number as usize % SLOTS_PER_PAGE]
    }
}
