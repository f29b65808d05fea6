//! Questions to the node.
use causeway_message::ParticipantId;
use causeway_message::codec::Put;
use causeway_message::digest::Digest;
use causeway_message::document::Document;
use causeway_message::frame::{self, Template};
use causeway_message::limits::PARTICIPANTS_MAX;
use causeway_message::receipt::{Receipt, ReceiptFacts};
use causeway_message::wire::{
    Accounts, Balances, Credits, Days, Directory, DirectoryLine, Explanation, Exposure, ExposureQuery,
    InstructionKey, QueueLine, QueueLines, QueueQuery, StakeLine, StatusAnswer, Windows, read_document,
    write_number,
};

use super::Client;
use crate::error::ClientError;
use crate::limits::EXPOSURE_LINES_MAX;

impl Client {
    /// The participant's balances; of one currency, or of all with zero.
    ///
    /// # Errors
    /// If the node refuses or the connection is lost; so for every question.
    pub async fn balances(&self, currency: u16) -> Result<Balances, ClientError> {
        let message = write_number(Template::BalanceQuery, u64::from(currency));
        let answer = self.link.ask(message, Template::Balances).await?;
        Ok(Balances::read(frame::expect(&answer, Template::Balances)?)?)
    }

    /// What became of an instruction.
    ///
    /// # Errors
    /// As for every question.
    pub async fn status(&self, key: InstructionKey) -> Result<StatusAnswer, ClientError> {
        let answer = self
            .link
            .ask(key.write(Template::StatusQuery), Template::StatusAnswer)
            .await?;
        Ok(StatusAnswer::read(frame::expect(
            &answer,
            Template::StatusAnswer,
        )?)?)
    }

    /// Why an instruction waits, as the node judges it.
    ///
    /// # Errors
    /// As for every question.
    pub async fn explain(&self, key: InstructionKey) -> Result<Explanation, ClientError> {
        let message = key.write(Template::ExplainQuery);
        let answer = self.link.ask(message, Template::Explanation).await?;
        Ok(Explanation::read(frame::expect(&answer, Template::Explanation)?)?)
    }

    /// Where the present business day of every currency stands (zero), or that of one and all its days ahead.
    ///
    /// # Errors
    /// As for every question.
    pub async fn days(&self, currency: u16) -> Result<Days, ClientError> {
        let message = write_number(Template::DaysQuery, currency.into());
        let answer = self.link.ask(message, Template::Days).await?;
        Ok(Days::read(frame::expect(&answer, Template::Days)?)?)
    }

    /// One page of the participant's own queue.
    ///
    /// # Errors
    /// As for every question.
    pub async fn queue_page(&self, query: QueueQuery) -> Result<QueueLines, ClientError> {
        let answer = self.link.ask(query.write(), Template::QueueLines).await?;
        Ok(QueueLines::read(frame::expect(&answer, Template::QueueLines)?)?)
    }

    /// What waits of the participant, of one currency or of all with zero: at most `most` payments, and the log index
    /// after which the first page stands. The queue may move between two pages.
    ///
    /// # Errors
    /// As for every question.
    pub async fn queue(&self, currency: u16, most: usize) -> Result<(u64, Vec<QueueLine>), ClientError> {
        let mut first = 0;
        let (mut index, mut lines) = (None, Vec::new());
        loop {
            let page = self.queue_page(QueueQuery { currency, first }).await?;
            index = index.or(Some(page.index));
            // A page that adds nothing and still has another behind it would keep the client asking for ever.
            let behind = first + page.lines.len() as u64;
            if page.next != 0 && (page.next != behind || page.lines.is_empty()) {
                return Err(ClientError::Unproven(
                    "the pages of the queue do not follow each other",
                ));
            }
            lines.extend(page.lines);
            if page.next == 0 || lines.len() >= most {
                lines.truncate(most);
                return Ok((index.unwrap_or(0), lines));
            }
            first = page.next;
        }
    }

    /// The participant's accounts with limits and reservations; of one currency, or of all with zero.
    ///
    /// # Errors
    /// As for every question.
    pub async fn accounts(&self, currency: u16) -> Result<Accounts, ClientError> {
        let message = write_number(Template::AccountQuery, u64::from(currency));
        let answer = self.link.ask(message, Template::Accounts).await?;
        Ok(Accounts::read(frame::expect(&answer, Template::Accounts)?)?)
    }

    /// The participant's credit lines and collateral; of one currency, or of all with zero.
    ///
    /// # Errors
    /// As for every question.
    pub async fn credits(&self, currency: u16) -> Result<Credits, ClientError> {
        let message = write_number(Template::CreditQuery, u64::from(currency));
        let answer = self.link.ask(message, Template::Credits).await?;
        Ok(Credits::read(frame::expect(&answer, Template::Credits)?)?)
    }

    /// What is at stake with a participant: all its lines, of one currency or of all with zero. The ledger may move between
    /// two pages; index, accounts and quotes are those of the first.
    ///
    /// # Errors
    /// As for every question; `not_found` for who may not ask.
    pub async fn exposure(&self, participant: ParticipantId, currency: u16) -> Result<Exposure, ClientError> {
        let mut query = ExposureQuery {
            participant,
            currency,
            first: 0,
        };
        let mut told: Option<Exposure> = None;
        loop {
            let answer = self.link.ask(query.write(), Template::Exposure).await?;
            let page = Exposure::read(frame::expect(&answer, Template::Exposure)?)?;
            let mut keys = page.lines.iter().map(StakeLine::key);
            let last = keys.next_back().unwrap_or(query.first);
            // A page that adds nothing and still has another behind it would keep the client asking for ever.
            if page.next != 0 && (page.next <= last || page.lines.is_empty()) {
                return Err(ClientError::Unproven(
                    "the pages of the exposure do not follow each other",
                ));
            }
            let next = page.next;
            let all = match &mut told {
                Some(all) => {
                    all.lines.extend(page.lines);
                    all
                }
                None => told.insert(page),
            };
            if all.lines.len() > EXPOSURE_LINES_MAX {
                return Err(ClientError::Unproven("the exposure has no end"));
            }
            if next == 0 {
                all.next = 0;
                return Ok(all.clone());
            }
            query.first = next;
        }
    }

    /// The netting windows that are open; of one currency, or of all with zero. An operator, a regulator or a settlement
    /// agent sees the positions of all, others their own.
    ///
    /// # Errors
    /// As for every question.
    pub async fn windows(&self, currency: u16) -> Result<Windows, ClientError> {
        let message = write_number(Template::WindowsQuery, u64::from(currency));
        let answer = self.link.ask(message, Template::Windows).await?;
        Ok(Windows::read(frame::expect(&answer, Template::Windows)?)?)
    }

    /// The receipt of an instruction, checked against the pinned log key.
    ///
    /// # Errors
    /// As for every question, and if the receipt does not hold.
    pub async fn receipt(&self, key: InstructionKey) -> Result<(Receipt, ReceiptFacts), ClientError> {
        let answer = self
            .link
            .ask(key.write(Template::ReceiptQuery), Template::Receipt)
            .await?;
        let receipt = Receipt::read(&answer)?;
        let checkpoint = self.link.log().observe(&receipt.checkpoint)?;
        let facts = receipt.verify_under(&checkpoint)?;
        if facts.ledger != self.link.config().ledger
            || facts.submitter != key.submitter
            || receipt.record.id() != key.id
        {
            return Err(ClientError::Unproven(
                "the receipt is that of another instruction",
            ));
        }
        Ok((receipt, facts))
    }

    /// The document of the record at this entry and place; it must have the digest that the record carries.
    ///
    /// # Errors
    /// As for every question, and if the document is another.
    pub async fn document(&self, entry: u64, ordinal: u32, digest: &Digest) -> Result<Document, ClientError> {
        let mut message = frame::start(Template::DocumentQuery, 16);
        message.put_u64(entry).put_u32(ordinal).put_u32(0);
        let answer = self.link.ask(message, Template::Document).await?;
        let document = read_document(frame::expect(&answer, Template::Document)?)?;
        if document.digest() != *digest {
            return Err(ClientError::Unproven(
                "the document does not have the digest of the record",
            ));
        }
        Ok(document)
    }

    /// Everybody who takes part.
    ///
    /// # Errors
    /// As for every question.
    pub async fn directory(&self) -> Result<Vec<DirectoryLine>, ClientError> {
        let mut lines = Vec::new();
        let mut next = 0;
        loop {
            let message = write_number(Template::DirectoryQuery, next);
            let answer = self.link.ask(message, Template::Directory).await?;
            let page = Directory::read(frame::expect(&answer, Template::Directory)?)?;
            lines.extend(page.lines);
            if lines.len() > PARTICIPANTS_MAX {
                return Err(ClientError::Unproven("the directory has no end"));
            }
            if page.next <= next {
                return Ok(lines);
            }
            next = page.next;
        }
    }

    /// Checks that the log only grew since the checkpoint known before, and remembers the newer one.
    ///
    /// # Errors
    /// [`ClientError::Forked`] if it did not.
    pub async fn check_consistency(&self) -> Result<(), ClientError> {
        let connection = self.link.connection().await?;
        self.link.check(&connection).await
    }
}
