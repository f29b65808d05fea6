//! Netting of a queue that stands in files: what settles together, told as a table, as JSON and as a picture.
mod report;
mod svg;
mod table;

pub use report::{Line, Report, Sums};
pub use svg::svg;
pub use table::table;
pub(crate) use table::{columns, head, percent};
