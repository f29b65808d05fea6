//! Limits on what is read from a file. They bound memory and time before anything is understood.

/// Largest file by default.
pub const FILE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Deepest nesting of elements; the schemas need about 20.
pub const DEPTH_MAX: usize = 64;

/// Most elements of a file.
pub const ELEMENTS_MAX: usize = 200_000;

/// Most messages of a file. Each keeps the namespace declarations around it, within one tag, so that they stand alone.
pub const MESSAGES_MAX: usize = 1_024;

/// Longest start tag, attributes included; comparing attributes for repetition is quadratic.
pub const TAG_BYTES_MAX: usize = 8 * 1024;

/// Most namespace declarations in scope at once; resolving a prefix scans them.
pub const NAMESPACES_MAX: usize = 256;

/// Most findings reported for one file.
pub const FINDINGS_MAX: usize = 50;

/// Most characters of foreign text repeated in one finding.
pub const QUOTED_CHARS_MAX: usize = 80;

/// Most characters of a finding's message, and of its place.
pub const FINDING_CHARS_MAX: usize = 500;
