//! One question, one answer.
use causeway_message::FormatError;
use causeway_message::codec::Reader;
use causeway_message::frame::{self, Template};
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::wire::{
    ExposureQuery, GovernanceQuery, HistoryQuery, InstructionKey, QueueQuery, StatementQuery, read_number,
};
use quinn::SendStream;

use super::connection::Stream;
use crate::error::ClientError;
use crate::service::Query;

fn document_place(mut r: Reader<'_>) -> Result<Query, FormatError> {
    let entry = r.u64("document.entry")?;
    let ordinal = r.u32("document.ordinal")?;
    r.zeros(4, "document.reserved")?;
    r.end("document")?;
    Ok(Query::Document(entry, ordinal))
}

fn currency(r: Reader<'_>) -> Result<u16, FormatError> {
    u16::try_from(read_number(r)?)
        .map_err(|_| FormatError::rule("balance.currency", "is not an ISO 4217 numeric code"))
}

fn parse(message: &[u8]) -> Result<Query, Refusal> {
    let (template, reader) = frame::open(message)?;
    Ok(match template {
        Template::BalanceQuery => Query::Balances(currency(reader)?),
        Template::StatusQuery => Query::Status(InstructionKey::read(reader)?),
        Template::ReceiptQuery => Query::Receipt(InstructionKey::read(reader)?),
        Template::ConsistencyQuery => Query::Consistency(read_number(reader)?),
        Template::DocumentQuery => document_place(reader)?,
        Template::DirectoryQuery => Query::Directory(read_number(reader)?),
        Template::ExplainQuery => Query::Explain(InstructionKey::read(reader)?),
        Template::QueueQuery => Query::Queue(QueueQuery::read(reader)?),
        Template::AccountQuery => Query::Accounts(currency(reader)?),
        Template::DaysQuery => Query::Days(currency(reader)?),
        Template::CreditQuery => Query::Credits(currency(reader)?),
        Template::ExposureQuery => Query::Exposure(ExposureQuery::read(reader)?),
        Template::WindowsQuery => Query::Windows(currency(reader)?),
        Template::HistoryQuery => Query::History(HistoryQuery::read(reader)?),
        Template::StatementQuery => Query::Statement(StatementQuery::read(reader)?),
        Template::GovernanceQuery => Query::Governance(GovernanceQuery::read(reader)?),
        _ => {
            return Err(Refusal::new(
                RefusalCode::OutOfOrder,
                "a stream begins with a session, a feed or a query",
            ));
        }
    })
}

pub(super) async fn serve(stream: &Stream, message: &[u8], mut send: SendStream) -> Result<(), ClientError> {
    let query = match parse(message) {
        Ok(query) => query,
        Err(refusal) => return stream.refuse(&mut send, &refusal).await,
    };
    // Kept until the answer is taken: answers that nobody reads are bounded by it.
    let _question = stream.participant.question().await;
    let (node, participant) = (stream.state.node.clone(), stream.participant.id);
    let answer = tokio::task::spawn_blocking(move || node.query(participant, query)).await;
    match answer.unwrap_or_else(|_| Err(Refusal::new(RefusalCode::Internal, ""))) {
        Ok(message) => stream.tell(&mut send, message).await,
        Err(refusal) => stream.refuse(&mut send, &refusal).await,
    }
}
