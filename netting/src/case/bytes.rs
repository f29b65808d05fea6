//! A case as bytes, for digests: the same case has the same bytes, another case others.
use super::{Against, Case};

impl Case {
    /// Tag, counts, and every number in little endian, in the order of the case.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = b"causeway/netting-case/v1\0".to_vec();
        let mut number = |number: u128| out.extend_from_slice(&number.to_le_bytes());
        number(self.accounts.len() as u128);
        for account in &self.accounts {
            number(u128::from(account.participant));
            number(u128::from(account.currency));
            number(account.balance.cast_unsigned());
            number(account.limit.cast_unsigned());
            number(u128::from(account.bypass));
        }
        let currencies = self
            .accounts
            .iter()
            .map(|account| account.currency)
            .max()
            .map_or(0, |most| most + 1);
        number(u128::from(currencies));
        (0..currencies).for_each(|currency| number(u128::from(self.weight(currency))));
        number(self.limits.len() as u128);
        for limit in &self.limits {
            number(u128::from(limit.account));
            number(match limit.against {
                Against::One(participant) => u128::from(participant),
                Against::Others => u128::MAX,
            });
            number(limit.room.cast_unsigned());
        }
        number(self.tested.len() as u128);
        self.under_tests()
            .for_each(|participant| number(u128::from(participant)));
        number(self.items() as u128);
        for item in 0..self.items() as u32 {
            number(self.legs(item).len() as u128);
            for leg in self.legs(item) {
                number(u128::from(leg.debtor));
                number(u128::from(leg.creditor));
                number(u128::from(leg.amount));
                number(leg.priority as u128);
            }
        }
        out
    }
}
