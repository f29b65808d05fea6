//! What the store holds of payments received and of questions about them, as far as later messages need it.
use super::Store;
use super::files::write_whole;
use crate::exchange::Exchanged;
use crate::failure::Failure;
use crate::iso::Original;
use crate::references::{Candidate, References};
use causeway_fx::Currency;
use causeway_message::ids::{hex, parse_hex};
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Status};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A credit, as its file tells of it. Files of before know fewer references.
#[derive(Debug, Deserialize)]
struct Credit {
    debtor_id: u32,
    currency: String,
    amount: u64,
    /// Of the whole payment, where a part of it may have been released.
    payment_amount: Option<u64>,
    uetr: String,
    instruction_id: String,
    #[serde(default)]
    interbank: bool,
    message_id: Option<String>,
    /// Of a return: what it pays back.
    #[serde(default)]
    original: Option<String>,
    #[serde(default)]
    references: References,
    /// Of a payment in another currency: how it became what arrived.
    #[serde(default)]
    exchange: Option<IgnoredAny>,
}

/// The question of a debtor's bank whether a settled payment comes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Number of its event in the bank's feed.
    pub number: u64,
    /// When it was asked, or ended.
    pub time: String,
    /// Name of its status.
    pub status: String,
    /// Its record.
    #[serde(with = "super::intents::record_text")]
    pub record: Instruction,
    /// How the payment is named.
    pub references: References,
}

impl Question {
    /// Whether it waits for an answer.
    pub fn is_open(&self) -> bool {
        self.status == Status::CancellationPending.name()
    }

    /// Who asked, under which id.
    pub fn key(&self) -> (ParticipantId, InstructionId) {
        (ParticipantId(self.record.debtor.get()), self.record.id())
    }

    /// The question, as an answer may mean it.
    pub fn candidate(self) -> Candidate {
        Candidate {
            id: self.record.id(),
            party: ParticipantId(self.record.debtor.get()),
            currency: self.record.currency.get(),
            amount: self.record.amount.get(),
            uetr: self.record.uetr,
            interbank: false,
            arrives: None,
            references: self.references,
        }
    }
}

impl Credit {
    fn candidate(self) -> Option<Candidate> {
        let references = References {
            uetr: Some(self.uetr.clone()),
            message_id: self.references.message_id.clone().or(self.message_id),
            ..self.references
        };
        let currency = Currency::from_alpha(&self.currency).ok()?.numeric;
        let amount = self.payment_amount.unwrap_or(self.amount);
        Some(Candidate {
            id: InstructionId(parse_hex(&self.instruction_id)?),
            party: ParticipantId(self.debtor_id),
            currency,
            amount,
            uetr: parse_hex(&self.uetr.replace('-', ""))?,
            interbank: self.interbank,
            arrives: self.exchange.map(|_| (currency, amount)),
            references,
        })
    }
}

impl Store {
    /// The payments received that a message may mean, each once; not those that were returns themselves. Reads every
    /// credit: returns and answers are few.
    ///
    /// # Errors
    /// When a file cannot be read, or is no credit.
    pub fn received(&self, original: &Original) -> Result<Vec<Candidate>, Failure> {
        let uetr = original.uetr;
        let found = self.credits(|one| uetr.is_none_or(|uetr| uetr == one.uetr))?;
        Ok(found.into_values().collect())
    }

    /// The payments received under these ids. Reads every credit, once for all of them.
    ///
    /// # Errors
    /// When a file cannot be read, or is no credit.
    pub fn received_as(
        &self,
        ids: &BTreeSet<InstructionId>,
    ) -> Result<BTreeMap<InstructionId, Candidate>, Failure> {
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        self.credits(|one| ids.contains(&one.id))
    }

    /// Who paid this bank under these ids, be it a return. Reads every credit, once for all of them.
    ///
    /// # Errors
    /// When a file cannot be read, or is no credit.
    pub fn credited(
        &self,
        ids: &BTreeSet<InstructionId>,
    ) -> Result<BTreeSet<(ParticipantId, InstructionId)>, Failure> {
        let mut found = BTreeSet::new();
        if ids.is_empty() {
            return Ok(found);
        }
        for path in json_files(&self.dir.join(super::CREDITS))? {
            let credit: Credit = parsed(&path, &read(&path)?)?;
            let id = parse_hex(&credit.instruction_id).map(InstructionId);
            let id = id.ok_or_else(|| damaged(&path))?;
            if ids.contains(&id) {
                found.insert((ParticipantId(credit.debtor_id), id));
            }
        }
        Ok(found)
    }

    fn credits(
        &self,
        wanted: impl Fn(&Candidate) -> bool,
    ) -> Result<BTreeMap<InstructionId, Candidate>, Failure> {
        let mut found = BTreeMap::new();
        for path in json_files(&self.dir.join(super::CREDITS))? {
            let credit: Credit = parsed(&path, &read(&path)?)?;
            if credit.original.is_some() {
                continue;
            }
            let one = credit.candidate().ok_or_else(|| damaged(&path))?;
            if wanted(&one) {
                found.insert(one.id, one);
            }
        }
        Ok(found)
    }

    /// The questions that this bank was asked.
    ///
    /// # Errors
    /// When a file cannot be read, or is no question.
    pub fn questions(&self) -> Result<Vec<Question>, Failure> {
        let paths = json_files(&self.dir.join(super::REQUESTS))?;
        paths.iter().map(|path| parsed(path, &read(path)?)).collect()
    }

    /// The question with this id.
    ///
    /// # Errors
    /// When its file cannot be read, or is no question.
    pub fn question(&self, id: InstructionId) -> Result<Option<Question>, Failure> {
        let path = self.question_file(id);
        if !path.is_file() {
            return Ok(None);
        }
        parsed(&path, &read(&path)?).map(Some)
    }

    /// Keeps a question, or what became of it.
    ///
    /// # Errors
    /// When the file system fails.
    pub fn keep_question(&self, question: &Question) -> Result<(), Failure> {
        let mut json = serde_json::to_vec_pretty(question).map_err(|error| Failure::Io(error.to_string()))?;
        json.push(b'\n');
        write_whole(&self.question_file(question.record.id()), &json)
    }

    /// Keeps what an own payment came to.
    ///
    /// # Errors
    /// When the file system fails.
    pub fn keep_exchange(&self, id: InstructionId, exchange: &Exchanged) -> Result<(), Failure> {
        let mut json = serde_json::to_vec_pretty(exchange).map_err(|error| Failure::Io(error.to_string()))?;
        json.push(b'\n');
        write_whole(&self.exchange_file(id), &json)
    }

    /// What an own payment came to, if it was converted and that is known.
    ///
    /// # Errors
    /// When its file cannot be read, or says something else.
    pub fn kept_exchange(&self, id: InstructionId) -> Result<Option<Exchanged>, Failure> {
        let path = self.exchange_file(id);
        if !path.is_file() {
            return Ok(None);
        }
        parsed(&path, &read(&path)?).map(Some)
    }

    fn exchange_file(&self, id: InstructionId) -> PathBuf {
        self.dir
            .join(super::EXCHANGES)
            .join(format!("{}.json", hex(&id.0)))
    }

    fn question_file(&self, id: InstructionId) -> PathBuf {
        self.dir
            .join(super::REQUESTS)
            .join(format!("{}.json", hex(&id.0)))
    }
}

fn json_files(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let failed = |error: std::io::Error| Failure::at(dir, "cannot be read", &error);
    let mut paths = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|end| end == "json") {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

fn read(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::at(path, "cannot be read", &error))
}

fn parsed<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|_| damaged(path))
}

fn damaged(path: &Path) -> Failure {
    Failure::Io(format!("{}: the file is damaged", path.display()))
}
