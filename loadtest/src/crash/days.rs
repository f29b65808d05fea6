//! Business days of a few seconds each, in one currency: kills hit openings, cut-offs, and every step of a close.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use causeway_message::action::{Action, Hours, Phase};
use causeway_message::statement::{DayStep, Statement};
use causeway_message::wire::day_flags;
use causeway_transport::Client;

use super::banks::Teller;
use super::place::{DAILY, FUNDED, Place};
use super::{clock, funding};
use crate::error::Failure;
use crate::random::Random;

/// Days that are entered at once; between checks they are over.
const DAYS: u32 = 5;
/// Seconds from one opening to the next, and from an opening to cut-offs and close. What waits is rejected five seconds
/// after the close.
const DAY: u32 = 12;
const CUSTOMERS_OUT: u32 = 4;
const CUT_OFF: u32 = 5;
const CLOSE: u32 = 6;
/// How long a feed says nothing before all is read.
const SILENCE: Duration = Duration::from_secs(2);
/// Longest time that the days entered may take.
const OVER: Duration = Duration::from_secs(120);

/// Enters the next days, behind those that were.
///
/// # Errors
/// If the node does not take them.
pub async fn schedule(place: &Place, random: &mut Random) -> Result<(), Failure> {
    let client = Client::connect(place.client("OPERATOR", 1)?).await?;
    let told = client.days(DAILY.0).await?;
    client.close();
    let last = told.lines.iter().map(|line| line.hours.date).max().unwrap_or(0);
    let now = clock::now();
    let date = u32::from(last).max(now.days() as u32) + 1;
    let begin = now.seconds() as u32 + 3;
    let days = (0..DAYS).map(|number| {
        let open = begin + number * DAY;
        Hours {
            date: (date + number) as u16,
            open,
            customer_cut_off: open + CUSTOMERS_OUT,
            interbank_cut_off: open + CUT_OFF,
            close: open + CLOSE,
        }
    });
    let action = Action::ScheduleDays {
        currency: DAILY.0,
        days: days.collect(),
    };
    funding::carry_out(place, "OPERATOR", vec![action], random).await
}

/// Waits until no day is open, under way or ahead: what waits ends with a day, and would change while it is looked at.
///
/// # Errors
/// If they do not end.
pub async fn over(place: &Place) -> Result<(), Failure> {
    let client = Client::connect(place.client("OPERATOR", 1)?).await?;
    let until = Instant::now() + OVER;
    loop {
        let told = client.days(DAILY.0).await?;
        let goes_on = |flags: u8| flags & (day_flags::AHEAD | day_flags::CLOSING) != 0;
        let present = told.lines.first();
        let closed = present.is_none_or(|line| line.hours.date == 0 || line.phase == Phase::Closed);
        if closed && !told.lines.iter().any(|line| goes_on(line.flags)) {
            client.close();
            return Ok(());
        }
        if Instant::now() > until {
            return Err(Failure::Check(format!(
                "the days of {} do not end: {told:?}",
                DAILY.1
            )));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Every day gave every bank one statement; each begins where the one before ended, and the last closes with what the
/// account holds. Returns how many days there were.
///
/// # Errors
/// What does not hold.
pub async fn check(place: &Place, banks: &[Teller]) -> Result<u64, Failure> {
    let ended = ended(place).await?;
    let mut days: Option<Vec<(u16, u64)>> = None;
    for bank in banks {
        let name = &bank.party.name;
        let wrong = |what: String| Failure::Check(format!("{name}: {what}"));
        let client = Client::connect(place.client(name, 1)?).await?;
        let own = statements(&client, bank.books.next_event).await?;
        let balances = client.balances(DAILY.0).await?;
        client.close();
        let mut last = Statement::default();
        for statement in &own {
            let follows = (statement.opening, statement.from) == (last.closing, last.to);
            if !follows || statement.date <= last.date || statement.to <= last.to {
                return Err(wrong(format!("{statement:?} came behind {last:?}")));
            }
            last = *statement;
        }
        let held = balances.lines.first().map_or(0, |line| line.balance);
        let closing = if own.is_empty() {
            i128::from(FUNDED)
        } else {
            last.closing
        };
        if closing != held {
            let what = format!("the last statement closes with {closing}, the account holds {held}");
            return Err(wrong(what));
        }
        let told: Vec<(u16, u64)> = own
            .iter()
            .map(|statement| (statement.date, statement.to))
            .collect();
        if days.get_or_insert_with(|| told.clone()) != &told {
            return Err(wrong(format!(
                "{told:?} are its statements, others have {days:?}"
            )));
        }
    }
    let told: Vec<u16> = days.iter().flatten().map(|(date, _)| *date).collect();
    if told != ended {
        return Err(Failure::Check(format!(
            "days {ended:?} ended, and statements are of {told:?}"
        )));
    }
    Ok(ended.len() as u64)
}

/// Dates that opened, cut off, closed and ended, as the operator's feed tells, each step once and in its order.
async fn ended(place: &Place) -> Result<Vec<u16>, Failure> {
    let client = Client::connect(place.client("OPERATOR", 1)?).await?;
    let mut feed = client.feed(1);
    let mut steps: BTreeMap<u16, Vec<DayStep>> = BTreeMap::new();
    // The feed waits for what does not exist yet; nothing is told any more here.
    while let Ok(entry) = tokio::time::timeout(SILENCE, feed.next()).await {
        for (_, event) in entry?.events() {
            if let Some(told) = event.day().filter(|told| told.currency == DAILY.0) {
                steps.entry(told.date).or_default().push(told.step);
            }
        }
    }
    client.close();
    for (date, steps) in &steps {
        if steps[..] != DayStep::ALL[..8] {
            return Err(Failure::Check(format!("day {date} went through {steps:?}")));
        }
    }
    Ok(steps.into_keys().collect())
}

/// Statements in the bank's feed up to an event, each proven.
async fn statements(client: &Client, next: u64) -> Result<Vec<Statement>, Failure> {
    let mut feed = client.feed(1);
    let (mut found, mut seen) = (Vec::new(), 1);
    while seen < next {
        let entry = feed.next().await?;
        for (number, event) in entry.events() {
            seen = seen.max(number + 1);
            found.extend(event.statement().filter(|own| own.currency == DAILY.0));
        }
    }
    Ok(found)
}

/// True for a participant's currency whose days turn.
pub const fn turns(currency: u16) -> bool {
    currency == DAILY.0
}
