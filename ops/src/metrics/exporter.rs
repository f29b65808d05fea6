//! Takes what the `metrics` facade is told into one Prometheus registry, and shows it as text.
use metrics_prometheus::FrozenRecorder;
use metrics_prometheus::failure::strategy::NoOp;
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry,
    TextEncoder,
};
use std::sync::Arc;
use std::time::Instant;

use super::{ALL, Form, Metric, process};
use crate::Failure;

/// The registry and what is read anew for each scrape.
#[derive(Clone)]
pub struct Exporter {
    registry: Registry,
    process: Arc<dyn Fn() + Send + Sync>,
}

fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::Io(format!("metrics: {error}"))
}

type Builder = metrics_prometheus::recorder::Builder<NoOp>;

/// Adds a metric of the list to the recorder.
fn with(builder: Builder, metric: &Metric) -> prometheus::Result<Builder> {
    let opts = Opts::new(metric.name, metric.help);
    let labels: Vec<&str> = metric.labels.iter().map(|label| label.name()).collect();
    match (metric.form, labels.as_slice()) {
        (Form::Counter, []) => builder.try_with_metric(IntCounter::with_opts(opts)?),
        (Form::Counter, labels) => {
            let vec = IntCounterVec::new(opts, labels)?;
            if let [only] = metric.labels {
                for value in only.values() {
                    vec.get_metric_with_label_values(&[value])?;
                }
            }
            builder.try_with_metric(vec)
        }
        (Form::Gauge, []) => builder.try_with_metric(Gauge::with_opts(opts)?),
        (Form::Gauge, labels) => builder.try_with_metric(GaugeVec::new(opts, labels)?),
        (Form::Histogram(buckets), labels) => {
            let opts = HistogramOpts {
                common_opts: opts,
                buckets: buckets.to_vec(),
            };
            match labels {
                [] => builder.try_with_metric(Histogram::with_opts(opts)?),
                labels => builder.try_with_metric(HistogramVec::new(opts, labels)?),
            }
        }
    }
}

impl Exporter {
    /// A recorder for every metric of the list, and its exporter. A name outside the list goes nowhere.
    pub fn new() -> Result<(FrozenRecorder<NoOp>, Self), Failure> {
        let registry = Registry::new();
        let mut builder = metrics_prometheus::Recorder::builder()
            .with_registry(&registry)
            .with_failure_strategy(NoOp);
        for metric in ALL {
            builder = with(builder, metric).map_err(failed)?;
        }
        let recorder = builder.build_frozen();
        let started = Instant::now();
        let gauges: Vec<(&str, metrics::Gauge)> = metrics::with_local_recorder(&recorder, || {
            process::read(started)
                .into_iter()
                .map(|(name, _)| (name, metrics::gauge!(name)))
                .collect()
        });
        let process = Arc::new(move || {
            for (name, value) in process::read(started) {
                if let Some((_, gauge)) = gauges.iter().find(|(known, _)| *known == name) {
                    gauge.set(value);
                }
            }
        });
        Ok((recorder, Self { registry, process }))
    }

    /// Makes it the recorder of this process. Works once.
    pub fn install() -> Result<Self, Failure> {
        let (recorder, exporter) = Self::new()?;
        metrics::set_global_recorder(recorder).map_err(failed)?;
        Ok(exporter)
    }

    /// All metrics now, in Prometheus's text form.
    pub fn text(&self) -> Result<String, Failure> {
        (self.process)();
        TextEncoder::new()
            .encode_to_string(&self.registry.gather())
            .map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_facade_is_told_shows_in_the_text() {
        let (recorder, exporter) = Exporter::new().expect("the list is sound");
        metrics::with_local_recorder(&recorder, || {
            metrics::counter!("causeway_settlement_instructions_total", "outcome" => "settled").increment(3);
            metrics::gauge!("causeway_queue_waiting").set(7.0);
            metrics::gauge!("causeway_queue_payments", "currency" => "EUR", "class" => "urgent").set(3.0);
            metrics::histogram!("causeway_log_write_seconds").record(0.000_2);
            metrics::counter!("causeway_no_such_total").increment(1);
        });
        let text = exporter.text().expect("encodes");
        for line in [
            "causeway_settlement_instructions_total{outcome=\"settled\"} 3",
            "causeway_settlement_instructions_total{outcome=\"queued\"} 0",
            "causeway_transport_refused_total{reason=\"busy\"} 0",
            "causeway_queue_waiting 7",
            "causeway_queue_payments{class=\"urgent\",currency=\"EUR\"} 3",
            "causeway_log_write_seconds_bucket{le=\"0.0001\"} 0",
            "causeway_log_write_seconds_bucket{le=\"0.00025\"} 1",
            "causeway_log_write_seconds_count 1",
            "# TYPE causeway_settlement_apply_seconds histogram",
        ] {
            assert!(
                text.lines().any(|found| found == line),
                "{line} is missing from\n{text}"
            );
        }
        assert!(!text.contains("no_such"));
        // A gauge with labels shows once it was set.
        let shown =
            |metric: &&Metric| metric.labels.is_empty() || text.contains(&format!("\n{}", metric.name));
        for metric in ALL.iter().filter(shown) {
            assert!(
                text.contains(&format!("# HELP {} {}", metric.name, metric.help)),
                "{}",
                metric.name
            );
        }
    }
}
