//! Enemies: each meets a named refusal or close code, while another bank pays as if nothing were.
mod certificates;
mod forms;
mod handshakes;
mod shares;
mod signatures;
mod slow;
