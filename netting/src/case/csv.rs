//! A strict reader of comma-separated values (RFC 4180): one header, rows of as many fields, quotes only around a
//! whole field.
use super::Wrong;
use crate::limits::CSV_LINE_BYTES_MAX;

/// Rows of a file, first to last.
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    rest: &'a [u8],
    line: u64,
    columns: usize,
}

/// One row: the line on which it begins, and its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// From 1.
    pub line: u64,
    /// First to last.
    pub fields: Vec<String>,
}

/// What is wrong with a row as a whole, or with the field of a column (from 1).
pub type RowError = (u64, usize, Wrong);

impl<'a> Rows<'a> {
    /// Reads the header, which must be exactly this one. If it is not, the first column that differs is named.
    pub fn new(bytes: &'a [u8], header: &'static str) -> Result<Self, RowError> {
        let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let columns = header.split(',').count();
        let mut rows = Self {
            rest,
            line: 1,
            columns,
        };
        let wrong = |column| (1, column, Wrong::Header(header));
        let first = rows.line().map_err(|(_, column, _)| wrong(column))?;
        let found = first.map_or_else(Vec::new, |row| row.fields);
        let differs = |at: &usize| found.get(*at).map(String::as_str) != header.split(',').nth(*at);
        match (0..columns.max(found.len())).find(differs) {
            Some(at) => Err(wrong(at + 1)),
            None => Ok(rows),
        }
    }

    /// The next row, with as many fields as the header has.
    fn row(&mut self) -> Result<Option<Row>, RowError> {
        let row = self.line()?;
        match &row {
            Some(Row { line, fields }) if fields.len() != self.columns => {
                let (expected, found) = (self.columns, fields.len());
                Err((*line, found, Wrong::Fields { expected, found }))
            }
            _ => Ok(row),
        }
    }

    /// The next row, with any number of fields.
    fn line(&mut self) -> Result<Option<Row>, RowError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let line = self.line;
        let mut fields = Vec::with_capacity(self.columns);
        let before = self.rest.len();
        loop {
            let column = fields.len() + 1;
            let field = if self.rest.first() == Some(&b'"') {
                self.quoted()
            } else {
                self.bare()
            };
            let field = field.map_err(|wrong| (line, column, wrong))?;
            fields.push(String::from_utf8(field).map_err(|_| (line, column, Wrong::Encoding))?);
            if before - self.rest.len() > CSV_LINE_BYTES_MAX {
                return Err((line, column, Wrong::LineTooLong));
            }
            match self.rest {
                [b',', rest @ ..] => self.rest = rest,
                [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] => {
                    self.rest = rest;
                    self.line += 1;
                    break;
                }
                [] => break,
                _ => return Err((line, column, Wrong::StrayQuote)),
            }
        }
        Ok(Some(Row { line, fields }))
    }

    /// A field without quotes, up to what ends it.
    fn bare(&mut self) -> Result<Vec<u8>, Wrong> {
        let window = &self.rest[..self.rest.len().min(CSV_LINE_BYTES_MAX + 1)];
        let end = window.iter().position(|byte| matches!(byte, b',' | b'\n' | b'"'));
        let end = end.unwrap_or(window.len());
        if window.get(end) == Some(&b'"') {
            return Err(Wrong::StrayQuote);
        }
        if end > CSV_LINE_BYTES_MAX {
            return Err(Wrong::LineTooLong);
        }
        // A carriage return belongs to the end of the line; anywhere else it is part of the field.
        let ends_line = window.get(end) == Some(&b'\n') && end > 0 && window[end - 1] == b'\r';
        let end = if ends_line { end - 1 } else { end };
        let field = window[..end].to_vec();
        self.rest = &self.rest[end..];
        Ok(field)
    }

    /// A quoted field; the reader stands on its first quote.
    fn quoted(&mut self) -> Result<Vec<u8>, Wrong> {
        let mut field = Vec::new();
        let mut rest = &self.rest[1..];
        loop {
            match rest {
                [b'"', b'"', more @ ..] => {
                    field.push(b'"');
                    rest = more;
                }
                [b'"', more @ ..] => {
                    self.rest = more;
                    return Ok(field);
                }
                [byte, more @ ..] => {
                    self.line += u64::from(*byte == b'\n');
                    field.push(*byte);
                    rest = more;
                }
                [] => return Err(Wrong::OpenQuote),
            }
            if field.len() > CSV_LINE_BYTES_MAX {
                return Err(Wrong::LineTooLong);
            }
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Row, RowError>;

    /// Ends after the first error.
    fn next(&mut self) -> Option<Self::Item> {
        let row = self.row();
        if row.is_err() {
            self.rest = &[];
        }
        row.transpose()
    }
}
