//! Whether a member is in default, and whether that is decided.

/// Where the default of a participant stands. Numbers are frozen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum DefaultState {
    /// It is in no default.
    #[default]
    None = 0,
    /// Declared: nothing leaves it, nothing has ended, and it can be lifted.
    Declared = 1,
    /// Confirmed: it is final, and what waited ends.
    Confirmed = 2,
}

impl DefaultState {
    /// The state with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::None),
            1 => Some(Self::Declared),
            2 => Some(Self::Confirmed),
            _ => None,
        }
    }

    /// Its name in text and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Declared => "declared",
            Self::Confirmed => "confirmed",
        }
    }
}
