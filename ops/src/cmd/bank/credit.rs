//! What `causeway bank limits` shows of intraday credit: the line of an account, and what secures it.
use causeway_message::wire::Credits;
use serde::Serialize;

use crate::client::words;

#[derive(Debug, Serialize)]
pub(super) struct AssetJson {
    asset: String,
    value: String,
    haircut_per_million: u32,
    counts: String,
}

/// Credit of one account.
#[derive(Debug, Serialize)]
pub(super) struct CreditJson {
    limit: String,
    line: String,
    collateral: String,
    in_use: String,
    frozen: bool,
    assets: Vec<AssetJson>,
}

/// The credit of an account, if it has collateral or a limit, or had.
pub(super) fn of_account(all: &Credits, currency: u16) -> Option<CreditJson> {
    let line = all.lines.iter().find(|line| line.currency == currency)?;
    let money = |minor: i128| words::decimal(minor, currency);
    let assets = all.assets.iter().filter(|asset| asset.currency == currency);
    Some(CreditJson {
        limit: money(line.limit.into()),
        line: money(line.line.into()),
        collateral: money(line.collateral),
        in_use: money(line.in_use),
        frozen: line.frozen,
        assets: assets
            .map(|asset| AssetJson {
                asset: asset.asset.clone(),
                value: money(asset.value.into()),
                haircut_per_million: asset.haircut,
                counts: money(asset.counts.into()),
            })
            .collect(),
    })
}

/// The same in words: what a row is about, and what it says.
pub(super) fn rows(credit: &CreditJson) -> Vec<(String, String)> {
    let frozen = if credit.frozen {
        ", frozen until it is repaid"
    } else {
        ""
    };
    let line = format!(
        "{} of at most {}, {} in use{frozen}",
        credit.line, credit.limit, credit.in_use
    );
    let mut rows = vec![("credit line".to_owned(), line)];
    rows.extend(credit.assets.iter().map(|asset| {
        (
            format!("collateral {}", asset.asset),
            format!("{}, of it {} count", asset.value, asset.counts),
        )
    }));
    rows
}
