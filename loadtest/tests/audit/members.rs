//! The auditor agrees with the ledger where members are admitted, suspended, closed and given keys and roles, among
//! everything else.
use std::collections::BTreeMap;

use causeway_message::action::{
    AccountGrant, Action, Holder, KeyGrant, ParticipantGrant, Standing, possession_bytes, right, role,
};
use causeway_message::{KeyId, ParticipantId, Status};

use crate::support::{
    AGENT, EUR, OPERATOR, Player, Rig, approve, begin_trading, genesis_by, propose, signing_key, whole,
};

/// The first participant that is no operator and no agent.
const FIRST_BANK: u32 = 3;

fn granted(who: ParticipantId, key: u32) -> KeyGrant {
    KeyGrant {
        key: KeyId(key),
        person: key,
        rights: right::KNOWN,
        public: signing_key(who, key).public(),
    }
}

/// Draws what the operator decides about members.
struct Dice<'a> {
    player: &'a mut Player,
    rig: &'a Rig,
}

impl Dice<'_> {
    fn below(&mut self, bound: u64) -> u64 {
        self.player.below(bound)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len() as u64) as usize]
    }

    fn proof(&mut self, who: ParticipantId, holder: Holder<'_>, grant: &KeyGrant) -> [u8; 64] {
        let signs = grant.key.0 + u32::from(self.below(8) == 0);
        signing_key(who, signs).sign(&possession_bytes(self.rig.genesis.ledger_id(), holder, grant))
    }

    fn action(&mut self, n: u64) -> Action {
        let count = self.rig.ledger.registry().len() as u64;
        let newcomer = ParticipantId(count as u32);
        // Half of all concerns the last who came: only who has nothing yet is closed soon.
        let since = match self.below(2) {
            0 => u64::from(FIRST_BANK),
            _ => count - 2,
        };
        let any = ParticipantId((since + self.below(count - since)) as u32);
        let moved = |participant, standing| Action::SetMembership {
            participant,
            standing,
            reference: format!("BOARD-{n}"),
        };
        let (active, closed) = (Standing::Active, Standing::Closed);
        match self.below(9) {
            0 => {
                let grant = ParticipantGrant {
                    name: format!("NEWCOMER {n}"),
                    roles: role::PARTICIPANT,
                    keys: vec![granted(newcomer, 1), granted(newcomer, 2)],
                    accounts: vec![AccountGrant {
                        currency: EUR,
                        cap: 5,
                    }],
                };
                let proofs = grant.keys.iter();
                let proofs = proofs
                    .map(|key| self.proof(newcomer, Holder::Newcomer(&grant.name), key))
                    .collect();
                Action::AdmitMember { grant, proofs }
            }
            1 => {
                let grant = granted(any, 20 + self.below(3) as u32);
                let proof = self.proof(any, Holder::Member(any), &grant);
                Action::AddMemberKey {
                    participant: any,
                    grant,
                    proof,
                }
            }
            2..5 => moved(
                any,
                self.one_of(&[active, active, Standing::Taking, Standing::Suspended]),
            ),
            5 => moved(any, closed),
            6 => moved(AGENT, self.one_of(&[active, Standing::Taking, closed])),
            7 => Action::SetRoles {
                participant: self.one_of(&[any, OPERATOR, AGENT]),
                roles: self.one_of(&[1, 3, 33]),
            },
            _ => Action::RevokeKey {
                participant: OPERATOR,
                key: KeyId(self.one_of(&[1, 2])),
            },
        }
    }
}

fn run(seed: u64, entries: u64, answered: &mut BTreeMap<Status, u64>) -> Rig {
    let mut rig = Rig::new(genesis_by(4, 100_000, 400));
    let mut player = Player::new(seed).by(4);
    begin_trading(&mut rig, seed.is_multiple_of(2));
    for n in 0..entries {
        let held = player.step(&mut rig).and_then(|()| rig.observe());
        held.unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}\n{}", rig.last_in_words()));
        note(&rig, answered);
        if player.below(3) == 0 {
            let dice = &mut Dice {
                player: &mut player,
                rig: &rig,
            };
            let action = dice.action(n);
            let label = format!("member {n}");
            let digest = propose(&mut rig, OPERATOR, &label, action);
            note(&rig, answered);
            approve(&mut rig, OPERATOR, &label, digest);
            note(&rig, answered);
        }
        if n % 64 == 0 {
            rig.auditor
                .invariants()
                .unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}"));
        }
    }
    rig.observe()
        .unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
    rig
}

fn note(rig: &Rig, answered: &mut BTreeMap<Status, u64>) {
    let expected = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
    for answer in &expected.answers {
        *answered.entry(answer.status().expect("a status")).or_default() += 1;
    }
}

#[test]
fn the_auditor_agrees_with_the_ledger_on_members() {
    let mut answered = BTreeMap::new();
    for seed in 1..=12 {
        whole(&run(seed, 400, &mut answered));
    }
    println!("{answered:?}");
    use Status::{
        ActionInvalid, CreditorClosed, CreditorSuspended, Executed, KeyLast, KeyNotActive, MemberNotEmpty,
        PossessionInvalid, ProposalUnknown, RoleMissing, Settled,
    };
    let wanted = [
        ActionInvalid,
        CreditorClosed,
        CreditorSuspended,
        Executed,
        KeyLast,
        KeyNotActive,
        MemberNotEmpty,
        PossessionInvalid,
        ProposalUnknown,
        RoleMissing,
        Settled,
    ];
    let missing: Vec<Status> = wanted
        .into_iter()
        .filter(|status| !answered.contains_key(status))
        .collect();
    assert_eq!(missing, [], "never answered");
}
