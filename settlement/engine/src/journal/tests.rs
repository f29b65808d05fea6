//! Tests of the journal: each is named by the sentence it proves.
mod damage;
mod directory;
mod fuzz;
mod live;
mod measure;
mod resume;
mod round_trip;
mod support;
mod torn;
