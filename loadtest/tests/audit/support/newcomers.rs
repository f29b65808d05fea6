//! Participants and keys that the random players bring in, right and wrong ones.
use causeway_message::action::{KeyGrant, ParticipantGrant, role};
use causeway_message::{KeyId, ParticipantId};

use super::player::Player;
use super::world::{EUR, USD, member, signing_key};

impl Player {
    pub(super) fn key(&mut self, participant: ParticipantId) -> KeyGrant {
        let key = 5 + self.below(20) as u32;
        KeyGrant {
            key: KeyId(key),
            person: key,
            rights: 1,
            public: signing_key(participant, key + self.below(2) as u32).public(),
        }
    }

    pub(super) fn newcomer(&mut self) -> ParticipantGrant {
        let n = 6 + self.below(9) as u32;
        let accounts: &[u16] = self.one_of(&[&[EUR, USD] as &[u16], &[], &[EUR, EUR], &[756], &[7]]);
        let roles = if self.rules > 1 {
            self.one_of(&[
                role::PARTICIPANT,
                role::PARTICIPANT,
                role::SCREENER,
                role::REGULATOR,
            ])
        } else {
            role::PARTICIPANT
        };
        member(&format!("BANK {n}"), n, roles, accounts, 5)
    }
}
