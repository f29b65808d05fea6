//! What participants send: payments that settle, wait, expire or break a rule, and what staff propose and approve.
use std::collections::VecDeque;

use causeway_message::action::{AccountGrant, Action, role};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::document::Document;
use causeway_message::record::{Instruction, flags};
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, Uetr};

use super::cast::{AGENT, CURRENCIES, FIRST_BANK, OPERATOR, grant, member};
use super::machine::Machine;
use crate::random::Random;

/// What is drawn from for one simulation.
#[derive(Debug)]
pub struct Traffic {
    ledger: LedgerId,
    banks: u32,
    currencies: u32,
    ids: u64,
    references: u64,
    /// Proposals that wait for the other person.
    proposed: VecDeque<(ParticipantId, Control)>,
    /// Defundings proposed by the agent.
    defunds: Vec<InstructionId>,
}

impl Traffic {
    /// Among so many banks, in so many currencies.
    pub const fn new(ledger: LedgerId, banks: u32, currencies: u32) -> Self {
        Self {
            ledger,
            banks,
            currencies,
            ids: 0,
            references: 0,
            proposed: VecDeque::new(),
            defunds: Vec::new(),
        }
    }

    fn id(&mut self) -> InstructionId {
        self.ids += 1;
        InstructionId(Random::new(self.ids).id())
    }

    fn bank(&self, machine: &Machine) -> ParticipantId {
        ParticipantId(FIRST_BANK + machine.below(self.banks))
    }

    fn currency(&self, machine: &Machine) -> u16 {
        CURRENCIES[machine.below(self.currencies) as usize % CURRENCIES.len()]
    }

    /// Payments of one bank, some of them with documents. `known` are instructions it sent before.
    pub fn payments(
        &mut self,
        machine: &Machine,
        debtor: ParticipantId,
        known: &VecDeque<Instruction>,
    ) -> (Vec<Instruction>, Vec<Document>) {
        let count = match machine.below(8) {
            0..=4 => 1,
            5 | 6 => 1 + machine.below(6),
            _ => 1 + machine.below(40),
        };
        let mut documents = Vec::new();
        let mut records = Vec::new();
        for _ in 0..count {
            let mut record = self.payment(machine, debtor, known);
            if machine.one_in(12) {
                let document = self.document();
                record.document_digest = document.digest();
                documents.push(document);
            }
            records.push(record);
        }
        (records, documents)
    }

    fn payment(
        &mut self,
        machine: &Machine,
        debtor: ParticipantId,
        known: &VecDeque<Instruction>,
    ) -> Instruction {
        if !known.is_empty() && machine.one_in(16) {
            let mut again = known[machine.below(known.len() as u32) as usize];
            // The same instruction, or another under its id.
            if machine.one_in(3) {
                again.amount = (again.amount.get() ^ 1).into();
            }
            return again;
        }
        let (id, creditor, currency) = (self.id(), self.bank(machine), self.currency(machine));
        let amount = match machine.below(8) {
            0..=5 => 1 + machine.below(100),
            6 => 1 + machine.below(1_000),
            _ => 1 + machine.below(20),
        };
        let mut record = Instruction::payment(id, Uetr(id.0), debtor, creditor, currency, u64::from(amount));
        match machine.below(12) {
            0..=6 => {}
            7 => record.flags = flags::SETTLE_OR_REJECT.into(),
            8 => record.flags = flags::WITH_BALANCE.into(),
            9 | 10 => {
                let lives = machine.below(120);
                record.expires_at = u32::try_from(machine.true_seconds())
                    .map_or(1, |now| now + lives)
                    .into();
            }
            _ => spoil(machine, &mut record),
        }
        record
    }

    fn document(&mut self) -> Document {
        let mut salt = [0; 16];
        salt.copy_from_slice(&self.id().0);
        Document {
            text: format!("<Document>{}</Document>", self.ids).into_bytes(),
            salt,
        }
    }

    /// What a person of the operator or of the agent does next.
    pub fn staff(&mut self, machine: &Machine, who: ParticipantId) -> Vec<(InstructionId, Control)> {
        let waiting = self.proposed.iter().position(|(proposer, _)| *proposer == who);
        let control = match waiting.filter(|_| machine.below(4) != 0) {
            Some(at) => self.proposed.remove(at).map(|(_, control)| control),
            None => None,
        };
        let id = self.id();
        let control = control.unwrap_or_else(|| self.propose(machine, who, id));
        vec![(id, control)]
    }

    fn propose(&mut self, machine: &Machine, who: ParticipantId, id: InstructionId) -> Control {
        let action = if who == OPERATOR {
            self.of_operator(machine)
        } else {
            self.of_agent(machine)
        };
        if matches!(action, Action::Defund { .. }) {
            self.defunds.push(id);
        }
        let digest = proposal_digest(self.ledger, who, id, &action);
        let answer = if machine.one_in(20) {
            Control::Withdraw(digest)
        } else {
            Control::Approve(digest)
        };
        self.proposed.push_back((who, answer));
        Control::Propose(action)
    }

    fn of_agent(&mut self, machine: &Machine) -> Action {
        let (participant, currency) = (self.bank(machine), self.currency(machine));
        let some_defund = match self.defunds.len() {
            0 => None,
            many => self.defunds.get(machine.below(many as u32) as usize).copied(),
        };
        self.references += u64::from(machine.below(8) != 0);
        let reference = format!("RTGS-{}", self.references);
        match (machine.below(8), some_defund) {
            (5, _) => Action::Defund {
                participant,
                currency,
                amount: u64::from(1 + machine.below(100)),
            },
            (6, Some(defund)) => Action::ConfirmDefund { defund, reference },
            (7, Some(defund)) => Action::ReleaseDefund { defund },
            _ => Action::Fund {
                participant,
                currency,
                amount: u64::from(1 + machine.below(500)),
                reference,
            },
        }
    }

    fn of_operator(&self, machine: &Machine) -> Action {
        let (participant, currency) = (self.bank(machine), self.currency(machine));
        let account = AccountGrant {
            currency,
            cap: u64::from(machine.below(300)),
        };
        let another = KeyId(3 + machine.below(3));
        match machine.below(8) {
            0 | 1 => Action::SetCap { participant, account },
            2 => Action::SetStanding {
                participant,
                suspended: true,
            },
            3 | 4 => Action::SetStanding {
                participant,
                suspended: false,
            },
            5 => match grant(participant, another, 3) {
                Some(grant) => Action::AddKey { participant, grant },
                None => Action::SetCap { participant, account },
            },
            6 => Action::RevokeKey {
                participant,
                key: another,
            },
            _ => {
                let newcomer = ParticipantId(FIRST_BANK + self.banks + machine.below(4));
                let name = format!("BANK {}", newcomer.0);
                Action::RegisterParticipant(member(name, newcomer, role::PARTICIPANT, vec![account]))
            }
        }
    }

    /// Which participants are staff.
    pub const STAFF: [ParticipantId; 2] = [OPERATOR, AGENT];
}

/// Breaks one rule or several.
fn spoil(machine: &Machine, record: &mut Instruction) {
    for _ in 0..=machine.below(2) {
        match machine.below(12) {
            0 => record.amount = 0.into(),
            1 => record.creditor = record.debtor,
            2 => record.currency = 997.into(),
            3 => record.currency = 36.into(),
            4 => record.creditor = 9_999.into(),
            5 => record.debtor = (FIRST_BANK + machine.below(9)).into(),
            6 => record.flags = 0x8000.into(),
            7 => record.priority = 9,
            8 => record.kind = 77,
            9 => record.value_date = 1.into(),
            10 => record.reserved = 1.into(),
            _ => record.quote = 5.into(),
        }
    }
}
