//! Every message of the wire: read, and written again as the same bytes.
use causeway_message::batch::{BatchHead, BatchView};
use causeway_message::codec::Put;
use causeway_message::control::{self, ControlView};
use causeway_message::frame::{self, Template};
use causeway_message::receipt::Receipt;
use causeway_message::verify::Claim;
use causeway_message::wire::{
    Accounts, AnswersMessage, Balances, Consistency, Credits, Days, Directory, Explanation, Exposure,
    ExposureQuery, FeedPage, GovernanceLines, GovernanceQuery, Hello, HistoryLines, HistoryQuery,
    InstructionKey, QueueLines, QueueQuery, StatementLines, StatementQuery, StatusAnswer, Windows,
    read_document, read_number, read_refusal, write_document, write_number, write_refusal,
};
use causeway_message::{FormatError, document};
use std::sync::LazyLock;
use zerocopy::IntoBytes;

use crate::common::{messages, parties};
use crate::support::{self, Input, fuzz};

static SAMPLES: LazyLock<Vec<Vec<u8>>> =
    LazyLock::new(|| messages::all().into_iter().map(|(_, bytes)| bytes).collect());

/// Bytes of the message header and a batch's block.
const BATCH_HEAD_BYTES: usize = frame::HEADER_BYTES + 160;

/// Reads a message and writes it again.
fn again(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let (template, reader) = frame::open(bytes)?;
    Ok(match template {
        Template::Batch => batch_again(bytes)?,
        Template::ControlBatch => control_again(bytes)?,
        Template::Documents => {
            let (number, documents) = document::parse(bytes)?;
            document::build(number, &documents).expect("what was read fits")
        }
        Template::Answers => AnswersMessage::read(reader)?.write(),
        Template::SessionOpened => Hello::read(bytes)?.write(),
        Template::FeedPage => FeedPage::read(reader)?.write(),
        Template::Refused => write_refusal(&read_refusal(reader)?),
        Template::Balances => Balances::read(reader)?.write(),
        Template::StatusQuery | Template::ReceiptQuery | Template::ExplainQuery => {
            InstructionKey::read(reader)?.write(template)
        }
        Template::StatusAnswer => StatusAnswer::read(reader)?.write(),
        Template::Receipt => Receipt::read(bytes)?.write(),
        Template::Consistency => Consistency::read(reader)?.write(),
        Template::Document => write_document(&read_document(reader)?),
        Template::Directory => Directory::read(reader)?.write(),
        Template::Explanation => Explanation::read(reader)?.write(),
        Template::QueueQuery => QueueQuery::read(reader)?.write(),
        Template::QueueLines => QueueLines::read(reader)?.write(),
        Template::Days => Days::read(reader)?.write(),
        Template::Accounts => Accounts::read(reader)?.write(),
        Template::HistoryQuery => HistoryQuery::read(reader)?.write(),
        Template::HistoryLines => HistoryLines::read(reader)?.write(),
        Template::StatementQuery => StatementQuery::read(reader)?.write(),
        Template::StatementLines => StatementLines::read(reader)?.write(),
        Template::GovernanceQuery => GovernanceQuery::read(reader)?.write(),
        Template::GovernanceLines => GovernanceLines::read(reader)?.write(),
        Template::Credits => Credits::read(reader)?.write(),
        Template::ExposureQuery => ExposureQuery::read(reader)?.write(),
        Template::Exposure => Exposure::read(reader)?.write(),
        Template::Windows => Windows::read(reader)?.write(),
        Template::OpenSession
        | Template::Subscribe
        | Template::BalanceQuery
        | Template::ConsistencyQuery
        | Template::AccountQuery
        | Template::DaysQuery
        | Template::CreditQuery
        | Template::WindowsQuery
        | Template::DirectoryQuery => write_number(template, read_number(reader)?),
        // The server reads its two numbers by itself.
        Template::DocumentQuery => bytes.to_vec(),
    })
}

fn batch_again(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let view = BatchView::parse(bytes)?;
    let claim = Claim::read(bytes).expect("the whole was read");
    assert_eq!(claim.number, view.block.number.get());
    let mut out = frame::start(Template::Batch, bytes.len());
    out.put(view.block.as_bytes());
    frame::put_group(&mut out, 128, view.records.len());
    out.put(view.records.as_bytes()).put_var(view.extensions);
    Ok(out)
}

/// Written again through the function that signs; the header is then the signer's own.
fn control_again(bytes: &[u8]) -> Result<Vec<u8>, FormatError> {
    let view = ControlView::parse(bytes)?;
    let records: Option<Vec<_>> = view
        .records
        .iter()
        .map(|record| Some((record.instruction_id, record.control.clone()?)))
        .collect();
    // A record that is not understood stays in the batch, as bytes.
    let Some(records) = records else {
        return Ok(bytes.to_vec());
    };
    let head: BatchHead = parties::head(parties::AGENT, 1, 1, 1);
    let mut out = control::build(&head, &records, &parties::key(1)).expect("what was read fits");
    out.splice(..BATCH_HEAD_BYTES, bytes[..BATCH_HEAD_BYTES].iter().copied());
    Ok(out)
}

#[test]
fn a_message_that_reads_is_written_the_same() {
    fuzz!("message", &SAMPLES, |input: &Input| {
        if let Ok(bytes) = again(&input.bytes) {
            assert_eq!(
                bytes,
                input.bytes,
                "{:?}",
                frame::open(&input.bytes).map(|(t, _)| t)
            );
        }
    });
}

#[test]
fn a_message_behind_any_header_that_reads_is_written_the_same() {
    fuzz!("body", &SAMPLES, |input: &Input| {
        for template in Template::ALL {
            let mut bytes = frame::start(*template, input.bytes.len());
            bytes.extend(input.bytes.get(frame::HEADER_BYTES..).unwrap_or_default());
            if let Ok(again) = again(&bytes) {
                assert_eq!(again, bytes, "{template:?}");
            }
        }
    });
}
