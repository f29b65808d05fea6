//! Every bound on the size of a certificate file; those of a case are in `causeway_netting::limits`.

/// Largest certificate file, in bytes.
pub const CERTIFICATE_BYTES_MAX: usize = 1 << 30;

/// Longest name of a participant, a currency or a row, in bytes.
pub const NAME_BYTES_MAX: usize = causeway_netting::limits::CSV_LINE_BYTES_MAX;
