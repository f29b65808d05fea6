//! Every kind of lie is a fault of the right rule.
