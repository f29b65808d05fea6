//! Statements of a script without a batch: the ledger's opening, time, and what is looked at.
use std::rc::Rc;

use causeway_message::action::{AccountGrant, role};
use causeway_message::genesis::{CurrencyGrant, Genesis};
use causeway_message::plan::Plan;
use causeway_message::{InstructionId, ParticipantId};

use super::clauses::Clauses;
use super::script::Script;
use super::text::Words;
use super::world::{Entry, World, id_of, member};

impl Script {
    /// Statements without a batch.
    pub(super) fn aside(&mut self, word: &str, words: &mut Words<'_>, clauses: &Clauses<'_>) {
        match word {
            "ledger" => {
                while let Some(word) = words.next() {
                    match word {
                        "ids" => self.capacities.0 = words.number(),
                        "queue" => self.capacities.1 = words.number() as u32,
                        "rules" => self.rules = words.number() as u16,
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
                self.world()
                    .apply(if word == "tick" { Entry::Tick } else { Entry::Roots });
                self.hold(clauses);
            }
            "plan" => self.plan(words, clauses),
            "rules" => {
                let version = words.number() as u16;
                self.world().apply(Entry::Rules(version));
                self.hold(clauses);
            }
            "balance" => self.balance(words),
            "waiting" => assert_eq!(
                u64::from(self.world().ledger.waiting()),
                words.number(),
                "others wait"
            ),
            "ids" => assert_eq!(
                self.world().ledger.ids_remembered(),
                words.number(),
                "other ids are remembered"
            ),
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

    /// `plan 1 2 3`: instructions by their labels, whoever submitted them; of nobody's it names one of the operator.
    fn plan(&mut self, words: &mut Words<'_>, clauses: &Clauses<'_>) {
        let mut instructions: Vec<(ParticipantId, InstructionId)> = Vec::new();
        while let Some(label) = words.next() {
            let id = id_of(label);
            let mut known: Vec<_> = self.sent(id).map(|who| (who, id)).collect();
            if known.is_empty() {
                known.push((ParticipantId(0), id));
            }
            instructions.append(&mut known);
        }
        instructions.sort_unstable();
        let basis = self.world().ledger.index();
        self.world()
            .apply(Entry::Plan(Rc::new(Plan { basis, instructions })));
        self.hold(clauses);
    }

    fn open(&mut self, words: &mut Words<'_>) {
        let mut participants = vec![member("OP", 0, role::OPERATOR)];
        participants
            .extend([1, 2].map(|id| member(["", "AG", "AG2"][id as usize], id, role::SETTLEMENT_AGENT)));
        let mut currencies = Vec::new();
        for name in ["OP", "AG", "AG2"] {
            self.names.add(name);
        }
        let agent = self.names.of("AG");
        while let Some(word) = words.next() {
            // Currencies have three capital letters, banks have not; `screener:S` has that role.
            if let Some((role, name)) = word.split_once(':') {
                let id = self.names.add(name);
                let role = match role {
                    "screener" => role::SCREENER,
                    "regulator" => role::REGULATOR,
                    other => panic!("`{other}` is no role"),
                };
                participants.push(member(name, id.0, role));
            } else if word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase()) {
                currencies.push(CurrencyGrant {
                    currency: super::text::currency(word),
                    agent,
                });
            } else {
                let id = self.names.add(word);
                participants.push(member(word, id.0, role::PARTICIPANT));
            }
        }
        for bank in participants
            .iter_mut()
            .filter(|one| one.roles == role::PARTICIPANT)
        {
            bank.accounts = currencies
                .iter()
                .map(|c| AccountGrant {
                    currency: c.currency,
                    cap: 0,
                })
                .collect();
        }
        self.world = Some(World::new(Genesis {
            rules: self.rules,
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
        let [line] = found.lines.as_slice() else {
            panic!("there is no such account")
        };
        let seen = (line.balance, line.reserved, u64::from(line.queued));
        assert_eq!(seen, (balance, reserved, queued), "balance, reserved, queued");
        assert!(cap.is_none_or(|cap| cap == line.cap), "the cap is {}", line.cap);
        assert!(
            value.is_none_or(|value| value == line.queued_value),
            "{} waits",
            line.queued_value
        );
    }
}
