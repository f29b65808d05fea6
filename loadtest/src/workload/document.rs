//! Documents that travel beside payments.
use causeway_message::document::Document;
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
    template: Vec<u8>,
}

impl Papers {
    pub fn new(documents: Documents) -> Self {
        Self {
            template: TEXT.iter().copied().cycle().take(documents.bytes).collect(),
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
        for (at, record) in records.iter_mut().enumerate() {
            let again = due
                .lines
                .get(at)
                .is_some_and(|line| matches!(line.expects, Expects::Again | Expects::Reused));
            if again || random.next() >> 32 >= bound {
                continue;
            }
            let document = Document {
                salt: random.id(),
                text: self.template.clone(),
            };
            record.document_digest = document.digest();
            documents.push(document);
        }
    }
}
