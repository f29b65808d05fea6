//! What a node is seen to say, held to what it must say.
mod answers;
mod checkpoint;
mod complete;
mod feed;
mod query;
mod receipt;

pub use feed::FeedReader;

pub(super) use checkpoint::Notes;
