//! Documents that travel beside payments.
use causeway_message::document::{Document, Text, digests};
use causeway_message::record::Instruction;

use super::due::{Due, Expects};
use crate::plan::Documents;
use crate::random::Random;

/// Text that documents are cut from, as repetitive as messages are.
const TEXT: &[u8] =
    b"<CdtTrfTxInf><PmtId><EndToEndId>NOTPROVIDED</EndToEndId></PmtId><ChrgBr>SHAR</ChrgBr></CdtTrfTxInf>";

/// Makes documents.
#[derive(Debug)]
pub(super) struct Papers {
    documents: Documents,
    template: Text,
}

impl Papers {
    pub fn new(documents: Documents) -> Self {
        Self {
            template: TEXT
                .iter()
                .copied()
                .cycle()
                .take(documents.bytes)
                .collect::<Vec<u8>>()
                .into(),
            documents,
        }
    }

    /// Gives a share of the records a document each. What is sent again keeps the digest that it had: the node holds
    /// that document.
    pub fn add(
        &self,
        records: &mut [Instruction],
        due: &Due,
        documents: &mut Vec<Document>,
        random: &mut Random,
    ) {
        let bound = super::bound(self.documents.share);
        let mut of = Vec::with_capacity(records.len());
        for at in 0..records.len() {
            let again = due
                .lines
                .get(at)
                .is_some_and(|line| matches!(line.expects, Expects::Again | Expects::Reused));
            if again || random.next() >> 32 >= bound {
                continue;
            }
            of.push(at);
            documents.push(Document {
                salt: random.id(),
                text: self.template.clone(),
            });
        }
        let given = documents.split_at(documents.len() - of.len()).1;
        for (at, digest) in of.into_iter().zip(digests(given)) {
            records[at].document_digest = digest;
        }
    }
}
