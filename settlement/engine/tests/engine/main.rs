//! The engine as a whole: what it answers, keeps, proves and tells, also after restarts, damage and forgery.

mod support;

mod answers;
mod clock_at_start;
mod documents;
mod every_byte;
mod feeds;
mod forgery;
mod governed;
mod histories;
mod idle;
mod intake;
mod keys;
mod netting;
mod one_pass;
mod receipts;
mod refusals;
mod restart;
mod rules;
mod sessions;
mod slow_readers;
mod starts;
mod statements;
mod torn;
mod verified;
