//! Small random cases from a seed.
use causeway_netting::case::{Account, Against, Builder, Case, Leg, Priority, SenderLimit};

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// True `of` times in ten.
    pub fn tenths(&mut self, of: u64) -> bool {
        self.below(10) < of
    }
}

/// What a case is made of, before it is built: so that it can be changed first.
#[derive(Debug, Clone)]
pub struct Draft {
    pub accounts: Vec<Account>,
    pub items: Vec<Vec<Leg>>,
    pub limits: Vec<SenderLimit>,
    pub tested: Vec<u32>,
}

/// How large, and how often in ten what happens.
#[derive(Debug, Clone, Copy)]
pub struct Mix {
    pub participants: u64,
    pub currencies: u64,
    pub items: u64,
    pub amounts: u64,
    pub trades: u64,
    pub classes: bool,
    pub limits: u64,
    pub tested: u64,
    pub opted_out: u64,
}

pub const PAYMENTS: Mix = Mix {
    participants: 4,
    currencies: 1,
    items: 10,
    amounts: 9,
    trades: 0,
    classes: false,
    limits: 0,
    tested: 0,
    opted_out: 0,
};

pub const MIXED: Mix = Mix {
    participants: 4,
    currencies: 2,
    trades: 3,
    classes: true,
    limits: 2,
    ..PAYMENTS
};

const CLASSES: [Priority; 3] = Priority::ALL;

pub fn draft(random: &mut Random, mix: &Mix) -> Draft {
    let participants = 2 + random.below(mix.participants - 1);
    let mut accounts = Vec::new();
    for participant in 0..participants as u32 {
        for currency in 0..mix.currencies as u16 {
            accounts.push(Account {
                participant,
                currency,
                balance: i128::from(random.below(mix.amounts)) - i128::from(random.tenths(1)) * 3,
                limit: i128::from(random.tenths(3)) * i128::from(random.below(5)),
                bypass: !random.tenths(mix.opted_out),
            });
        }
    }
    let at = |participant: u64, currency: u64| (participant * mix.currencies + currency) as u32;
    let mut items = Vec::new();
    for _ in 0..random.below(mix.items + 1) {
        let from = random.below(participants);
        let to = (from + 1 + random.below(participants - 1)) % participants;
        let currency = random.below(mix.currencies);
        let mut leg = |debtor, creditor| {
            let class = if mix.classes { random.below(3) as usize } else { 2 };
            let amount = 1 + random.below(mix.amounts);
            Leg {
                debtor,
                creditor,
                amount,
                priority: CLASSES[class],
            }
        };
        let mut legs = vec![leg(at(from, currency), at(to, currency))];
        if random.tenths(mix.trades) {
            let other = (currency + 1) % mix.currencies;
            let third = random.below(participants);
            let third = if random.tenths(3) && third != from && third != to {
                third
            } else {
                to
            };
            let mut leg = |debtor, creditor| Leg {
                debtor,
                creditor,
                amount: 1 + random.below(mix.amounts),
                ..legs[0]
            };
            let back = leg(at(third, other), at(from, other));
            legs.push(back);
        }
        items.push(legs);
    }
    let mut limits = Vec::new();
    for account in 0..accounts.len() as u32 {
        let holder = u64::from(accounts[account as usize].participant);
        for against in 0..=participants {
            if !random.tenths(mix.limits) || against == holder {
                continue;
            }
            let against = if against == participants {
                Against::Others
            } else {
                Against::One(against as u32)
            };
            let room = i128::from(random.below(mix.amounts * 2)) - 2;
            limits.push(SenderLimit {
                account,
                against,
                room,
            });
        }
    }
    let tested = (0..participants as u32)
        .filter(|_| random.tenths(mix.tested))
        .collect();
    Draft {
        accounts,
        items,
        limits,
        tested,
    }
}

impl Draft {
    pub fn build(&self) -> Case {
        let mut builder = Builder::new();
        for account in &self.accounts {
            builder.account(*account).expect("accounts of a draft are sound");
        }
        for limit in &self.limits {
            builder.sender_limit(*limit).expect("limits of a draft are sound");
        }
        self.tested
            .iter()
            .for_each(|participant| builder.under_tests(*participant));
        for item in &self.items {
            builder.item(item).expect("items of a draft are sound");
        }
        builder.build()
    }
}
