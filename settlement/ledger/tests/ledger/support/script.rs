//! Runs a script line by line.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::{Digest, InstructionId, ParticipantId, Status};

use super::actions::{self, Names};
use super::clauses::Clauses;
use super::expect::{self, Expect, Key, Origins};
use super::records::{self, Payment, head_words};
use super::text::Words;
use super::world::{Entry, Head, World, id_of};

/// A script under way.
pub struct Script {
    pub(super) world: Option<World>,
    pub(super) capacities: (u64, u32),
    pub(super) rules: u16,
    pub(super) names: Names,
    pub(super) labels: BTreeMap<InstructionId, String>,
    payments: BTreeMap<Key, Payment>,
    pub(super) proposals: BTreeMap<String, Digest>,
    /// Proposals that a decision ended.
    pub(super) decided: BTreeSet<String>,
    origins: Origins,
    /// The last batch of instructions: entry and what its records were.
    last: Option<(Entry, Vec<Key>)>,
    pub(super) made: u32,
}

impl Script {
    /// Runs all lines and returns what happened.
    pub fn run(text: &str) -> World {
        let mut script = Self {
            world: None,
            capacities: (10_000, 1_000),
            rules: 1,
            names: Names::default(),
            labels: BTreeMap::new(),
            payments: BTreeMap::new(),
            proposals: BTreeMap::new(),
            decided: BTreeSet::new(),
            origins: Origins::new(),
            last: None,
            made: 0,
        };
        let mut lines = text.lines().map(uncommented);
        let mut number = 0;
        while let Some(line) = lines.next() {
            number += 1;
            let mut block = Vec::new();
            let mut whole = line.to_owned();
            if line.ends_with('{') {
                block = lines.by_ref().take_while(|l| !l.starts_with('}')).collect();
                // `take_while` ate the closing line; its clauses stand in the text.
                let close = text.lines().nth(number + block.len()).map_or("", uncommented);
                whole = format!("{} {}", line.trim_end_matches('{'), close.trim_start_matches('}'));
                number += block.len() + 1;
            }
            // What a test prints when it fails: the line it was at.
            println!("line {number}: {whole}");
            script.line(&whole, &block);
        }
        script.world.expect("a script opens a ledger")
    }

    pub(super) fn world(&mut self) -> &mut World {
        self.world.as_mut().expect("a script opens a ledger first")
    }

    fn line(&mut self, line: &str, block: &[&str]) {
        let mut parts = line
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .peekable();
        while let Some(part) = parts.next() {
            let mut clauses = Clauses::default();
            while let Some(clause) = parts.next_if(|part| Clauses::is_one(part)) {
                clauses.add(clause);
            }
            let (what, expected) = part.split_once("->").unwrap_or((part, ""));
            let expected = (!expected.trim().is_empty()).then(|| Expect::read(expected));
            self.statement(&mut Words::new(what), expected, clauses, block);
        }
    }

    fn statement(
        &mut self,
        words: &mut Words<'_>,
        expected: Option<Expect>,
        clauses: Clauses<'_>,
        block: &[&str],
    ) {
        let told = expected.clone().unwrap_or(Expect::of(Status::Executed));
        match words.peek().unwrap_or("") {
            word if word == "again" || records::kind_of(words).is_some() => {
                let payment = self.payment(words);
                let head = payment.head;
                self.send(
                    head,
                    &[payment],
                    &[expected.expect("a payment's outcome is told")],
                    &clauses,
                );
            }
            "batch" => self.batch(words, block, &clauses),
            "resend" => self.resend(told, &clauses),
            "propose" => self.propose(words, &told, clauses),
            "approve" | "withdraw" => self.decide(words, &told, clauses),
            word if actions::is_action(word) => self.four_eyes(words, &told, clauses),
            word => {
                words.word();
                self.aside(word, words, &clauses);
            }
        }
    }

    /// Who sent records under an id.
    pub(super) fn sent(&self, id: InstructionId) -> impl Iterator<Item = ParticipantId> + '_ {
        let all = self.payments.keys().filter(move |(_, other)| *other == id);
        all.map(|(who, _)| *who)
    }

    fn payment(&mut self, words: &mut Words<'_>) -> Payment {
        self.made += 1;
        let auto = format!("auto-{}", self.made);
        if let Some(kind) = records::kind_of(words) {
            let mut payment = records::read(kind, words, &self.names, &auto);
            words.end();
            if let Some(lock) = payment.lock {
                let mut origins = self.origins.iter().filter(|((_, id), _)| *id == lock);
                let (_, (entry, ordinal)) = origins.next().expect("a lock was asked for before");
                payment.record.quote = (entry * 8_192 + u64::from(*ordinal)).into();
            }
            return payment;
        }
        match words.word() {
            "again" => {
                let id = id_of(words.word());
                let by = words.clone().skip_to("by").map(|word| self.names.key(word).0);
                let known = self
                    .payments
                    .iter()
                    .find(|((who, i), _)| *i == id && by.is_none_or(|by| by == *who));
                let mut known = known.expect("a payment sent again was sent before").1.clone();
                known.head = head_words(known.head.participant, 1, words, &self.names);
                known
            }
            other => panic!("`{other}` is no record"),
        }
    }

    fn batch(&mut self, words: &mut Words<'_>, block: &[&str], clauses: &Clauses<'_>) {
        words.word();
        let who = self.names.of(words.word());
        let head = head_words(who, 1, words, &self.names);
        let mut payments = Vec::new();
        let mut expected = Vec::new();
        for line in block.iter().filter(|line| !line.is_empty()) {
            let (what, expect) = line.split_once("->").expect("a record's outcome is told");
            payments.push(self.payment(&mut Words::new(what)));
            expected.push(Expect::read(expect));
        }
        self.send(head, &payments, &expected, clauses);
    }

    fn send(&mut self, head: Head, payments: &[Payment], expected: &[Expect], clauses: &Clauses<'_>) {
        let mut extensions = Vec::new();
        for (place, payment) in payments.iter().enumerate() {
            payment.put_extensions(place, &mut extensions);
            self.labels.insert(payment.record.id(), payment.label.clone());
            self.payments
                .entry((head.participant, payment.record.id()))
                .or_insert_with(|| payment.clone());
        }
        let records: Vec<_> = payments.iter().map(|payment| payment.record).collect();
        self.world().instruct(head, &records, &extensions);
        let keys: Vec<Key> = records
            .iter()
            .map(|record| (head.participant, record.id()))
            .collect();
        self.answered(&keys, expected, clauses);
        self.last = Some((self.world().last().input.clone(), keys));
    }

    fn resend(&mut self, told: Expect, clauses: &Clauses<'_>) {
        let (entry, keys) = self.last.clone().expect("a batch went before");
        self.world().apply(entry);
        let expected = vec![told.known_before(); keys.len()];
        self.answered(&keys, &expected, clauses);
    }

    pub(super) fn answered(&mut self, keys: &[Key], expected: &[Expect], clauses: &Clauses<'_>) {
        let world = self.world.as_ref().expect("a script opens a ledger first");
        expect::answers(
            &world.last().outcome,
            world.ledger.index(),
            keys,
            expected,
            &mut self.origins,
        );
        self.hold(clauses);
    }

    pub(super) fn hold(&mut self, clauses: &Clauses<'_>) {
        let world = self.world.as_mut().expect("a script opens a ledger first");
        let outcome = world.finish_closes();
        clauses.hold(&outcome, &self.labels, &self.names, &self.origins);
        for d in &outcome.deferred {
            let sent = &self.payments[&(d.submitter, d.record.id())];
            assert_eq!(d.record, sent.record, "an effect's record");
        }
    }
}

/// A line without its comment.
fn uncommented(line: &str) -> &str {
    line.split("# ").next().unwrap_or("").trim()
}
