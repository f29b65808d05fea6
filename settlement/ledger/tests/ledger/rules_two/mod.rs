//! Random runs under version 2 of the rules: every kind of record and of action, each entry checked against a book
//! that is kept from what was told alone, and each run repeated from its snapshots.
mod account;
mod book;
mod commands;
mod run;

use causeway_message::action::Action;
use causeway_message::record::Kind;
use causeway_message::{ParticipantId, Status};
use proptest::prelude::*;

use commands::Player;
use run::{AGENT, CODES, bank};

const COMMANDS: usize = 10_000;

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn a_random_run_breaks_no_rule_and_repeats(
        words in prop::collection::vec(any::<u64>(), COMMANDS),
    ) {
        let mut player = Player::new(120);
        for (at, word) in words.iter().enumerate() {
            player.command(*word);
            if at % 64 == 0 {
                crate::survey::agrees(&player.run.ledger);
            }
        }
        player.run.repeats();
        player.reaches_everything();
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, max_shrink_iters: 40, ..ProptestConfig::default() })]

    #[test]
    fn cancel_races(words in prop::collection::vec(any::<bool>(), COMMANDS)) {
        race(&words);
    }
}

impl Player {
    /// A run that never gets anywhere shows nothing: each kind took effect, and each status came.
    fn reaches_everything(&self) {
        let counts = &self.book.counts;
        let total = |of: &dyn Fn(&(u8, Status)) -> bool| -> u64 {
            counts
                .iter()
                .filter(|(key, _)| of(key))
                .map(|(_, count)| count)
                .sum()
        };
        use Status::*;
        for kind in Kind::ALL.iter().filter(|kind| kind.since() <= 2) {
            let done = total(&|key| key.0 == *kind as u8 && !key.1.is_rejected());
            assert!(done > 10, "{} was done {done} times: {counts:?}", kind.name());
        }
        for status in [
            Settled,
            Queued,
            Warehoused,
            Pending,
            SetAside,
            Cancelled,
            Expired,
            GivenBack,
            RejectedClose,
            RejectedByOrder,
            RejectedCutOff,
            ChainFailed,
            CancellationPending,
            CancellationRefused,
            LimitExceeded,
            InsufficientLiquidity,
            ReturnExceeds,
            CreditorSuspended,
        ] {
            assert!(
                total(&|key| key.1 == status) > 0,
                "nothing was {}: {counts:?}",
                status.name()
            );
        }
    }
}

/// Money for a payment and its cancellation race each other: it is cancelled, or it settled and the cancellation is a
/// question; nothing else.
fn race(words: &[bool]) {
    let mut player = Player::new(1_000);
    let (payer, payee, source) = (bank(0), bank(1), bank(2));
    let mut sums = [0u64; 2];
    player.decide(
        AGENT,
        &Action::Fund {
            participant: ParticipantId(source),
            currency: CODES[0],
            amount: 10 * words.len() as u64,
            reference: "ALL".into(),
        },
    );
    for money_first in words {
        let payment = player.record(Kind::Payment, payer, payee, CODES[0], 10);
        let money = player.record(Kind::Payment, source, payer, CODES[0], 10);
        let mut cancel = player.record(Kind::Cancel, payer, payee, CODES[0], 10);
        cancel.related = payment.instruction_id;
        cancel.expires_at = (player.run.now.seconds() as u32 + 2).into();
        player.alone(payment);
        let steps = if *money_first {
            [money, cancel]
        } else {
            [cancel, money]
        };
        steps.into_iter().for_each(|step| player.alone(step));
        let found = |id| player.book.all[&(payer, id)].status;
        let told = (found(payment.id()), found(cancel.id()));
        let expected = if *money_first {
            (Status::Settled, Status::CancellationPending)
        } else {
            (Status::Cancelled, Status::Executed)
        };
        assert_eq!(told, expected);
        sums[usize::from(*money_first)] += 10;
        // What was cancelled leaves its money with the payer, who gives it back: the next race begins anew.
        if !money_first {
            let back = player.record(Kind::Payment, payer, source, CODES[0], 10);
            player.alone(back);
        }
        player.run.pass(1);
    }
    assert_eq!(
        player.book.accounts[&(payee, CODES[0])].balance,
        i128::from(sums[1])
    );
    player.run.repeats();
}
