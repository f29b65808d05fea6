//! Credit lines of a bank, and what secures them.
use crate::FormatError;
use crate::codec::{Put, Reader, within};
use crate::frame::{self, Template};
use crate::limits::REFERENCE_BYTES_MAX;

/// Credit of one account. Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditLine {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// It was not repaid when the currency closed: it gives nothing until it is.
    pub frozen: bool,
    /// Net debit cap, as it was granted.
    pub cap: u64,
    /// The most that is lent.
    pub limit: u64,
    /// What limit and collateral give.
    pub line: u64,
    /// What counts of the collateral.
    pub collateral: i128,
    /// What the balance is below the cap.
    pub in_use: i128,
}

/// An asset that secures an account. Minor units of its currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssetLine {
    /// ISO 4217 numeric code of the account's currency.
    pub currency: u16,
    /// Millionths of the value that do not count.
    pub haircut: u32,
    /// Its value.
    pub value: u64,
    /// What counts of it.
    pub counts: u64,
    /// Its name.
    pub asset: String,
}

const CREDIT_LINE_BYTES: usize = 64;
const ASSET_LINE_BYTES: usize = 24;

/// The participant's credit at one position of the log: of accounts that have collateral or a limit, or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credits {
    /// Log index after which it stands.
    pub index: u64,
    /// By account.
    pub lines: Vec<CreditLine>,
    /// By account, then by name.
    pub assets: Vec<AssetLine>,
}

impl Credits {
    /// Most assets in one message: 64 of each currency that a ledger may have.
    pub const ASSETS_MAX: usize = 64 * 192;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let room = self.lines.len() * CREDIT_LINE_BYTES + self.assets.len() * 64;
        let mut out = frame::start(Template::Credits, 32 + room);
        out.put_u64(self.index).put_u64(0);
        frame::put_group(&mut out, CREDIT_LINE_BYTES, self.lines.len());
        for line in &self.lines {
            out.put_u16(line.currency)
                .put_u8(u8::from(line.frozen))
                .put(&[0; 5])
                .put_u64(line.cap)
                .put_u64(line.limit)
                .put_u64(line.line)
                .put_i128(line.collateral)
                .put_i128(line.in_use);
        }
        frame::put_group(&mut out, ASSET_LINE_BYTES, self.assets.len());
        for asset in &self.assets {
            out.put_u16(asset.currency)
                .put_u16(0)
                .put_u32(asset.haircut)
                .put_u64(asset.value)
                .put_u64(asset.counts);
            out.put_var(asset.asset.as_bytes());
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let index = r.u64("credits.index")?;
        r.zeros(8, "credits.reserved")?;
        let count = frame::group(&mut r, CREDIT_LINE_BYTES, "credits.lines")?;
        let lines = (0..count)
            .map(|_| read_line(&mut r))
            .collect::<Result<_, FormatError>>()?;
        let count = frame::group(&mut r, ASSET_LINE_BYTES, "credits.assets")?;
        within(count, Self::ASSETS_MAX, "credits.assets")?;
        let assets = (0..count)
            .map(|_| read_asset(&mut r))
            .collect::<Result<_, FormatError>>()?;
        r.end("credits")?;
        Ok(Self { index, lines, assets })
    }
}

fn read_line(r: &mut Reader<'_>) -> Result<CreditLine, FormatError> {
    let currency = r.u16("credit.currency")?;
    let frozen = match r.u8("credit.frozen")? {
        0 => false,
        1 => true,
        _ => return Err(FormatError::rule("credit.frozen", "must be 0 or 1")),
    };
    r.zeros(5, "credit.reserved")?;
    Ok(CreditLine {
        currency,
        frozen,
        cap: r.u64("credit.cap")?,
        limit: r.u64("credit.limit")?,
        line: r.u64("credit.line")?,
        collateral: r.i128("credit.collateral")?,
        in_use: r.i128("credit.in_use")?,
    })
}

fn read_asset(r: &mut Reader<'_>) -> Result<AssetLine, FormatError> {
    let currency = r.u16("asset.currency")?;
    r.zeros(2, "asset.reserved")?;
    Ok(AssetLine {
        currency,
        haircut: r.u32("asset.haircut")?,
        value: r.u64("asset.value")?,
        counts: r.u64("asset.counts")?,
        asset: r.text(REFERENCE_BYTES_MAX, "asset.name")?.to_owned(),
    })
}
