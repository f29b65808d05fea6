//! Runs a script line by line.
use std::collections::BTreeMap;

use causeway_message::action::{AccountGrant, role};
use causeway_message::genesis::{CurrencyGrant, Genesis};
use causeway_message::{Digest, InstructionId, Status};

use super::actions::{self, Names};
use super::expect::{self, Clauses, Expect, Key, Origins};
use super::records::{self, Payment, head_words};
use super::text::Words;
use super::world::{Entry, Head, World, id_of, member};

/// A script under way.
pub struct Script {
    pub(super) world: Option<World>,
    capacities: (u64, u32),
    pub(super) names: Names,
    pub(super) labels: BTreeMap<InstructionId, String>,
    payments: BTreeMap<Key, Payment>,
    pub(super) proposals: BTreeMap<String, Digest>,
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
            names: Names::default(),
            labels: BTreeMap::new(),
            payments: BTreeMap::new(),
            proposals: BTreeMap::new(),
            origins: Origins::new(),
            last: None,
            made: 0,
        };
        let mut lines = text.lines().map(|line| uncommented(line));
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
        let mut parts = line.split(';').map(str::trim).filter(|part| !part.is_empty()).peekable();
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

    fn statement(&mut self, words: &mut Words<'_>, expected: Option<Expect>, clauses: Clauses<'_>, block: &[&str]) {
        let told = expected.clone().unwrap_or(Expect::of(Status::Executed));
        match words.peek().unwrap_or("") {
            "pay" | "again" => {
                let payment = self.payment(words);
                let head = payment.head;
                self.send(head, &[payment], &[expected.expect("a payment's outcome is told")], &clauses);
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

    /// Statements without a batch.
    fn aside(&mut self, word: &str, words: &mut Words<'_>, clauses: &Clauses<'_>) {
        match word {
            "ledger" => {
                while let Some(word) = words.next() {
                    match word {
                        "ids" => self.capacities.0 = words.number(),
                        "queue" => self.capacities.1 = words.number() as u32,
                        other => panic!("a ledger has no `{other}`"),
                    }
                }
            }
            "open" => self.open(words),
            "at" => {
                let time = words.time();
                self.world().at(time);
            }
            "tick" | "roots" => {
                if words.peek().is_some() {
                    let time = words.time();
                    self.world().at(time);
                }
                self.world().apply(if word == "tick" { Entry::Tick } else { Entry::Roots });
                self.hold(clauses);
            }
            "balance" => self.balance(words),
            "waiting" => assert_eq!(u64::from(self.world().ledger.waiting()), words.number(), "others wait"),
            "ids" => assert_eq!(self.world().ledger.ids_remembered(), words.number(), "other ids are remembered"),
            "due" => {
                let expected = match words.word() {
                    "none" => None,
                    "now" => Some(self.world().now()),
                    time => Some(Words::new(time).time()),
                };
                assert_eq!(self.world().ledger.next_due(), expected, "another instant is due");
            }
            other => panic!("`{other}` is no statement"),
        }
        words.end();
    }

    fn open(&mut self, words: &mut Words<'_>) {
        let mut participants = vec![member("OP", 0, role::OPERATOR)];
        participants.extend([1, 2].map(|id| member(["", "AG", "AG2"][id as usize], id, role::SETTLEMENT_AGENT)));
        let mut currencies = Vec::new();
        for name in ["OP", "AG", "AG2"] {
            self.names.add(name);
        }
        let agent = self.names.of("AG");
        while let Some(word) = words.next() {
            // Currencies have three capital letters, banks have not.
            if word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase()) {
                currencies.push(CurrencyGrant { currency: super::text::currency(word), agent });
            } else {
                let id = self.names.add(word);
                participants.push(member(word, id.0, role::PARTICIPANT));
            }
        }
        for bank in participants.iter_mut().skip(3) {
            bank.accounts = currencies.iter().map(|c| AccountGrant { currency: c.currency, cap: 0 }).collect();
        }
        self.world = Some(World::new(Genesis {
            name: "a ledger under test".into(),
            nonce: [7; 16],
            created: World::start(),
            id_capacity: self.capacities.0,
            queue_capacity: self.capacities.1,
            nodes: Vec::new(),
            participants,
            currencies,
        }));
    }

    fn payment(&mut self, words: &mut Words<'_>) -> Payment {
        self.made += 1;
        let auto = format!("auto-{}", self.made);
        let payment = match words.word() {
            "pay" => records::read(words, &self.names, &auto),
            "again" => {
                let id = id_of(words.word());
                let by = words.clone().skip_to("by").map(|word| self.names.key(word).0);
                let known = self.payments.iter().find(|((who, i), _)| *i == id && by.is_none_or(|by| by == *who));
                let mut known = known.expect("a payment sent again was sent before").1.clone();
                known.head = head_words(known.head.participant, 1, words, &self.names);
                return known;
            }
            other => panic!("`{other}` is no record"),
        };
        words.end();
        payment
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
            self.payments.entry((head.participant, payment.record.id())).or_insert_with(|| payment.clone());
        }
        let records: Vec<_> = payments.iter().map(|payment| payment.record).collect();
        self.world().instruct(head, &records, &extensions);
        let keys: Vec<Key> = records.iter().map(|record| (head.participant, record.id())).collect();
        self.answered(&keys, expected, clauses);
        self.last = Some((self.world().last().input.clone(), keys));
    }

    fn resend(&mut self, told: Expect, clauses: &Clauses<'_>) {
        let (entry, keys) = self.last.clone().expect("a batch went before");
        self.world().apply(entry);
        let expected = vec![Expect { replayed: true, ..told }; keys.len()];
        self.answered(&keys, &expected, clauses);
    }

    pub(super) fn answered(&mut self, keys: &[Key], expected: &[Expect], clauses: &Clauses<'_>) {
        let world = self.world.as_ref().expect("a script opens a ledger first");
        expect::answers(&world.last().outcome, world.ledger.index(), keys, expected, &mut self.origins);
        self.hold(clauses);
    }

    fn hold(&mut self, clauses: &Clauses<'_>) {
        let world = self.world.as_ref().expect("a script opens a ledger first");
        clauses.hold(&world.last().outcome, &self.labels, &self.names, &self.origins);
        for d in &world.last().outcome.deferred {
            let sent = &self.payments[&(d.submitter, d.record.id())];
            assert_eq!(d.record, sent.record, "an effect's record");
        }
    }

    /// `balance A EUR 0 cap 5 reserved 3 queued 2 value 70`; what is not told, except the cap and the value, is 0.
    fn balance(&mut self, words: &mut Words<'_>) {
        let (who, currency, balance) = (self.names.of(words.word()), words.currency(), words.signed());
        let (mut reserved, mut queued, mut cap, mut value) = (0, 0, None, None);
        while let Some(word) = words.next() {
            match word {
                "reserved" => reserved = words.signed(),
                "queued" => queued = words.number(),
                "cap" => cap = Some(words.number()),
                "value" => value = Some(words.signed()),
                other => panic!("`{other}` is no part of a balance"),
            }
        }
        let found = self.world().ledger.balances(who, currency);
        let [line] = found.lines.as_slice() else { panic!("there is no such account") };
        let seen = (line.balance, line.reserved, u64::from(line.queued));
        assert_eq!(seen, (balance, reserved, queued), "balance, reserved, queued");
        assert!(cap.is_none_or(|cap| cap == line.cap), "the cap is {}", line.cap);
        assert!(value.is_none_or(|value| value == line.queued_value), "{} waits", line.queued_value);
    }
}

/// A line without its comment.
fn uncommented(line: &str) -> &str {
    line.split("# ").next().unwrap_or("").trim()
}
