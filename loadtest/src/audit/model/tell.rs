//! Who is told of a payment's status beside the answers to its submitter.
use causeway_message::event::Role;
use causeway_message::exchange::Exchange;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::Kind;
use causeway_message::{ParticipantId, Status};

use super::classes::Waiting;
use super::{Caused, Model, Origin};
use crate::audit::input::Paper;

/// What somebody is told of an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who is told.
    pub whom: ParticipantId,
    /// How it is concerned.
    pub role: Role,
    /// The instruction.
    pub(in crate::audit) paper: Paper,
    /// Its entry and its place there.
    pub origin: Origin,
    /// The status reached.
    pub status: Status,
    /// Minor units that moved.
    pub amount: u64,
    /// Of a trade that settled, minor units that came in for them; of an exchange, what arrives.
    pub counter: u64,
    /// What an exchange comes to.
    pub exchange: Option<Exchange>,
}

/// True if a conditional payment that reaches this status was set aside before.
const fn was_set_aside(status: Status) -> bool {
    matches!(status, Status::SetAside | Status::Settled | Status::GivenBack)
}

impl Model {
    /// Tells those whom a payment concerns beside its debtor.
    pub(super) fn tell_others(
        told: &mut Vec<Told>,
        paper: &Paper,
        origin: Origin,
        status: Status,
        amount: u64,
    ) {
        match Kind::from_number(paper.record.kind) {
            Some(Kind::Conditional) if was_set_aside(status) => {
                Self::tell_of_conditional(told, paper, origin, status, amount);
            }
            Some(Kind::Cancel) => tell(told, paper, origin, (Role::Creditor, paper.creditor()), status, 0),
            Some(Kind::Payment | Kind::Return | Kind::Obligation) if status == Status::Settled => {
                tell(
                    told,
                    paper,
                    origin,
                    (Role::Creditor, paper.creditor()),
                    status,
                    amount,
                );
            }
            _ => {}
        }
    }

    /// Creditor and approver are told of everything that becomes of money that was set aside.
    pub(super) fn tell_of_conditional(
        told: &mut Vec<Told>,
        paper: &Paper,
        origin: Origin,
        status: Status,
        amount: u64,
    ) {
        tell(
            told,
            paper,
            origin,
            (Role::Creditor, paper.creditor()),
            status,
            amount,
        );
        if let Some(approver) = paper.approver() {
            let whom = (Role::Approver, ParticipantId(approver));
            tell(told, paper, origin, whom, status, amount);
        }
    }

    /// A payment that waited reaches a status: its debtor is told, and whom else it concerns.
    pub(super) fn tell_later(&mut self, item: &Waiting, status: Status, amount: u64, caused: &mut Caused) {
        let (who, id) = item.key();
        self.memory.change(who, id, (status, amount), self.index);
        self.effects += 1;
        let told = &mut caused.later;
        tell(
            told,
            &item.paper,
            item.origin,
            (Role::Debtor, who),
            status,
            amount,
        );
        Self::tell_others(told, &item.paper, item.origin, status, amount);
    }
}

/// Notes that somebody is told.
pub(super) fn tell(
    told: &mut Vec<Told>,
    paper: &Paper,
    origin: Origin,
    (role, whom): (Role, ParticipantId),
    status: Status,
    amount: u64,
) {
    told.push(Told {
        whom,
        role,
        paper: paper.clone(),
        origin,
        status,
        amount,
        counter: 0,
        exchange: None,
    });
}

impl Paper {
    /// Whom the record credits.
    pub(super) const fn creditor(&self) -> ParticipantId {
        ParticipantId(self.record.creditor.get())
    }

    /// Who may release the money.
    pub(super) fn approver(&self) -> Option<u32> {
        extension::find(&self.extensions, ExtensionType::Approver).and_then(extension::number)
    }

    /// The instant that an extension of this type names.
    pub(super) fn instant(&self, kind: ExtensionType) -> Option<causeway_message::time::Timestamp> {
        let seconds = extension::find(&self.extensions, kind).and_then(extension::number)?;
        Some(causeway_message::time::Timestamp::from_seconds(seconds))
    }
}
