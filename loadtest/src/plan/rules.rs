//! What the fields of a scenario must keep to.
use std::fmt::Display;
use std::ops::RangeInclusive;

use causeway_message::limits::{BATCH_RECORDS_MAX, DOCUMENT_BYTES_MAX};

use crate::world::World as Banks;

use super::form::{Driver, Load, Loop, Mix, Phase, Plan, Setting, World};

/// A rule that is broken, and the key that breaks it.
#[derive(Debug)]
pub(super) struct Broken {
    pub key: String,
    pub rule: String,
}

type Checked = Result<(), Broken>;

fn broken(key: impl Into<String>, rule: impl Into<String>) -> Checked {
    Err(Broken {
        key: key.into(),
        rule: rule.into(),
    })
}

fn within<T: PartialOrd + Display>(key: &str, value: &T, range: &RangeInclusive<T>) -> Checked {
    if range.contains(value) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    if value > most {
        broken(key, format!("{value} is more than {most}"))
    } else if value < least {
        broken(key, format!("{value} is less than {least}"))
    } else {
        broken(key, format!("{value} is no number from {least} to {most}"))
    }
}

/// Keys of the node that the harness sets itself.
const OWN_SECTIONS: &[&str] = &["node", "tls"];
const SECTIONS: &[&str] = &[
    "journal", "ledger", "limits", "log", "netting", "snapshot", "threads",
];

/// Most payments a second that can be asked for.
const RATE_MAX: u64 = 100_000_000;
/// Largest number that TOML can hold.
const NUMBER_MAX: u64 = i64::MAX as u64;
/// Digits of a cap, so that it fits with the three decimals of some currencies.
const CAP_DIGITS_MAX: usize = 15;

/// The first rule that does not hold.
pub(super) fn check(plan: &Plan) -> Checked {
    if plan.about.trim().is_empty() {
        return broken("about", "is empty");
    }
    within("seconds", &plan.seconds, &(1..=86_400))?;
    within("warm_up", &plan.warm_up, &(0..=600))?;
    within("seed", &plan.seed, &(0..=NUMBER_MAX))?;
    world(&plan.world)?;
    load(&plan.load)?;
    ramp(plan)?;
    mix(plan)?;
    documents(plan)?;
    phases(plan)?;
    banks(plan)?;
    outage(plan)?;
    if let Some(days) = &plan.days {
        within("days.seconds", &days.seconds, &(2..=86_400))?;
    }
    within("checks.receipts", &plan.checks.receipts, &(0..=NUMBER_MAX))?;
    driver(plan)?;
    node(plan)
}

fn world(world: &World) -> Checked {
    within("world.banks", &world.banks, &(1..=1_024))?;
    within("world.participants", &world.participants, &(2..=20_000))?;
    if world.participants < world.banks {
        let (participants, banks) = (world.participants, world.banks);
        return broken(
            "world.participants",
            format!("{participants} is less than `banks`, {banks}"),
        );
    }
    within("world.currencies", &world.currencies, &(1..=18))?;
    let most = world.participants * world.currencies;
    within("world.accounts", &world.accounts, &(world.participants..=most))?;
    within("world.skew", &world.skew, &(1..=16))?;
    if let Some(cap) = &world.cap {
        let digits = !cap.is_empty() && cap.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || cap.len() > CAP_DIGITS_MAX {
            return broken(
                "world.cap",
                format!("\"{cap}\" is no whole amount of at most {CAP_DIGITS_MAX} digits"),
            );
        }
    }
    if let Some(share) = &world.cap_share {
        within("world.cap_share", share, &(0.0..=100.0))?;
        if world.cap.is_some() {
            return broken("world.cap_share", "stands beside `cap`: one of them");
        }
    }
    Ok(())
}

fn load(load: &Load) -> Checked {
    within("load.batch", &load.batch, &(1..=BATCH_RECORDS_MAX))?;
    within("load.depth", &load.depth, &(1..=64))?;
    within("load.threads", &load.threads, &(1..=64))?;
    if let Some(rate) = &load.rate {
        within("load.rate", rate, &(1..=RATE_MAX))?;
    }
    if let Some(share) = &load.of_best {
        within("load.of_best", share, &(0.01..=10.0))?;
    }
    let given = [
        ("load.rate", load.rate.is_some()),
        ("load.of_best", load.of_best.is_some()),
    ];
    let given: Vec<&str> = given
        .iter()
        .filter(|(_, given)| *given)
        .map(|(key, _)| *key)
        .collect();
    match (load.kind, given.as_slice()) {
        (Loop::Open, []) => broken("load.loop", "\"open\" needs `rate` or `of_best`"),
        (Loop::Open, [_, second, ..]) => broken(*second, "stands beside `rate`: one of them"),
        (Loop::Closed, [key, ..]) => broken(*key, "is only for the loop \"open\""),
        (Loop::Ramp, [key, ..]) => broken(
            *key,
            "is only for the loop \"open\"; a ramp begins at `ramp.from`",
        ),
        _ => Ok(()),
    }
}

fn ramp(plan: &Plan) -> Checked {
    let Some(ramp) = &plan.ramp else { return Ok(()) };
    if plan.load.kind != Loop::Ramp {
        return broken("ramp", "is only for the loop \"ramp\"");
    }
    within(
        "ramp.objective.quantile",
        &ramp.objective.quantile,
        &(0.5..=0.9999),
    )?;
    within("ramp.objective.ms", &ramp.objective.ms, &(0.01..=60_000.0))?;
    within("ramp.from", &ramp.from, &(1..=RATE_MAX))?;
    within("ramp.step", &ramp.step, &(1.01..=4.0))?;
    within("ramp.seconds", &ramp.seconds, &(1..=600))
}

fn mix(plan: &Plan) -> Checked {
    let Mix {
        duplicates,
        repeated,
        replays,
        reused,
        queued,
        trades,
        fx,
        linked,
    } = plan.mix;
    let mut sum = 0.0;
    for (key, share) in [
        ("mix.duplicates", duplicates),
        ("mix.repeated", repeated),
        ("mix.replays", replays),
        ("mix.reused", reused),
        ("mix.queued", queued),
        ("mix.trades", trades),
        ("mix.fx", fx),
        ("mix.linked", linked),
    ] {
        within(key, &share, &(0.0..=1.0))?;
        sum += share;
    }
    // Shares such as 0.1 have no exact sum.
    if sum > 1.0 + 1e-9 {
        return broken("mix", format!("the shares add up to {sum:.4}, more than 1"));
    }
    for (key, share) in [("mix.trades", trades), ("mix.fx", fx)] {
        if share > 0.0 && plan.world.currencies < 2 {
            return broken(key, "needs two currencies at least");
        }
    }
    let of = &plan.world;
    let banks = Banks::in_currencies(of.banks, of.participants, of.accounts, of.currencies);
    let whole = banks.held_by_all();
    // What waits has a currency for itself.
    let waits = usize::from(queued > 0.0);
    for (key, share, needed) in [
        ("mix.queued", queued, 2),
        ("mix.trades", trades, 2 + waits),
        ("mix.fx", fx, 2 + waits),
    ] {
        if share > 0.0 && whole < needed {
            return broken(
                key,
                format!("needs {needed} currencies that all banks hold, {whole} with so many `accounts`"),
            );
        }
    }
    if linked > 0.0 && plan.load.batch < 2 {
        return broken("mix.linked", "needs batches of two at least");
    }
    Ok(())
}

fn documents(plan: &Plan) -> Checked {
    let Some(documents) = &plan.documents else {
        return Ok(());
    };
    within("documents.bytes", &documents.bytes, &(1..=DOCUMENT_BYTES_MAX))?;
    within("documents.share", &documents.share, &(0.0..=1.0))
}

fn phases(plan: &Plan) -> Checked {
    for (phase, number) in plan.phases.iter().zip(1..) {
        if plan.load.kind != Loop::Open {
            return broken(format!("phase.{number}"), "is only for the loop \"open\"");
        }
        within(&format!("phase.{number}.seconds"), &phase.seconds, &(1..=86_400))?;
        within(&format!("phase.{number}.factor"), &phase.factor, &(0.0..=10.0))?;
    }
    if !plan.phases.is_empty() && plan.phases.iter().all(|phase| phase.factor == 0.0) {
        return broken("phase.1.factor", "is 0 in all phases: nothing would be sent");
    }
    shed(plan)
}

/// What is given up when the load falls, where it falls at all.
fn shed(plan: &Plan) -> Checked {
    if !plan.load.shed {
        return Ok(());
    }
    if plan.load.kind != Loop::Open {
        return broken("load.shed", "is only for the loop \"open\"");
    }
    // Phases begin again: what rises falls, too.
    let changes = |pair: &[Phase]| pair[1].factor != pair[0].factor;
    if !plan.phases.windows(2).any(changes) {
        return broken(
            "load.shed",
            "needs phases of more than one `factor`: the load never falls",
        );
    }
    Ok(())
}

fn banks(plan: &Plan) -> Checked {
    let banks = 1..=plan.world.banks;
    if let Some(hot) = &plan.hot {
        within("hot.bank", &hot.bank, &banks)?;
        within("hot.share", &hot.share, &(0.0..=1.0))?;
    }
    let Some(slow) = &plan.slow else { return Ok(()) };
    if slow.banks.is_empty() {
        return broken("slow.banks", "names no bank");
    }
    for (number, bank) in slow.banks.iter().enumerate() {
        let key = format!("slow.banks.{}", number + 1);
        within(&key, bank, &banks)?;
        if slow.banks[..number].contains(bank) {
            return broken(key, format!("bank {bank} stands there twice"));
        }
    }
    within(
        "slow.bytes_per_second",
        &slow.bytes_per_second,
        &(1..=1_000_000_000),
    )?;
    if !plan.checks.feeds {
        return broken("slow", "needs `checks.feeds`: nobody would read");
    }
    Ok(())
}

fn outage(plan: &Plan) -> Checked {
    let Some(outage) = &plan.outage else { return Ok(()) };
    within("outage.at", &outage.at, &(1..=86_400))?;
    within("outage.seconds", &outage.seconds, &(1..=86_400))?;
    if plan.mix.replays > 0.0 {
        return broken(
            "mix.replays",
            "stands beside `outage`: signed bytes are sent again on a session that is not made again",
        );
    }
    if plan.checks.memory {
        return broken(
            "checks.memory",
            "stands beside `outage`: a node that was started again has other memory",
        );
    }
    let end = outage.at + outage.seconds;
    if end >= plan.seconds {
        return broken(
            "outage.seconds",
            format!(
                "the node would be back in second {end}, not before the end of `seconds`, {}",
                plan.seconds
            ),
        );
    }
    Ok(())
}

/// What a driver cannot do.
fn driver(plan: &Plan) -> Checked {
    let only = |given: bool, key: &str, drivers: &str| {
        if given {
            broken(key, format!("is only for the driver {drivers}"))
        } else {
            Ok(())
        }
    };
    if plan.driver != Driver::Quic {
        only(plan.slow.is_some(), "slow", "\"quic\"")?;
        only(plan.outage.is_some(), "outage", "\"quic\"")?;
        only(plan.checks.memory, "checks.memory", "\"quic\"")?;
        only(!plan.node.is_empty(), "node", "\"quic\"")?;
    }
    if plan.driver == Driver::Core {
        only(
            plan.load.kind != Loop::Closed,
            "load.loop",
            "\"engine\" or \"quic\", unless \"closed\"",
        )?;
        only(plan.documents.is_some(), "documents", "\"engine\" or \"quic\"")?;
    }
    Ok(())
}

fn node(plan: &Plan) -> Checked {
    for (key, value) in &plan.node {
        let shown = format!("node.{key}");
        if let Setting::Number(number) = value {
            within(&shown, number, &(0..=NUMBER_MAX))?;
        }
        let section = key.split('_').next().unwrap_or_default();
        if OWN_SECTIONS.contains(&section) {
            return broken(shown, "is set by the harness itself");
        }
        let plain = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        if !plain || !SECTIONS.contains(&section) || key.len() <= section.len() + 1 {
            let sections = SECTIONS.join(", ");
            return broken(
                shown,
                format!(
                    "is no key of a node: a section ({sections}), `_`, and its key, as `snapshot_every_entries`"
                ),
            );
        }
    }
    Ok(())
}
