//! Scenarios: those that are shipped, those that are refused and with which words, and overrides.
mod refused;
mod set;
mod shipped;
