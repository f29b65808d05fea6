//! What the operator proposes about members: admissions, shown and not, where they stand, roles, and the last keys.
use causeway_message::action::{
    AccountGrant, Action, Holder, KeyGrant, ParticipantGrant, Standing, possession_bytes, role,
};
use causeway_message::{KeyId, LedgerId, ParticipantId};

use super::cast::{AGENT, FIRST_BANK, OPERATOR, grant, member, signing_key};
use super::machine::Machine;

/// Participants that may come to the banks of a simulation.
const NEWCOMERS: u32 = 4;

/// Where members come from and go to.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub ledger: LedgerId,
    /// Banks of the genesis.
    pub banks: u32,
    /// Currency of an account.
    pub currency: u16,
}

impl Place {
    /// One that has come, or may come.
    pub fn newcomer(&self, machine: &Machine) -> ParticipantId {
        ParticipantId(self.first_newcomer() + machine.below(NEWCOMERS))
    }

    /// Id of the first who may come.
    pub const fn first_newcomer(&self) -> u32 {
        FIRST_BANK + self.banks
    }

    fn bank(&self, machine: &Machine) -> ParticipantId {
        ParticipantId(FIRST_BANK + machine.below(self.banks))
    }

    /// The key's signature; now and then one that shows nothing.
    fn proof(&self, machine: &Machine, who: ParticipantId, holder: Holder<'_>, grant: &KeyGrant) -> [u8; 64] {
        let other = KeyId(grant.key.0 + u32::from(machine.one_in(3)));
        let signs = signing_key(who, other);
        signs.map_or([0; 64], |key| {
            key.sign(&possession_bytes(self.ledger, holder, grant))
        })
    }

    /// A key for a bank.
    pub fn key(&self, machine: &Machine, given: &mut Vec<(ParticipantId, KeyId)>) -> Action {
        let (bank, key) = (self.bank(machine), KeyId(3 + machine.below(3)));
        let Some(grant) = grant(bank, key, 3) else {
            return self.admission(machine);
        };
        let proof = self.proof(machine, bank, Holder::Member(bank), &grant);
        given.push((bank, key));
        Action::AddMemberKey {
            participant: bank,
            grant,
            proof,
        }
    }

    /// A participant to be admitted.
    pub fn admission(&self, machine: &Machine) -> Action {
        let who = self.newcomer(machine);
        let account = AccountGrant {
            currency: self.currency,
            cap: u64::from(machine.below(40)),
        };
        let grant: ParticipantGrant =
            member(format!("BANK {}", who.0), who, role::PARTICIPANT, vec![account]);
        let sign = |key| self.proof(machine, who, Holder::Newcomer(&grant.name), key);
        let proofs = grant.keys.iter().map(sign).collect();
        Action::AdmitMember { grant, proofs }
    }

    /// What the operator proposes next. A key that a bank is to get is noted in `given`.
    pub fn action(&self, machine: &Machine, given: &mut Vec<(ParticipantId, KeyId)>) -> Action {
        let reference = format!("BOARD-{}", machine.below(1_000));
        let moved = |participant, steps: &[Standing]| Action::SetMembership {
            participant,
            standing: steps[machine.below(steps.len() as u32) as usize],
            reference: reference.clone(),
        };
        let (bank, newcomer) = (self.bank(machine), self.newcomer(machine));
        let (active, taking, closed) = (Standing::Active, Standing::Taking, Standing::Closed);
        match machine.below(12) {
            0 | 1 => self.admission(machine),
            2 | 3 => self.key(machine, given),
            4 | 5 => moved(newcomer, &[active, active, taking, Standing::Suspended, closed]),
            6 => moved(newcomer, &[closed]),
            7 => moved(bank, &[active, active, active, taking, Standing::Suspended]),
            // It carries every currency: it is never closed.
            8 | 9 => moved(AGENT, &[active, taking, closed]),
            10 => {
                let (participant, roles) = [
                    (OPERATOR, role::PARTICIPANT),
                    (OPERATOR, role::OPERATOR | role::PARTICIPANT),
                    (AGENT, role::PARTICIPANT),
                    (AGENT, role::SETTLEMENT_AGENT),
                    (bank, role::PARTICIPANT | role::LIQUIDITY_PROVIDER),
                    (newcomer, role::PARTICIPANT),
                ][machine.below(6) as usize];
                Action::SetRoles { participant, roles }
            }
            _ => Action::RevokeKey {
                participant: OPERATOR,
                key: KeyId(1 + machine.below(2)),
            },
        }
    }
}
