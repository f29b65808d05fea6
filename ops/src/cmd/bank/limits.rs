//! `causeway bank limits`: limits, reservations and liquidity of the bank's accounts; and how they are set.
use causeway_message::record::{Kind, flags};
use causeway_message::wire::{AccountLine, Accounts, account_flags};
use serde::Serialize;

use super::credit::{self, CreditJson};
use super::instruct::{self, Class, Signing, carry_out};
use crate::Failure;
use crate::client::words::{self, Names};
use crate::client::{BankArgs, Desk, within};
use crate::cmd::Answer;

const HELP: &str = "\
Without a subcommand it shows balance, headroom, reservations, sender limits with their use, and what waits out and in.

Examples:
  causeway bank limits --config banks/ALFADEFF/bank.toml --currency EUR
  causeway bank limits --config banks/ALFADEFF/bank.toml set --currency EUR --to BETAFRPP --amount 100.00
  causeway bank limits --config banks/ALFADEFF/bank.toml set --currency EUR --multilateral --remove
  causeway bank limits --config banks/ALFADEFF/bank.toml reserve --currency EUR --class urgent --amount 50.00
  causeway bank limits --config banks/ALFADEFF/bank.toml bypass --currency EUR on

Exit codes: 0 shown or set, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank limits`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    signing: Signing,
    /// Only this currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Set a sender limit, or remove it.
    #[command(after_help = HELP)]
    Set(SetArgs),
    /// Keep liquidity for a class and those above it; 0 ends it.
    #[command(after_help = HELP)]
    Reserve(ReserveArgs),
    /// Say whether payments of one class may overtake each other.
    #[command(after_help = HELP)]
    Bypass(BypassArgs),
}

#[derive(Debug, clap::Args)]
struct SetArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Against this participant.
    #[arg(
        long,
        value_name = "NAME",
        required_unless_present = "multilateral",
        conflicts_with = "multilateral"
    )]
    to: Option<String>,
    /// Against all others that have no limit of their own.
    #[arg(long)]
    multilateral: bool,
    /// Exact decimal amount.
    #[arg(
        long,
        value_name = "AMOUNT",
        required_unless_present = "remove",
        conflicts_with = "remove"
    )]
    amount: Option<String>,
    /// Remove the limit.
    #[arg(long)]
    remove: bool,
}

#[derive(Debug, clap::Args)]
struct ReserveArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// The class: urgent or high.
    #[arg(long, value_name = "CLASS")]
    class: Class,
    /// Exact decimal amount.
    #[arg(long, value_name = "AMOUNT")]
    amount: String,
}

#[derive(Debug, clap::Args)]
struct BypassArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// on or off.
    #[arg(value_name = "on|off")]
    set: Switch,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Switch {
    /// They may.
    On,
    /// First in, first out.
    Off,
}

/// Shows or sets.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    match &args.command {
        None => show(&args.signing.bank, args.currency.as_deref()).await,
        Some(Command::Set(set)) => self::set(&args.signing, set).await,
        Some(Command::Reserve(reserve)) => self::reserve(&args.signing, reserve).await,
        Some(Command::Bypass(bypass)) => self::bypass(&args.signing, bypass).await,
    }
}

async fn set(signing: &Signing, args: &SetArgs) -> Result<Answer, Failure> {
    let currency = words::currency("--currency", &args.currency)?;
    let amount = match &args.amount {
        Some(text) => words::amount_or_zero("--amount", text, currency)?,
        None => 0,
    };
    let id = signing.id()?;
    let desk = Desk::open(&signing.bank, signing.person).await?;
    let mut record = instruct::own(id, Kind::Limit, desk.participant(), currency.numeric, amount);
    let against = match &args.to {
        Some(name) => {
            record.creditor = desk.names().await?.find("--to", name)?.0.into();
            name.clone()
        }
        None => "all others".to_owned(),
    };
    let record = instruct::with_flags(record, &[(args.remove, flags::DECLINE)]);
    let what = if args.remove {
        format!("removes the limit against {against} in {}", currency.alpha())
    } else {
        let amount = words::money(amount.into(), currency.numeric);
        format!("sets the limit against {against} to {amount}")
    };
    carry_out(desk, &signing.bank, record, Vec::new(), what).await
}

async fn reserve(signing: &Signing, args: &ReserveArgs) -> Result<Answer, Failure> {
    let currency = words::currency("--currency", &args.currency)?;
    let amount = words::amount_or_zero("--amount", &args.amount, currency)?;
    if args.class.number() == 0 {
        return Err(Failure::Config(
            "--class: something is kept for urgent or for high payments".to_owned(),
        ));
    }
    let id = signing.id()?;
    let desk = Desk::open(&signing.bank, signing.person).await?;
    let mut record = instruct::own(
        id,
        Kind::Reservation,
        desk.participant(),
        currency.numeric,
        amount,
    );
    record.priority = args.class.number();
    let money = words::money(amount.into(), currency.numeric);
    let what = format!("keeps {money} for {} payments", args.class.name());
    carry_out(desk, &signing.bank, record, Vec::new(), what).await
}

async fn bypass(signing: &Signing, args: &BypassArgs) -> Result<Answer, Failure> {
    let currency = words::currency("--currency", &args.currency)?;
    let id = signing.id()?;
    let desk = Desk::open(&signing.bank, signing.person).await?;
    let record = instruct::own(id, Kind::Discipline, desk.participant(), currency.numeric, 0);
    let on = args.set == Switch::On;
    let record = instruct::with_flags(record, &[(on, flags::BYPASS)]);
    let may = if on { "may" } else { "may not" };
    let what = format!(
        "payments of one class {may} overtake each other in {}",
        currency.alpha()
    );
    carry_out(desk, &signing.bank, record, Vec::new(), what).await
}

#[derive(Debug, Serialize)]
struct AccountsJson {
    bank: String,
    after_entry: u64,
    accounts: Vec<AccountJson>,
    limits_left_out: u32,
}

#[derive(Debug, Serialize)]
struct KeptJson {
    set: String,
    left: String,
}

#[derive(Debug, Serialize)]
struct LimitJson {
    against: Option<String>,
    amount: String,
    used: String,
}

#[derive(Debug, Serialize)]
struct WaitingJson {
    count: u32,
    value: String,
}

#[derive(Debug, Serialize)]
struct AccountJson {
    currency: String,
    phase: &'static str,
    business_date: Option<String>,
    balance: String,
    cap: String,
    set_aside: String,
    headroom: String,
    reserved_urgent: KeptJson,
    reserved_high: KeptJson,
    multilateral_limit: Option<LimitJson>,
    bilateral_limits: Vec<LimitJson>,
    bypass: bool,
    suspended: bool,
    queued_out_urgent: WaitingJson,
    queued_out_high: WaitingJson,
    queued_out_normal: WaitingJson,
    queued_in: WaitingJson,
    fees: String,
    credit: Option<CreditJson>,
}

async fn show(bank: &BankArgs, currency: Option<&str>) -> Result<Answer, Failure> {
    let currency = words::currency_or_all(currency)?;
    let desk = Desk::open(bank, None).await?;
    let names = desk.names().await?;
    let asked = within(
        bank.patience(),
        "the node did not answer",
        desk.client.accounts(currency),
    );
    let told = asked.await??;
    let asked = within(
        bank.patience(),
        "the node did not answer",
        desk.client.credits(currency),
    );
    let credits = asked.await??;
    let name = desk.config.name.clone();
    desk.close().await?;
    let json = AccountsJson {
        bank: name,
        after_entry: told.index,
        accounts: told
            .lines
            .iter()
            .map(|line| AccountJson {
                credit: credit::of_account(&credits, line.currency),
                ..json(line, &told, &names)
            })
            .collect(),
        limits_left_out: told.left_out,
    };
    if bank.json {
        return Answer::json(&json);
    }
    let mut out = format!("{} after log entry {}:\n", json.bank, json.after_entry);
    json.accounts
        .iter()
        .for_each(|account| out.push_str(&text(account)));
    Ok(Answer::done(out))
}

fn json(line: &AccountLine, all: &Accounts, names: &Names) -> AccountJson {
    let money = |minor: i128| words::decimal(minor, line.currency);
    let kept = |kept: causeway_message::wire::Kept| KeptJson {
        set: money(kept.set.into()),
        left: money(kept.left.into()),
    };
    let waiting = |of: causeway_message::wire::Projected| WaitingJson {
        count: of.count,
        value: money(of.value),
    };
    let limit = |against: Option<String>, amount: u64, used: i128| LimitJson {
        against,
        amount: money(amount.into()),
        used: money(used),
    };
    let [normal, high, urgent] = line.outgoing;
    let own = all.limits.iter().filter(|limit| limit.currency == line.currency);
    AccountJson {
        currency: words::code(line.currency),
        phase: line.phase.name(),
        business_date: (line.date != 0).then(|| words::date(line.date)),
        balance: money(line.balance),
        cap: money(line.cap.into()),
        set_aside: money(line.set_aside),
        headroom: money(line.free),
        reserved_urgent: kept(line.urgent),
        reserved_high: kept(line.high),
        multilateral_limit: (line.flags & account_flags::MULTILATERAL != 0)
            .then(|| limit(None, line.multilateral, line.multilateral_used)),
        bilateral_limits: own
            .map(|one| limit(Some(names.of(one.participant)), one.amount, one.used))
            .collect(),
        bypass: line.flags & account_flags::BYPASS != 0,
        suspended: line.flags & account_flags::SUSPENDED != 0,
        queued_out_urgent: waiting(urgent),
        queued_out_high: waiting(high),
        queued_out_normal: waiting(normal),
        queued_in: waiting(line.incoming),
        fees: money(line.fees.into()),
        credit: None,
    }
}

fn text(account: &AccountJson) -> String {
    let mut out = format!(
        "  {} ({}): balance {}, cap {}, set aside {}, headroom {}\n",
        account.currency, account.phase, account.balance, account.cap, account.set_aside, account.headroom
    );
    let mut line = |what: &str, value: String| out.push_str(&format!("    {what:<24}{value}\n"));
    for (class, kept) in [
        ("urgent", &account.reserved_urgent),
        ("high", &account.reserved_high),
    ] {
        line(
            &format!("reserved for {class}"),
            format!("{}, {} of it left", kept.set, kept.left),
        );
    }
    let others = account.multilateral_limit.iter();
    for limit in others.chain(&account.bilateral_limits) {
        let against = limit.against.as_deref().unwrap_or("all others");
        line(
            &format!("limit against {against}"),
            format!("{}, {} of it in use", limit.amount, limit.used),
        );
    }
    for (what, waiting) in [
        ("waits out, urgent", &account.queued_out_urgent),
        ("waits out, high", &account.queued_out_high),
        ("waits out, normal", &account.queued_out_normal),
        ("waits in", &account.queued_in),
    ] {
        line(what, format!("{} of {}", waiting.count, waiting.value));
    }
    line("fees not billed yet", account.fees.clone());
    for (what, value) in account.credit.iter().flat_map(credit::rows) {
        line(&what, value);
    }
    out
}
