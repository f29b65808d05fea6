//! Configuration: strict TOML, one file each for node, bank and genesis. Whatever is wrong is named with file,
//! line, key and rule.
pub mod bank;
pub mod check;
mod env;
mod netting;
pub mod node;
mod pem;
mod source;
mod threads;
mod values;

pub use bank::BankConfig;
pub use node::NodeConfig;
pub use source::{Problem, Problems, Source};
pub use threads::processors_key;
pub use values::{Direct, Level, Within, public_key};

/// What a file configures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A node.
    Node,
    /// A bank's client.
    Bank,
    /// A ledger's beginning.
    Genesis,
}

impl Kind {
    /// The word in `kind = "…"`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Bank => "bank",
            Self::Genesis => "genesis",
        }
    }

    /// What a file says it is, or what its content shows it to be.
    pub fn detect(source: &Source) -> Result<Self, Problem> {
        let table: toml::Table = source.parse()?;
        match table.get("kind") {
            Some(toml::Value::String(kind)) => match kind.as_str() {
                "node" => Ok(Self::Node),
                "bank" => Ok(Self::Bank),
                "genesis" => Ok(Self::Genesis),
                _ => Err(source.at("kind", "must be \"node\", \"bank\" or \"genesis\"")),
            },
            Some(_) => Err(source.at("kind", "must be a text")),
            None if table.contains_key("participants") => Ok(Self::Genesis),
            None if table.contains_key("bank") => Ok(Self::Bank),
            None if table.contains_key("journal") || table.contains_key("node") => Ok(Self::Node),
            None => Err(source.at("", "missing key `kind`: \"node\", \"bank\" or \"genesis\"")),
        }
    }
}
