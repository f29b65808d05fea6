//! Documents: ISO 20022 text that travels beside a batch. The log holds only a salted digest.
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use crate::codec::{Put, within};
use crate::digest::{Digest, hash_all, tagged};
use crate::frame::{self, HEADER_BYTES, Template};
use crate::limits::{BATCH_RECORDS_MAX, DOCUMENT_BYTES_MAX, DOCUMENTS_BYTES_MAX};
use crate::{FormatError, tags};

/// Bytes of the salt: too many to guess a document from its digest.
pub const SALT_BYTES: usize = 16;

/// The bytes of a document. Those of one frame share its buffer: none is copied out of it, and it lives as long as any
/// of them.
#[derive(Clone)]
pub struct Text {
    buffer: Arc<Vec<u8>>,
    from: usize,
    to: usize,
}

impl Text {
    /// The buffer that the text stands in, if nothing else stands in it any more.
    pub fn into_buffer(self) -> Option<Vec<u8>> {
        Arc::into_inner(self.buffer)
    }
}

impl Deref for Text {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.buffer.get(self.from..self.to).unwrap_or_default()
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            from: 0,
            to: bytes.len(),
            buffer: Arc::new(bytes),
        }
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Text {}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// A document with its salt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Random.
    pub salt: [u8; SALT_BYTES],
    /// The text.
    pub text: Text,
}

impl Document {
    /// The digest that a record carries.
    pub fn digest(&self) -> Digest {
        tagged(tags::DOCUMENT, &[&self.salt, &self.text])
    }
}

/// Digests of documents, in their order: they cost little more than half of what they cost one by one.
pub fn digests(documents: &[Document]) -> Vec<Digest> {
    hash_all(documents, |out, document| {
        out.put(tags::DOCUMENT).put(&document.salt).put(&document.text);
    })
}

/// Builds the frame that carries documents for the batch with `number` behind it.
pub fn build(number: u64, documents: &[Document]) -> Result<Vec<u8>, FormatError> {
    within(documents.len(), BATCH_RECORDS_MAX, "documents.count")?;
    // Number and group in front, salt and length with each: reserved at once, since a buffer that grows is copied.
    let mut bytes = 8 + 4;
    for document in documents {
        within(document.text.len(), DOCUMENT_BYTES_MAX, "document.text")?;
        bytes += SALT_BYTES + 4 + document.text.len();
    }
    within(HEADER_BYTES + bytes, DOCUMENTS_BYTES_MAX, "documents.bytes")?;
    let mut out = frame::start(Template::Documents, bytes);
    out.put_u64(number);
    frame::put_group(&mut out, SALT_BYTES, documents.len());
    for document in documents {
        out.put(&document.salt).put_var(&document.text);
    }
    Ok(out)
}

/// Reads what [`build`] built: the batch number and the documents.
pub fn parse(bytes: &[u8]) -> Result<(u64, Vec<Document>), FormatError> {
    within(bytes.len(), DOCUMENTS_BYTES_MAX, "documents.bytes")?;
    parse_shared(&Arc::new(bytes.to_vec()))
}

/// The same without a copy: the documents stand in the frame.
pub fn parse_shared(buffer: &Arc<Vec<u8>>) -> Result<(u64, Vec<Document>), FormatError> {
    within(buffer.len(), DOCUMENTS_BYTES_MAX, "documents.bytes")?;
    let mut r = frame::expect(buffer, Template::Documents)?;
    let number = r.u64("documents.number")?;
    let count = frame::group(&mut r, SALT_BYTES, "documents.group")?;
    within(count, BATCH_RECORDS_MAX, "documents.count")?;
    let documents = (0..count)
        .map(|_| {
            let salt = r.array("document.salt")?;
            let bytes = r.var(DOCUMENT_BYTES_MAX, "document.text")?.len();
            let to = buffer.len() - r.rest().len();
            let text = Text {
                buffer: buffer.clone(),
                from: to - bytes,
                to,
            };
            Ok(Document { salt, text })
        })
        .collect::<Result<_, FormatError>>()?;
    r.end("documents")?;
    Ok((number, documents))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(count: u8) -> Vec<Document> {
        let document = |n| Document {
            salt: [n; SALT_BYTES],
            text: vec![n; 50 * usize::from(n)].into(),
        };
        (0..count).map(document).collect()
    }

    #[test]
    fn documents_by_twos_have_the_digest_that_each_has_alone() {
        for count in 0..6 {
            let documents = documents(count);
            let alone: Vec<Digest> = documents.iter().map(Document::digest).collect();
            assert_eq!(digests(&documents), alone);
        }
    }

    #[test]
    fn a_frame_is_as_large_as_was_reserved_and_its_documents_share_it() {
        let documents = documents(4);
        let frame = build(7, &documents).expect("they fit");
        assert_eq!(frame.len(), frame.capacity());
        let address = frame.as_ptr();
        let buffer = Arc::new(frame);
        let (number, mut read) = parse_shared(&buffer).expect("a good frame");
        assert_eq!((number, &read), (7, &documents));
        drop(buffer);
        let last = read.pop().expect("four documents");
        for document in read {
            assert_eq!(document.text.into_buffer(), None, "another one stands in it");
        }
        let buffer = last.text.into_buffer().expect("it was the last one");
        assert_eq!(buffer.as_ptr(), address, "nothing was copied");
    }

    #[test]
    fn documents_that_do_not_fit_are_refused_with_their_number_of_bytes() {
        let large = Document {
            salt: [1; SALT_BYTES],
            text: vec![0; DOCUMENT_BYTES_MAX].into(),
        };
        let refused = build(1, &vec![large; 4]).expect_err("four of the largest are too many");
        let value = (HEADER_BYTES + 12 + 4 * (SALT_BYTES + 4 + DOCUMENT_BYTES_MAX)) as u64;
        let limit = DOCUMENTS_BYTES_MAX as u64;
        let field = "documents.bytes";
        assert_eq!(refused, FormatError::OverLimit { field, value, limit });
    }
}
