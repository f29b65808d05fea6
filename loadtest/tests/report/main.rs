//! Reports: their page, their text, their files, and two of them beside one another.
mod compare;
mod fixture;
mod form;
mod page;
mod text;
