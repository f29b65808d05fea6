//! Little-endian reading and writing with a bound at every step.
use crate::FormatError;

/// Reads fields off the front of a slice; every read names its field in the error.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

macro_rules! read_int {
    ($name:ident, $ty:ty) => {
        /// Reads one little-endian integer.
        pub fn $name(&mut self, field: &'static str) -> Result<$ty, FormatError> {
            self.array(field).map(<$ty>::from_le_bytes)
        }
    };
}

impl<'a> Reader<'a> {
    /// Starts at the front of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Bytes not read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads `len` bytes.
    pub fn bytes(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], FormatError> {
        match self.rest.split_at_checked(len) {
            Some((head, tail)) => {
                self.rest = tail;
                Ok(head)
            }
            None => Err(FormatError::Truncated {
                field,
                missing: len - self.rest.len(),
            }),
        }
    }

    /// Reads exactly `N` bytes.
    pub fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], FormatError> {
        let mut out = [0; N];
        out.copy_from_slice(self.bytes(N, field)?);
        Ok(out)
    }

    read_int!(u8, u8);
    read_int!(u16, u16);
    read_int!(u32, u32);
    read_int!(u64, u64);
    read_int!(i128, i128);

    /// Reads bytes that follow their `u32` length (SBE `varDataEncoding`).
    pub fn var(&mut self, limit: usize, field: &'static str) -> Result<&'a [u8], FormatError> {
        let len = self.u32(field)? as usize;
        within(len, limit, field)?;
        self.bytes(len, field)
    }

    /// Reads text that follows its `u32` length.
    pub fn text(&mut self, limit: usize, field: &'static str) -> Result<&'a str, FormatError> {
        std::str::from_utf8(self.var(limit, field)?)
            .map_err(|_| FormatError::rule(field, "the text is not UTF-8"))
    }

    /// Reads zero bytes that are reserved.
    pub fn zeros(&mut self, len: usize, field: &'static str) -> Result<(), FormatError> {
        if self.bytes(len, field)?.iter().any(|b| *b != 0) {
            return Err(FormatError::rule(field, "reserved bytes must be zero"));
        }
        Ok(())
    }

    /// Ends the reading: nothing may be left.
    pub fn end(self, field: &'static str) -> Result<(), FormatError> {
        match self.rest.len() {
            0 => Ok(()),
            extra => Err(FormatError::Trailing { field, extra }),
        }
    }
}

/// Checks a length or count against its limit.
pub fn within(value: usize, limit: usize, field: &'static str) -> Result<(), FormatError> {
    if value > limit {
        return Err(FormatError::OverLimit {
            field,
            value: value as u64,
            limit: limit as u64,
        });
    }
    Ok(())
}

/// Appends fields to a buffer.
pub trait Put {
    /// Appends bytes as they are.
    fn put(&mut self, bytes: &[u8]) -> &mut Self;
    /// Appends one byte.
    fn put_u8(&mut self, value: u8) -> &mut Self {
        self.put(&[value])
    }
    /// Appends a little-endian integer.
    fn put_u16(&mut self, value: u16) -> &mut Self {
        self.put(&value.to_le_bytes())
    }
    /// Appends a little-endian integer.
    fn put_u32(&mut self, value: u32) -> &mut Self {
        self.put(&value.to_le_bytes())
    }
    /// Appends a little-endian integer.
    fn put_u64(&mut self, value: u64) -> &mut Self {
        self.put(&value.to_le_bytes())
    }
    /// Appends a little-endian integer.
    fn put_i128(&mut self, value: i128) -> &mut Self {
        self.put(&value.to_le_bytes())
    }
    /// Appends bytes behind their `u32` length. Callers bound the length beforehand.
    fn put_var(&mut self, bytes: &[u8]) -> &mut Self {
        let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        self.put_u32(len).put(bytes)
    }
}

impl Put for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.extend_from_slice(bytes);
        self
    }
}
