//! The server against hostile clients, the client against a lying node, and both through failures.
mod bystander;
mod node;
mod pki;
mod raw;
mod world;

mod admission;
mod coalescing;
mod documents;
mod enemies;
mod frames;
mod governed;
mod histories;
mod lying_answers;
mod lying_feed;
mod lying_log;
mod lying_queries;
mod overload;
mod pipeline;
mod random;
mod refusals;
mod restart;
mod resume;
mod statements;
mod treasury;
