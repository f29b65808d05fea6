//! Business days of a few seconds each, in one currency: kills hit openings, cut-offs, and every step of a close.
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use causeway_message::Status;
use causeway_message::action::{Action, Hours, Phase};
use causeway_message::statement::{DayStep, DayTold, Statement};
use causeway_message::time::Timestamp;
use causeway_message::wire::day_flags;
use causeway_transport::Client;

use super::banks::Teller;
use super::books::Books;
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
    let told = steps(place).await?;
    let ended = ended(&told)?;
    for bank in banks {
        let wrong = |what| Failure::Check(format!("{}: {what}", bank.party.name));
        hold_cut_offs(&bank.books, &told).map_err(wrong)?;
    }
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

/// A step of a day, and the log index of the entry that told it.
type Told = (u64, DayTold);

/// The steps of all days, as the operator's feed tells them: none before its instant.
async fn steps(place: &Place) -> Result<Vec<Told>, Failure> {
    let client = Client::connect(place.client("OPERATOR", 1)?).await?;
    let mut feed = client.feed(1);
    let mut steps = Vec::new();
    // The feed waits for what does not exist yet; nothing is told any more here.
    while let Ok(entry) = tokio::time::timeout(SILENCE, feed.next()).await {
        let entry = entry?;
        for (_, event) in entry.events() {
            if let Some(told) = event.day().filter(|told| told.currency == DAILY.0) {
                if Timestamp::from_seconds(told.at) > entry.leaf.time {
                    return Err(Failure::Check(format!("{told:?} came before its instant")));
                }
                steps.push((entry.leaf.index, told));
            }
        }
    }
    client.close();
    Ok(steps)
}

/// True if customers are cut off for what a log entry holds: days turn at the begin of an entry, by its time.
fn is_late(told: &[Told], entry: u64) -> bool {
    let before = told.iter().take_while(|(at, _)| *at <= entry);
    let turns = before.filter(|(_, told)| told.step != DayStep::Extended).last();
    turns.is_some_and(|(_, told)| told.step != DayStep::Opened)
}

/// What a bank was refused for coming too late came too late: behind the cut-off of its day, before the next one opened.
/// All that banks send here is of the customers' class. Answers to single payments do not tell their entry.
fn hold_cut_offs(books: &Books, told: &[Told]) -> Result<(), String> {
    for (id, known) in &books.orders {
        let refused = known.answered == Some(Status::RejectedCutOff);
        let entry = known.origin.filter(|_| refused).map(|(entry, _)| entry);
        if let Some(entry) = entry
            && !is_late(told, entry)
        {
            return Err(format!(
                "instruction {id}: rejected as too late in entry {entry}, which is in time"
            ));
        }
    }
    Ok(())
}

/// Dates that opened, cut off, closed and ended, each step once and in its order.
fn ended(told: &[Told]) -> Result<Vec<u16>, Failure> {
    let mut steps: BTreeMap<u16, Vec<DayStep>> = BTreeMap::new();
    for (_, told) in told {
        steps.entry(told.date).or_default().push(told.step);
    }
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

#[cfg(test)]
mod tests {
    use causeway_message::ParticipantId;

    use super::super::bank::book::{Line, Order, Told as Answered};
    use super::*;

    const ID: &str = "000102030405060708090a0b0c0d0e0f";

    fn told() -> Vec<Told> {
        let day = |date, entries: [u64; 8]| {
            let steps = entries.into_iter().zip(DayStep::ALL);
            steps.map(move |(entry, step)| {
                let told = DayTold {
                    currency: DAILY.0,
                    date,
                    step,
                    at: 0,
                    count: 0,
                    value: 0,
                };
                (entry, told)
            })
        };
        let first = day(1, [10, 20, 21, 30, 31, 31, 32, 33]);
        first.chain(day(2, [40, 50, 50, 60, 61, 61, 62, 63])).collect()
    }

    /// A bank that was refused one payment as too late in an entry.
    fn refused(entry: u64) -> Books {
        let mut books = Books::new(ParticipantId(2));
        let orders = vec![Order(ID.into(), 3, DAILY.0, 50, None)];
        let (batch, lane) = (1, 1);
        books
            .take(Line::Intent { batch, lane, orders })
            .expect("an intent");
        let told = vec![Answered(Status::RejectedCutOff as u16, true, Some((entry, 0)))];
        books.take(Line::Answers { batch, told }).expect("an answer");
        books
    }

    #[test]
    fn a_refusal_as_too_late_is_right_between_the_cut_off_and_the_next_opening_alone() {
        let wrong = |entry: &u64| hold_cut_offs(&refused(*entry), &told()).is_err();
        let found: Vec<u64> = (1..70).filter(wrong).collect();
        let in_time: Vec<u64> = (1..20).chain(40..50).collect();
        assert_eq!(found, in_time);
    }
}
