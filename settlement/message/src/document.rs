//! Documents: ISO 20022 text that travels beside a batch. The log holds only a salted digest.
use crate::codec::{Put, within};
use crate::digest::{Digest, tagged};
use crate::frame::{self, Template};
use crate::limits::{BATCH_RECORDS_MAX, DOCUMENT_BYTES_MAX, DOCUMENTS_BYTES_MAX};
use crate::{FormatError, tags};

/// Bytes of the salt: too many to guess a document from its digest.
pub const SALT_BYTES: usize = 16;

/// A document with its salt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Random.
    pub salt: [u8; SALT_BYTES],
    /// The text.
    pub text: Vec<u8>,
}

impl Document {
    /// The digest that a record carries.
    pub fn digest(&self) -> Digest {
        tagged(tags::DOCUMENT, &[&self.salt, &self.text])
    }
}

/// Builds the frame that carries documents for the batch with `number` behind it.
pub fn build(number: u64, documents: &[Document]) -> Result<Vec<u8>, FormatError> {
    within(documents.len(), BATCH_RECORDS_MAX, "documents.count")?;
    let mut out = frame::start(Template::Documents, 64);
    out.put_u64(number);
    frame::put_group(&mut out, SALT_BYTES, documents.len());
    for document in documents {
        within(document.text.len(), DOCUMENT_BYTES_MAX, "document.text")?;
        out.put(&document.salt).put_var(&document.text);
    }
    within(out.len(), DOCUMENTS_BYTES_MAX, "documents.bytes")?;
    Ok(out)
}

/// Reads what [`build`] built: the batch number and the documents.
pub fn parse(bytes: &[u8]) -> Result<(u64, Vec<Document>), FormatError> {
    within(bytes.len(), DOCUMENTS_BYTES_MAX, "documents.bytes")?;
    let mut r = frame::expect(bytes, Template::Documents)?;
    let number = r.u64("documents.number")?;
    let count = frame::group(&mut r, SALT_BYTES, "documents.group")?;
    within(count, BATCH_RECORDS_MAX, "documents.count")?;
    let documents = (0..count)
        .map(|_| {
            let salt = r.array("document.salt")?;
            Ok(Document {
                salt,
                text: r.var(DOCUMENT_BYTES_MAX, "document.text")?.to_vec(),
            })
        })
        .collect::<Result<_, FormatError>>()?;
    r.end("documents")?;
    Ok((number, documents))
}
