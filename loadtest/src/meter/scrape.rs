//! What the node says of itself: its metrics, read over its private address, or taken from a registry in this process.
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use causeway_ops::metrics::Exporter;

/// A node that is busy answers late: a sample that is not there is none.
const PATIENCE: Duration = Duration::from_millis(300);
/// Most bytes that are read.
const BYTES_MAX: u64 = 4 * 1_048_576;

/// Values by name, without those that have labels other than a bucket's or a currency.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scraped {
    values: BTreeMap<String, f64>,
    /// Values of each currency, by name and code.
    by_currency: BTreeMap<String, Vec<(String, f64)>>,
    /// Buckets of histograms: upper bounds in seconds, and how many are within.
    buckets: BTreeMap<String, Vec<(f64, f64)>>,
}

/// Where metrics come from.
#[derive(Clone)]
pub enum Source {
    /// A node's private address.
    Address(SocketAddr),
    /// This process, where it holds the engine itself.
    Own(Exporter),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Address(address) => f.debug_tuple("Address").field(address).finish(),
            Self::Own(_) => f.write_str("Own"),
        }
    }
}

impl Source {
    /// Asks once; none if there is no answer.
    pub fn look(&self) -> Option<Scraped> {
        match self {
            Self::Address(address) => scrape(*address),
            Self::Own(exporter) => exporter.text().ok().map(|text| Scraped::parse(&text)),
        }
    }
}

fn scrape(address: SocketAddr) -> Option<Scraped> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    write!(
        stream,
        "GET /metrics HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .ok()?;
    let mut text = String::new();
    stream.take(BYTES_MAX).read_to_string(&mut text).ok()?;
    Some(Scraped::parse(&text))
}

impl Scraped {
    /// From Prometheus's text form; what cannot be read is passed over.
    pub fn parse(text: &str) -> Self {
        let mut scraped = Self::default();
        let lines = text.lines().filter(|line| line.starts_with("causeway_"));
        for (name, value) in lines.filter_map(|line| line.rsplit_once(' ')) {
            let Ok(value) = value.parse::<f64>() else { continue };
            match name.split_once('{') {
                None => {
                    scraped.values.insert(name.to_owned(), value);
                }
                Some((name, labels)) => {
                    let currency = labels.strip_prefix("currency=\"");
                    if let Some(code) = currency.and_then(|label| label.strip_suffix("\"}")) {
                        let values = scraped.by_currency.entry(name.to_owned()).or_default();
                        values.push((code.to_owned(), value));
                        continue;
                    }
                    let Some(name) = name.strip_suffix("_bucket") else {
                        continue;
                    };
                    let bound = labels.split('"').nth(1).filter(|_| labels.starts_with("le="));
                    // `+Inf` is a number, too.
                    if let Some(bound) = bound.and_then(|bound| bound.parse().ok()) {
                        scraped
                            .buckets
                            .entry(name.to_owned())
                            .or_default()
                            .push((bound, value));
                    }
                }
            }
        }
        scraped
    }

    /// A value; none if the node does not tell it.
    pub fn value(&self, name: &str) -> Option<f64> {
        self.values.get(name).copied()
    }

    /// Values of a metric of each currency, by its code.
    pub fn by_currency(&self, name: &str) -> impl Iterator<Item = (&str, f64)> {
        let values = self.by_currency.get(name).into_iter().flatten();
        values.map(|(code, value)| (code.as_str(), *value))
    }

    /// How far a value rose since another look.
    pub fn rose(&self, before: &Self, name: &str) -> Option<f64> {
        // A node that was started again counts from zero.
        let before = before.value(name).unwrap_or(0.0);
        self.value(name)
            .map(|now| if now < before { now } else { now - before })
    }

    /// Seconds that a part of what a histogram took in since another look is within; its bucket's upper bound.
    pub fn within(&self, before: &Self, name: &str, part: f64) -> Option<f64> {
        let now = self.buckets.get(name)?;
        let earlier = before.buckets.get(name);
        let rise = |at: usize, count: f64| {
            let earlier = earlier
                .and_then(|buckets| buckets.get(at))
                .map_or(0.0, |(_, count)| *count);
            count - earlier
        };
        let all = now.last().map(|(_, count)| rise(now.len() - 1, *count))?;
        if all <= 0.0 {
            return None;
        }
        let found = now
            .iter()
            .enumerate()
            .find(|(at, (_, count))| rise(*at, *count) >= all * part);
        let finite = now
            .iter()
            .rev()
            .map(|(bound, _)| *bound)
            .find(|bound| bound.is_finite());
        found
            .map(|(_, (bound, _))| *bound)
            .filter(|bound| bound.is_finite())
            .or(finite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "HTTP/1.1 200 OK\r\n\r\n# HELP x\ncauseway_queue_waiting 12\n\
        causeway_log_write_seconds_bucket{le=\"0.001\"} 5\ncauseway_log_write_seconds_bucket{le=\"0.01\"} 9\n\
        causeway_log_write_seconds_bucket{le=\"+Inf\"} 10\ncauseway_log_write_seconds_count 10\n\
        causeway_queue_payments{currency=\"EUR\"} 3\n";

    #[test]
    fn values_and_buckets_are_read() {
        let (now, none) = (Scraped::parse(TEXT), Scraped::default());
        assert_eq!(now.value("causeway_queue_waiting"), Some(12.0));
        assert_eq!(now.value("causeway_queue_payments"), None);
        let by_currency: Vec<_> = now.by_currency("causeway_queue_payments").collect();
        assert_eq!(by_currency, [("EUR", 3.0)]);
        assert_eq!(now.rose(&none, "causeway_log_write_seconds_count"), Some(10.0));
        assert_eq!(now.within(&none, "causeway_log_write_seconds", 0.5), Some(0.001));
        assert_eq!(now.within(&none, "causeway_log_write_seconds", 0.9), Some(0.01));
        assert_eq!(now.within(&none, "causeway_log_write_seconds", 1.0), Some(0.01));
        assert_eq!(now.within(&now, "causeway_log_write_seconds", 0.5), None);
        assert_eq!(now.within(&none, "nothing", 0.5), None);
    }

    #[test]
    fn nobody_answers_where_nobody_listens() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("its address");
        drop(free);
        assert_eq!(scrape(address), None);
    }
}
