//! Statements of a script that two persons make.
use causeway_message::Status;
use causeway_message::action::Action;
use causeway_message::control::{Control, proposal_digest};

use super::actions;
use super::clauses::Clauses;
use super::expect::Expect;
use super::records::head_words;
use super::script::Script;
use super::text::Words;
use super::world::{Head, id_of};

impl Script {
    pub(super) fn propose(&mut self, words: &mut Words<'_>, told: &Expect, clauses: Clauses<'_>) {
        words.word();
        let label = words.word().to_owned();
        let spoken = self.action(words);
        let head = head_words(self.names.of(spoken.by), 1, words, &self.names);
        self.proposal(head, &label, spoken.action, told, &clauses);
    }

    fn action(&mut self, words: &mut Words<'_>) -> actions::Spoken {
        self.made += 1;
        let ledger = self.world().ledger.id();
        actions::read(words, &self.names, (&format!("REF/{}", self.made), ledger), id_of)
    }

    fn proposal(&mut self, head: Head, label: &str, action: Action, told: &Expect, clauses: &Clauses<'_>) {
        let id = id_of(label);
        let digest = proposal_digest(self.world().ledger.id(), head.participant, id, &action);
        self.proposals.entry(label.to_owned()).or_insert(digest);
        self.control(head, label, Control::Propose(action), told, clauses);
    }

    pub(super) fn decide(&mut self, words: &mut Words<'_>, told: &Expect, mut clauses: Clauses<'_>) {
        let verb = words.word();
        let label = words.word();
        // A proposal that nobody made has some digest.
        let digest = self.proposals.get(label).copied().unwrap_or([9; 32]);
        self.made += 1;
        let mut own = format!("decision-{}", self.made);
        if words.peek() == Some("id") {
            words.word();
            words.word().clone_into(&mut own);
        }
        let head = head_words(self.names.of("OP"), 2, words, &self.names);
        let control = if verb == "approve" {
            Control::Approve(digest)
        } else {
            Control::Withdraw(digest)
        };
        if !told.replayed && closes(told.status) && self.decided.insert(label.to_owned()) {
            let end = if verb == "approve" {
                told.status
            } else {
                Status::ProposalWithdrawn
            };
            clauses.notices.push((label.to_owned(), end));
        }
        self.control(head, &own, control, told, &clauses);
    }

    fn control(&mut self, head: Head, label: &str, control: Control, told: &Expect, clauses: &Clauses<'_>) {
        let id = id_of(label);
        self.labels.insert(id, label.to_owned());
        self.world().control(head, &[(id, control)]);
        self.answered(&[(head.participant, id)], std::slice::from_ref(told), clauses);
    }

    /// An action proposed with key 1 and approved with key 2, or refused on the way.
    pub(super) fn four_eyes(&mut self, words: &mut Words<'_>, told: &Expect, mut clauses: Clauses<'_>) {
        let newcomer = ["register", "admit"]
            .into_iter()
            .find(|word| words.peek() == Some(word));
        let registered = newcomer.map(|word| words.clone().skip_to(word));
        let spoken = self.action(words);
        let mut label = format!("proposal-{}", self.made);
        if words.peek() == Some("id") {
            words.word();
            words.word().clone_into(&mut label);
        }
        let head = head_words(self.names.of(spoken.by), 1, words, &self.names);
        let id = id_of(&label);
        let digest = proposal_digest(self.world().ledger.id(), head.participant, id, &spoken.action);
        self.proposals.entry(label.clone()).or_insert(digest);
        self.labels.insert(id, label.clone());
        self.world()
            .control(head, &[(id, Control::Propose(spoken.action))]);
        if self.world().last().outcome.answers[0].status() != Some(Status::Proposed) {
            return self.answered(&[(head.participant, id)], std::slice::from_ref(told), &clauses);
        }
        self.answered(
            &[(head.participant, id)],
            &[Expect::of(Status::Proposed)],
            &Clauses::default(),
        );
        // Credit and windows are told of behind what closed the day, or ended the window.
        let behind = [
            Status::CreditUnpaid,
            Status::RejectedClose,
            Status::Cancelled,
            Status::InsufficientLiquidity,
        ];
        let unpaid = |(_, status): &(String, Status)| behind.contains(status);
        let at = clauses.notices.iter().position(unpaid);
        let at = at.unwrap_or(clauses.notices.len());
        clauses.notices.insert(at, (label.clone(), told.status));
        let approver = Head {
            key: 2,
            number: None,
            ..head
        };
        self.control(
            approver,
            &format!("approval of {label}"),
            Control::Approve(digest),
            told,
            &clauses,
        );
        if let Some(Some(name)) = registered.filter(|_| told.status == Status::Executed) {
            self.names.add(name);
        }
    }
}

/// True if a decision with this status ends the proposal.
fn closes(status: Status) -> bool {
    use Status::*;
    !matches!(
        status,
        IdReused
            | CapacityExhausted
            | KeyNotActive
            | BatchTooLate
            | SessionDisorder
            | ProposalUnknown
            | ProposalExpired
            | ProposalWithdrawn
            | ProposalApproved
            | SamePerson
    )
}
