//! Netting of a queue that stands in files: what settles together, told as a table, as JSON and as a picture; and of
//! a day of arrivals, under several modes side by side.
mod day;
mod day_json;
mod report;
mod svg;
mod table;

pub use day::{DayReport, ModeReport, Unit, day_table};
pub use day_json::day_json;
pub use report::{Line, Report, Sums};
pub use svg::svg;
pub use table::table;

pub(crate) use table::{cells, columns, head};

/// Names of the classes, in order of the queue.
const CLASSES: [&str; 3] = ["urgent", "high", "normal"];
