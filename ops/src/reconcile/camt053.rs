//! A statement as ISO 20022 camt.053, of any version: only what a reconciliation needs is read.
use causeway_fx::{Currency, parse_amount};
use quick_xml::Reader as Tokens;
use quick_xml::events::Event;
use roxmltree::{Document, Node, ParsingOptions};

use super::{Date, Fault, Line, Lines, Side, Statement, amount, amount_or_zero, date};

/// Most elements, attributes and texts of a file.
const NODES_MAX: u32 = 10_000_000;
/// Most elements inside each other: a statement has some fifteen. The tree is built by recursion.
const DEPTH_MAX: u32 = 100;
/// Most bytes of a tag: its attributes are compared with each other.
const TAG_BYTES_MAX: usize = 16_384;

/// Reads the statement in this currency, which must be one.
pub(super) fn read(text: &str, currency: &Currency) -> Result<Statement, Fault> {
    let lines = Lines::new(text.as_bytes());
    bounded(text, &lines)?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: NODES_MAX,
    };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let rule = format!("the text is not XML that is read here: {error}");
        Fault::new(error.pos().row, "Document", rule)
    })?;
    let root = document.root_element();
    let reader = Reader { lines, currency };
    let mut messages = children(root, "BkToCstmrStmt");
    let message = messages.next().ok_or_else(|| {
        let rule = "there is no BkToCstmrStmt in it: it must be a camt.053";
        reader.fault(root, "Document", rule)
    })?;
    if let Some(second) = messages.next() {
        return Err(reader.fault(second, "BkToCstmrStmt", "a second one: a file must have one"));
    }
    let mut own = children(message, "Stmt").filter(|statement| reader.is_own(*statement));
    let (first, second) = (own.next(), own.next());
    match (first, second) {
        (Some(statement), None) => reader.statement(statement),
        (None, _) => {
            let rule = format!("none is in {}", currency.alpha());
            Err(reader.fault(message, "Stmt", rule))
        }
        (_, Some(second)) => {
            let rule = format!("a second one in {}: a file must have one", currency.alpha());
            Err(reader.fault(second, "Stmt", rule))
        }
    }
}

/// Refuses what would cost more to read than its length says.
fn bounded(text: &str, lines: &Lines) -> Result<(), Fault> {
    let mut tokens = Tokens::from_str(text);
    let mut depth = 0_u32;
    loop {
        let token = tokens.read_event();
        let fault = |rule: String| {
            let at = usize::try_from(tokens.buffer_position()).unwrap_or(usize::MAX);
            Err(Fault::new(lines.of(at), "Document", rule))
        };
        let tag = match &token {
            Ok(Event::Eof) => return Ok(()),
            Ok(Event::Start(tag)) => {
                depth += 1;
                tag.len()
            }
            Ok(Event::Empty(tag)) => tag.len(),
            Ok(Event::End(_)) => {
                depth = depth.saturating_sub(1);
                0
            }
            Ok(_) => 0,
            Err(error) => return fault(format!("the text is not XML that is read here: {error}")),
        };
        if depth > DEPTH_MAX {
            return fault(format!("more than {DEPTH_MAX} elements inside each other"));
        }
        if tag > TAG_BYTES_MAX {
            return fault(format!("a tag of more than {TAG_BYTES_MAX} bytes"));
        }
    }
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| child.is_element() && child.tag_name().name() == name)
}

fn child<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> Option<Node<'a, 'i>> {
    children(node, name).next()
}

/// The text at the end of a path of elements.
fn text_at<'a>(node: Node<'a, '_>, path: &[&'static str]) -> Option<&'a str> {
    let end = path.iter().try_fold(node, |node, name| child(node, name))?;
    content(end)
}

/// What an element says, if it is one piece of text: neither elements nor comments part it.
fn content<'a>(node: Node<'a, '_>) -> Option<&'a str> {
    let mut parts = node.children();
    let first = parts.next().filter(Node::is_text)?;
    let whole = parts.next().is_none().then(|| first.text())??;
    Some(whole.trim()).filter(|text| !text.is_empty())
}

struct Reader<'a> {
    lines: Lines,
    currency: &'a Currency,
}

impl Reader<'_> {
    fn line(&self, node: Node<'_, '_>) -> u32 {
        self.lines.of(node.range().start)
    }

    fn fault(&self, node: Node<'_, '_>, field: &'static str, rule: impl Into<String>) -> Fault {
        Fault::new(self.line(node), field, rule)
    }

    /// True if the account, or where that does not say any amount, is in the currency.
    fn is_own(&self, statement: Node<'_, '_>) -> bool {
        let code = text_at(statement, &["Acct", "Ccy"]).or_else(|| {
            let amounts = statement.children().filter_map(|part| child(part, "Amt"));
            amounts.filter_map(|amount| amount.attribute("Ccy")).next()
        });
        code == Some(self.currency.alpha())
    }

    fn statement(&self, statement: Node<'_, '_>) -> Result<Statement, Fault> {
        let (mut opening, mut closing) = (None, None);
        for balance in children(statement, "Bal") {
            let kind = text_at(balance, &["Tp", "CdOrPrtry", "Cd"]).unwrap_or_default();
            // The first opening balance counts, and the last closing one: a statement may come in pages.
            match kind {
                "OPBD" | "PRCD" if opening.is_none() => opening = Some(self.balance(balance)?),
                "CLBD" => closing = Some(self.balance(balance)?),
                _ => {}
            }
        }
        let mut lines = Vec::new();
        for entry in children(statement, "Ntry") {
            let state = text_at(entry, &["Sts", "Cd"]).or_else(|| text_at(entry, &["Sts"]));
            match state {
                Some("PDNG" | "INFO" | "FUTR") => {}
                Some("BOOK") => self.entry(entry, &mut lines)?,
                None if child(entry, "Sts").is_none() => self.entry(entry, &mut lines)?,
                other => {
                    let rule = format!("{}: must be BOOK, PDNG, INFO or FUTR", other.unwrap_or_default());
                    return Err(self.fault(entry, "Sts", rule));
                }
            }
        }
        let period = |which: &'static str| {
            let node = child(statement, "FrToDt").and_then(|period| child(period, which));
            let text = node.and_then(content);
            let day = text.map(|text| date(self.line(statement), which, text));
            day.transpose()
        };
        // The opening balance may bear the date of the evening before: it says nothing where anything else does.
        let days = || {
            let told = lines.is_empty() && closing.is_none();
            let balance = if told { opening } else { closing };
            lines
                .iter()
                .map(|line| line.date)
                .chain(balance.map(|(day, _)| day))
        };
        let none = || {
            let rule = "nothing says which days it covers";
            self.fault(statement, "FrToDt", rule)
        };
        let from = match period("FrDtTm")? {
            Some(day) => day,
            None => days().min().ok_or_else(none)?,
        };
        let to = match period("ToDtTm")? {
            Some(day) => day,
            None => days().max().ok_or_else(none)?,
        };
        if let Some(line) = lines.iter().find(|line| !(from..=to).contains(&line.date)) {
            return Err(Fault::new(
                line.at,
                "BookgDt",
                "lies outside the days that the statement covers",
            ));
        }
        if from > to {
            return Err(self.fault(statement, "FrToDt", "ends before it begins"));
        }
        Ok(Statement {
            from,
            to,
            opening: opening.map(|(_, money)| money),
            closing: closing.map(|(_, money)| money),
            lines,
        })
    }

    fn side(&self, node: Node<'_, '_>) -> Result<Side, Fault> {
        match text_at(node, &["CdtDbtInd"]) {
            Some("CRDT") => Ok(Side::Credit),
            Some("DBIT") => Ok(Side::Debit),
            Some(other) => {
                let rule = format!("{other}: must be CRDT or DBIT");
                Err(self.fault(node, "CdtDbtInd", rule))
            }
            None => Err(self.fault(node, "CdtDbtInd", "is missing")),
        }
    }

    fn money<'n>(&self, node: Node<'n, '_>) -> Result<&'n str, Fault> {
        let amount = child(node, "Amt").ok_or_else(|| self.fault(node, "Amt", "is missing"))?;
        let code = amount.attribute("Ccy").unwrap_or_default();
        if code != self.currency.alpha() {
            let rule = format!("{code}: must be {}", self.currency.alpha());
            return Err(self.fault(amount, "Ccy", rule));
        }
        content(amount).ok_or_else(|| self.fault(amount, "Amt", "must be one number"))
    }

    fn date(&self, node: Node<'_, '_>, field: &'static str) -> Result<Date, Fault> {
        let text = text_at(node, &[field, "Dt"])
            .or_else(|| text_at(node, &[field, "DtTm"]))
            .or_else(|| text_at(node, &[field]));
        let text = text.ok_or_else(|| self.fault(node, field, "is missing"))?;
        date(self.line(node), field, text)
    }

    fn balance(&self, node: Node<'_, '_>) -> Result<(Date, i128), Fault> {
        let text = self.money(node)?;
        let amount = amount_or_zero(self.line(node), "Amt", text, self.currency)?;
        // Its date stands in `Dt`, as a date or as a time.
        Ok((self.date(node, "Dt")?, self.side(node)?.signed(amount)))
    }

    /// An entry is one line; one of several transactions, each with amount and reference on the same side, is as many.
    fn entry(&self, entry: Node<'_, '_>, lines: &mut Vec<Line>) -> Result<(), Fault> {
        let side = self.side(entry)?;
        let day = match child(entry, "BookgDt") {
            Some(_) => self.date(entry, "BookgDt")?,
            None => self.date(entry, "ValDt")?,
        };
        let whole = amount(self.line(entry), "Amt", self.money(entry)?, self.currency)?;
        let line = |node: Node<'_, '_>, references, amount| Line {
            at: self.line(node),
            date: day,
            references,
            side,
            amount,
        };
        let details: Vec<_> = children(entry, "NtryDtls")
            .flat_map(|details| children(details, "TxDtls"))
            .collect();
        let own = ["NtryRef", "AcctSvcrRef"].map(|name| text_at(entry, &[name]));
        let own: Vec<String> = own.into_iter().flatten().map(str::to_owned).collect();
        let parts: Vec<Option<u64>> = details.iter().map(|part| self.part(*part)).collect();
        let sum = parts
            .iter()
            .try_fold(0_u64, |sum, part| sum.checked_add((*part)?));
        let told = |part: &Node<'_, '_>| {
            let same = child(*part, "CdtDbtInd").is_none() || self.side(*part) == Ok(side);
            same && !references(*part).is_empty()
        };
        if details.len() > 1 && sum == Some(whole) && details.iter().all(told) {
            let parts = details.iter().zip(parts.into_iter().flatten());
            let parts = parts.filter(|(_, amount)| *amount != 0);
            lines.extend(parts.map(|(part, amount)| line(*part, references(*part), amount)));
            return Ok(());
        }
        let all = if is_ours(entry) {
            our_references(entry, &details)
        } else {
            let all = details.iter().flat_map(|part| references(*part));
            own.into_iter().chain(all).collect()
        };
        if all.is_empty() {
            return Err(self.fault(entry, "NtryRef", "is missing, and so is every other reference"));
        }
        lines.push(line(entry, all, whole));
        Ok(())
    }

    /// Amount of a transaction, if it says one in the currency.
    fn part(&self, part: Node<'_, '_>) -> Option<u64> {
        let amount = child(part, "Amt").or_else(|| {
            let told = child(part, "AmtDtls")?;
            child(child(told, "TxAmt")?, "Amt")
        })?;
        let own = amount.attribute("Ccy") == Some(self.currency.alpha());
        let text = content(amount).filter(|_| own)?;
        parse_amount(text, self.currency).ok()
    }
}

/// True if a ledger of this kind wrote the entry.
fn is_ours(entry: Node<'_, '_>) -> bool {
    text_at(entry, &["BkTxCd", "Prtry", "Issr"]) == Some("CAUSEWAY")
}

/// References of an entry that a ledger wrote: its numbers are places in log and feed, which a reference of the RTGS may
/// look like. Without such a reference the entry is named in words that are none.
fn our_references(entry: Node<'_, '_>, details: &[Node<'_, '_>]) -> Vec<String> {
    let told = details
        .iter()
        .filter_map(|part| text_at(*part, &["Refs", "EndToEndId"]));
    let told: Vec<String> = told.map(str::to_owned).collect();
    if told.is_empty() {
        let entry = text_at(entry, &["AcctSvcrRef"]);
        return entry
            .map(|entry| format!("log entry {entry}"))
            .into_iter()
            .collect();
    }
    told
}

/// All references of a transaction.
fn references(part: Node<'_, '_>) -> Vec<String> {
    let Some(all) = child(part, "Refs") else {
        return Vec::new();
    };
    let names = [
        "AcctSvcrRef",
        "PmtInfId",
        "InstrId",
        "EndToEndId",
        "TxId",
        "MktInfrstrctrTxId",
    ];
    let found = names.iter().filter_map(|name| text_at(all, &[name]));
    found
        .filter(|text| *text != "NOTPROVIDED")
        .map(str::to_owned)
        .collect()
}
