//! `causeway node`: runs a node until it is told to stop.
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use causeway_engine::place::ThreadKind;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use super::Answer;
use crate::config::NodeConfig;
use crate::metrics::Exporter;
use crate::node::Node;
use crate::{Failure, http};

const HELP: &str = "\
Example:
  causeway node --config ledger/node.toml

A node that was down for more than an hour, while a business day opened, cut off or closed, takes nothing until its clock
is vouched for with --accept-clock: days that a wrong clock turns stay turned. /ready says so.

It stops on SIGTERM or SIGINT, after what is under way is finished.

Exit codes: 0 stopped as asked, 2 wrong configuration, 3 the node failed.";

/// How often the node looks whether its engine still runs.
const WATCH: Duration = Duration::from_millis(100);

/// Arguments of `node`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Configuration of the node.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// The clock is right although business days turned since the last log entry, more than an hour ago.
    #[arg(long)]
    pub accept_clock: bool,
    /// Print one line of JSON once it listens.
    #[arg(long)]
    pub json: bool,
}

#[derive(Serialize)]
struct Ready {
    ready: bool,
    listen: String,
    metrics: String,
    ledger: String,
    log_key: String,
    pid: u32,
}

/// Runs the node.
///
/// # Errors
/// If it cannot start, or its engine fails.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let mut config = NodeConfig::load(&args.config)?;
    config.accept_clock |= args.accept_clock;
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .with_env_filter(tracing_subscriber::EnvFilter::new(config.log_level.name()))
        .try_init()
        .map_err(|error| Failure::Io(error.to_string()))?;
    let exporter = Exporter::install()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Io(error.to_string()))?;
    let node = Node::start(&config)?;
    // Not before: a start may use the whole machine, and threads inherit the place of who starts them.
    node.bridge().engine().enter(ThreadKind::Other, 0);
    runtime.block_on(serve(&config, args, exporter, node))
}

async fn serve(config: &NodeConfig, args: &Args, exporter: Exporter, node: Node) -> Result<Answer, Failure> {
    let bridge = node.bridge().clone();
    let health: Arc<dyn http::Health> = Arc::new(move || bridge.reasons());
    let netting = node.bridge().engine().netting().clone();
    let (address, public) = (config.metrics, config.public_metrics);
    let server = http::Server::start(address, public, exporter, health, Some(netting)).await?;
    announce(args, &node, &server)?;
    let failed = |error: std::io::Error| Failure::Io(error.to_string());
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            () = tokio::time::sleep(WATCH) => {
                // An engine that stopped answers nobody: the process must not pretend to live.
                if let Some(why) = node.failure() {
                    return Err(Failure::Io(format!("the engine stopped: {why}")));
                }
            }
        }
    }
    tokio::task::spawn_blocking(move || node.stop())
        .await
        .map_err(|e| Failure::Io(e.to_string()))??;
    server.stop().await?;
    Ok(Answer::done(String::new()))
}

fn announce(args: &Args, node: &Node, server: &http::Server) -> Result<(), Failure> {
    let ready = Ready {
        ready: true,
        listen: node.address().to_string(),
        metrics: server.address().to_string(),
        ledger: node.bridge().engine().ledger().to_string(),
        log_key: node.log_key().to_text(),
        pid: std::process::id(),
    };
    if args.json {
        println!(
            "{}",
            serde_json::to_string(&ready).map_err(|e| Failure::Io(e.to_string()))?
        );
    } else {
        println!("ledger {} listens on {}", ready.ledger, ready.listen);
        println!("metrics and health on http://{}", ready.metrics);
    }
    Ok(())
}
