//! Vector files: compared with what the code builds, rewritten when `CAUSEWAY_WRITE_VECTORS=1`.
use serde_json::Value;
use std::path::PathBuf;

pub use causeway_message::ids::hex;

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(name)
}

/// Compares what the code builds with the file, or writes the file when asked to.
pub fn check(name: &str, built: &Value) {
    let text = format!("{built:#}\n");
    let path = path(&format!("{name}.json"));
    if std::env::var_os("CAUSEWAY_WRITE_VECTORS").is_some_and(|v| v == "1") {
        std::fs::write(&path, text).expect("the vectors are writable");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let found: Value = serde_json::from_str(&found).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    for (field, value) in built.as_object().expect("a file holds one object") {
        assert_eq!(found.get(field), Some(value), "{}: {field}", path.display());
    }
    assert_eq!(&found, built, "{}", path.display());
}

/// Bytes from hexadecimal text.
pub fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .trim()
        .chars()
        .map(|c| c.to_digit(16).expect("a hexadecimal digit"))
        .collect();
    digits
        .chunks(2)
        .map(|pair| (pair[0] * 16 + pair[1]) as u8)
        .collect()
}
