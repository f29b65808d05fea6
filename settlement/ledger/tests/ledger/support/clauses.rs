//! What a line says that an entry told of earlier records, of control actions and of fees.
use std::collections::BTreeMap;

use causeway_ledger::{Deferred, Outcome};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::{InstructionId, ParticipantId, Status};

use super::actions::Names;
use super::expect::Origins;
use super::text::{number, status};

/// A status that an earlier record reached: `settled`, `set_aside=40@B,X` with the amount that moved and who is told.
#[derive(Debug, Clone, Copy)]
struct Effect<'a> {
    label: &'a str,
    status: Status,
    amount: Option<u64>,
    counter_amount: Option<u64>,
    told: Option<&'a str>,
}

impl<'a> Effect<'a> {
    fn read(label: &'a str, text: &'a str) -> Self {
        let (text, told) = text
            .split_once('@')
            .map_or((text, None), |(text, told)| (text, Some(told)));
        let (text, amount) = text
            .split_once('=')
            .map_or((text, None), |(text, amount)| (text, Some(amount)));
        let (amount, counter) = match amount.and_then(|amount| amount.split_once('/')) {
            Some((amount, counter)) => (Some(amount), Some(counter)),
            None => (amount, None),
        };
        Self {
            label,
            status: status(text),
            amount: amount.map(number),
            counter_amount: counter.map(number),
            told,
        }
    }

    fn holds(&self, outcome: &Outcome, effect: &Deferred, names: &Names) {
        if let Some(amount) = self.amount {
            assert_eq!(effect.amount, amount, "another amount moved of {}", self.label);
        }
        let counter = self.counter_amount.unwrap_or(0);
        if self.amount.is_some() {
            assert_eq!(
                effect.counter_amount, counter,
                "another amount came back of {}",
                self.label
            );
        }
        if let Some(told) = self.told {
            let expected: Vec<ParticipantId> = told
                .split(',')
                .filter(|name| !name.is_empty())
                .map(|name| names.of(name))
                .collect();
            assert_eq!(
                told_of(outcome, effect),
                expected,
                "others are told of {}",
                self.label
            );
        }
    }
}

/// Who is told of an effect: submitter, creditor, approver.
fn told_of(outcome: &Outcome, effect: &Deferred) -> Vec<ParticipantId> {
    let submitter = effect.told.submitter.then_some(effect.submitter);
    let creditor = effect
        .told
        .creditor
        .then(|| ParticipantId(effect.record.creditor.get()));
    let mut told: Vec<ParticipantId> = submitter.into_iter().chain(creditor).collect();
    told.extend(effect.told.approver);
    let exchange = outcome.exchange(effect);
    let hops = exchange.iter().flat_map(|exchange| &exchange.hops);
    let mut providers: Vec<ParticipantId> = hops.map(|hop| hop.provider).collect();
    providers.dedup();
    told.extend(providers);
    let named = extension::find(&effect.extensions, ExtensionType::Approver).and_then(extension::number);
    let approver = effect.told.approver.map(|approver| approver.0);
    assert!(
        approver.is_none() || approver == named,
        "an approver that is another"
    );
    told
}

/// What follows the expectation of a line, from `;` on.
#[derive(Debug, Clone, Default)]
pub struct Clauses<'a> {
    effects: Vec<Effect<'a>>,
    pub notices: Vec<(String, Status)>,
    tells: Option<(&'a str, u64)>,
    /// Payer, collector, amount.
    fees: Vec<(&'a str, &'a str, u64)>,
}

impl<'a> Clauses<'a> {
    /// True if the words begin a clause and not another statement.
    pub fn is_one(text: &str) -> bool {
        matches!(
            text.split_whitespace().next(),
            Some("effects" | "notices" | "tells" | "fees")
        )
    }

    pub fn add(&mut self, text: &'a str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[0] {
            "effects" => self
                .effects
                .extend(words[1..].chunks(2).map(|pair| Effect::read(pair[0], pair[1]))),
            "notices" => {
                let pairs = words[1..]
                    .chunks(2)
                    .map(|pair| (pair[0].to_owned(), status(pair[1])));
                self.notices.extend(pairs);
            }
            "fees" => {
                let triples = words[1..].chunks(3).map(|one| (one[0], one[1], number(one[2])));
                self.fees.extend(triples);
            }
            _ => self.tells = Some((words[1], number(words[2]))),
        }
    }

    /// Holds effects and notices to what was told: all of them, in order, none else.
    pub fn hold(
        &self,
        outcome: &Outcome,
        labels: &BTreeMap<InstructionId, String>,
        names: &Names,
        origins: &Origins,
    ) {
        let effects: Vec<(&str, Status)> = outcome
            .deferred
            .iter()
            .map(|d| (labels[&d.record.id()].as_str(), d.status))
            .collect();
        let expected: Vec<(&str, Status)> = self.effects.iter().map(|e| (e.label, e.status)).collect();
        assert_eq!(effects, expected, "other effects on earlier records");
        for (effect, deferred) in self.effects.iter().zip(&outcome.deferred) {
            effect.holds(outcome, deferred, names);
        }
        let fees: Vec<_> = outcome
            .fees
            .iter()
            .map(|f| (f.payer, f.collector, f.amount))
            .collect();
        let expected = self.fees.iter();
        let expected: Vec<_> = expected
            .map(|(payer, collector, amount)| (names.of(payer), names.of(collector), *amount))
            .collect();
        assert_eq!(fees, expected, "other fees were billed");
        for d in &outcome.deferred {
            assert_eq!(
                (d.entry, d.ordinal),
                origins[&(d.submitter, d.record.id())],
                "an effect's origin"
            );
        }
        let notices: Vec<(String, Status)> = outcome
            .notices
            .iter()
            .map(|n| (labels[&n.id].clone(), n.status))
            .collect();
        assert_eq!(notices, self.notices, "other notices");
        for n in &outcome.notices {
            assert_eq!(
                (n.entry, n.ordinal),
                origins[&(n.proposer, n.id)],
                "a notice's origin"
            );
        }
        if let Some((subject, amount)) = self.tells {
            let notice = outcome.notices.last().expect("somebody is told");
            let subject = (subject != "nobody").then(|| names.of(subject));
            assert_eq!(
                (notice.subject, notice.amount),
                (subject, amount),
                "another is told"
            );
        }
    }
}
