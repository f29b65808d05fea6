//! What `listen` prints of exchanges, trades and requests to withdraw a trade.
use crate::exchange::Exchanged;
use serde::Serialize;

/// A settled exchange, or a quote lock, as it is printed.
#[derive(Debug, Serialize)]
pub struct ExchangeLine {
    /// `exchange`, or `quote_lock`.
    pub event: &'static str,
    /// Its number in the feed.
    pub number: u64,
    /// When.
    pub time: String,
    /// Whether this bank is its `debtor`, its `creditor` or a `provider`.
    pub role: &'static str,
    /// Its status.
    pub status: &'static str,
    /// What that means.
    pub meaning: &'static str,
    /// Who paid.
    pub debtor: String,
    /// Who was paid.
    pub creditor: String,
    /// Business reference.
    pub uetr: String,
    /// Its id.
    pub instruction_id: String,
    /// What it came to.
    pub exchange: Exchanged,
}

impl ExchangeLine {
    /// In one line.
    pub fn text(&self) -> String {
        let what = &self.exchange;
        format!(
            "{} {} {} as {}: {} {} of {} for {} {} of {}, {}, uetr {}",
            self.time,
            self.event,
            self.status,
            self.role,
            what.paid_text,
            what.paid_currency,
            self.debtor,
            what.received_text,
            what.received_currency,
            self.creditor,
            what.rates(),
            self.uetr
        )
    }
}

/// One side of a trade, as it is printed. Amounts are those of the party whose instruction it is.
#[derive(Debug, Serialize)]
pub struct Trade {
    /// `trade` of this bank, or `alleged_trade` of another one against it.
    pub event: &'static str,
    /// Its number in the feed.
    pub number: u64,
    /// When.
    pub time: String,
    /// Status of the instruction.
    pub status: &'static str,
    /// What that means.
    pub meaning: &'static str,
    /// The other bank.
    pub bank: String,
    /// Currency that the instruction's party pays.
    pub pays_currency: String,
    /// Minor units that it pays.
    pub pays: u64,
    /// The same with the digits of its currency.
    pub pays_text: String,
    /// Currency that it gets.
    pub gets_currency: String,
    /// Minor units that it gets.
    pub gets: u64,
    /// The same with the digits of its currency.
    pub gets_text: String,
    /// When both legs settle.
    pub value_date: String,
    /// The reference that the parties agreed on.
    pub reference: Option<String>,
    /// Business reference.
    pub uetr: String,
    /// The instruction's id.
    pub instruction_id: String,
}

impl Trade {
    /// In one line.
    pub fn text(&self) -> String {
        let who = if self.event == "trade" {
            format!("own trade with {}: pays", self.bank)
        } else {
            format!("trade that {} alleges: it pays", self.bank)
        };
        format!(
            "{} {}: {who} {} {}, gets {} {}, on {}, reference {}, uetr {}",
            self.time,
            self.status,
            self.pays_text,
            self.pays_currency,
            self.gets_text,
            self.gets_currency,
            self.value_date,
            self.reference.as_deref().unwrap_or("none"),
            self.uetr
        )
    }
}

/// A request to withdraw a matched trade, or what became of it, as it is printed.
#[derive(Debug, Serialize)]
pub struct Withdrawal {
    /// `withdrawal_question` of another bank, or `withdrawal_answer` to this bank's own.
    pub event: &'static str,
    /// Its number in the feed.
    pub number: u64,
    /// When.
    pub time: String,
    /// Status of the request.
    pub status: &'static str,
    /// What that means.
    pub meaning: &'static str,
    /// The other bank.
    pub bank: String,
    /// Currency that the asking party pays in the trade.
    pub currency: String,
    /// Minor units that it pays.
    pub amount: u64,
    /// The same with the digits of its currency.
    pub amount_text: String,
    /// The request's id.
    pub instruction_id: String,
    /// The id of the asking party's side of the trade.
    pub original: String,
}

impl Withdrawal {
    /// In one line.
    pub fn text(&self) -> String {
        let who = if self.event == "withdrawal_question" {
            format!("{} asks to withdraw a trade in which it pays", self.bank)
        } else {
            format!("own request to {} to withdraw a trade that pays it", self.bank)
        };
        format!(
            "{} {}: {who} {} {}, request {}, trade {}",
            self.time, self.status, self.amount_text, self.currency, self.instruction_id, self.original
        )
    }
}
