//! The page: well formed, alone, short, and unmoved by what stands in a report.
use causeway_loadtest::report::form::{
    Curve, Distribution, Limit, Mark, MarkKind, Overload, Report, Second, Stage, Step,
};
use causeway_loadtest::report::page;
use roxmltree::{Document, ParsingOptions};

use crate::fixture;

/// Longest page.
const BYTES_MAX: usize = 1 << 20;

/// Reads a page and holds what every page must hold.
fn read<'a>(page: &'a str, name: &str) -> Document<'a> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document =
        Document::parse_with_options(page, options).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(page.len() < BYTES_MAX, "{name}: {} bytes", page.len());
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let tag = node.tag_name().name();
        let foreign = [
            "script", "link", "img", "iframe", "object", "embed", "image", "use", "a", "form", "base",
        ];
        assert!(!foreign.contains(&tag), "{name}: <{tag}>");
        for attribute in node.attributes() {
            let (key, value) = (attribute.name(), attribute.value());
            assert!(
                !key.starts_with("on") && !["href", "src", "style"].contains(&key),
                "{name}: {key}"
            );
            // Numbers of a picture are numbers.
            let number = [
                "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height",
            ]
            .contains(&key);
            let finite = value.parse::<f64>().is_ok_and(f64::is_finite);
            assert!(!number || tag == "svg" || finite, "{name}: {key}=\"{value}\"");
            assert!(
                key != "d" || !value.contains("NaN") && !value.contains("inf"),
                "{name}: {value}"
            );
        }
    }
    let style = document.descendants().find(|node| node.has_tag_name("style"));
    let style = style.and_then(|style| style.text()).unwrap_or_default();
    assert!(
        !style.is_empty() && !style.contains("url(") && !style.contains("@import"),
        "{name}"
    );
    assert!(
        !page.contains("http:") && !page.contains("https:"),
        "{name}: an address"
    );
    document
}

/// All text of a page, without its style.
fn text(document: &Document<'_>) -> String {
    let told = document.descendants().filter(|node| node.is_text());
    let told = told.filter(|node| node.parent().is_none_or(|parent| !parent.has_tag_name("style")));
    told.filter_map(|node| node.text()).collect::<Vec<_>>().join(" ")
}

fn titles(document: &Document<'_>) -> Vec<String> {
    let titles = document.descendants().filter(|node| node.has_tag_name("h2"));
    titles.filter_map(|node| node.text().map(str::to_owned)).collect()
}

#[test]
fn a_page_shows_figure_pictures_and_conditions() {
    let report = fixture::steady(false);
    let page = page(&report);
    let document = read(&page, "steady");
    let all = text(&document);
    for told in [
        "payments a second, settled and answered",
        "Switched off:",
        "nothing",
        "AMD EPYC 7B13",
        "TLS13_AES_128_GCM_SHA256",
        "one Ed25519 signature a batch of 8,190",
        "8d4ccf3a91b2",
        "p50 2.44 ms, p99 6.80 ms, 50 writes, each durable before the next",
        "20.2 %",
        "EUR day turns",
        "duplicates 9.8 % (10 % asked), queued 10.4 % (10 % asked)",
        "log entry 6,200",
        "12,345 records, as feeds told",
        "Judged: flat: 59.5 MiB a million records",
        "loop = \"closed\"",
        "all agrees",
    ] {
        assert!(all.contains(told), "{told}\n{all}");
    }
    let pictures = [
        "Throughput",
        "Latency",
        "Latency over time",
        "Queue depth",
        "Where the time goes",
        "Memory",
        "What was checked",
        "Conditions",
    ];
    assert_eq!(titles(&document), pictures);
    let drawn = document
        .descendants()
        .filter(|node| node.has_tag_name("svg"))
        .count();
    assert_eq!(drawn, 6);
    // A cell for each second of each row, and each stage's share of the bar.
    let of = |class: &str| {
        let with = |node: &roxmltree::Node<'_, '_>| {
            node.attribute("class")
                .is_some_and(|words| words.split(' ').any(|word| word == class))
        };
        document.descendants().filter(with).count()
    };
    assert_eq!(of("h") - 8, 3 * 60);
    assert_eq!(of("bar"), report.stages.len() + report.limits.len());
}

#[test]
fn a_search_shows_its_curve_and_an_overload_what_was_kept() {
    let (ramp, overload) = (page(&fixture::ramp()), page(&fixture::overload()));
    let document = read(&ramp, "ramp");
    assert!(titles(&document).contains(&"Highest rate".to_owned()));
    let all = text(&document);
    assert!(all.contains("The highest rate that held: 730,000 payments a second."));
    assert!(all.contains("payments a second: the highest rate with p99 within 300 ms"));
    assert!(all.contains("no: only 93 % of it was settled") && all.contains("p99 within 300 ms"));
    let document = read(&overload, "overload");
    assert!(titles(&document).contains(&"Overload".to_owned()));
    let all = text(&document);
    assert!(
        all.contains("812,000 a second, 96.7 % of the best") && all.contains("bank 41: 0.93 of a fair share")
    );
    assert!(all.contains("offered a second"));
    assert!(all.contains("67,000,000 payments offered, ") && all.contains("21,504,000 shed: "));
}

#[test]
fn a_run_that_does_not_count_says_so_first() {
    let mut report = fixture::steady(false);
    report.partial = Some("the node ended with signal 9".into());
    report.audit.difference = Some("entry 7: balance of 12 is 5, not 6".into());
    report.figures.reconciled = false;
    report.switched_off = vec!["feeds".into(), "netting".into()];
    let page = page(&report);
    let all = text(&read(&page, "partial"));
    let place = |words: &str| all.find(words).unwrap_or_else(|| panic!("{words}"));
    let figure = place("payments a second, settled");
    assert!(place("the node ended with signal 9") < figure);
    assert!(place("entry 7: balance of 12 is 5, not 6") < figure);
    assert!(place("feeds; netting") > figure && place("feeds; netting") < place("Throughput"));
    report.audit.difference = None;
    let page = causeway_loadtest::report::page(&report);
    assert!(text(&read(&page, "not compared")).contains("Not reconciled:"));
}

#[test]
fn markup_in_a_report_stays_text() {
    let report = fixture::hostile();
    let page = page(&report);
    let document = read(&page, "hostile");
    let all = text(&document);
    assert!(all.matches("<script>alert('x')</script>").count() > 30);
    assert!(!page.contains("<script") && !page.contains('\u{0}') && !page.contains('\u{1b}'));
}

#[test]
fn nothing_and_what_is_no_number_break_no_page() {
    let empty = page(&Report::default());
    assert!(text(&read(&empty, "empty")).contains("nothing was measured"));
    let strange = [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -1.0,
        0.0,
        f64::MAX,
        f64::MIN_POSITIVE,
    ];
    for value in strange {
        let mut report = fixture::ramp();
        report.overload = fixture::overload().overload;
        let f = &mut report.figures;
        (f.payments_per_second, f.window_seconds) = (value, value);
        (f.latency_ms.p50, f.latency_ms.p99, f.latency_ms.max) = (value, value, value);
        f.cost_ns.values_mut().for_each(|ns| *ns = value);
        for second in &mut report.series {
            (second.p50_ms, second.p99_ms, second.max_ms) = (Some(value), None, Some(value));
            (second.settled, second.backlog, second.queued) = (0, 0, None);
        }
        report.marks.push(Mark {
            at: value,
            kind: MarkKind::Note,
            text: "strange".into(),
        });
        report
            .stages
            .iter_mut()
            .for_each(|stage| stage.processor_ns = Some(value));
        report.limits.iter_mut().for_each(|limit| limit.ns = value);
        let curve = report.ramp.get_or_insert_with(Curve::default);
        for step in &mut curve.steps {
            (step.achieved, step.latency_ms.p50, step.latency_ms.p99) = (value, value, value);
        }
        if let Some(objective) = &mut curve.objective {
            objective.ms = value;
        }
        if let Some(overload) = &mut report.overload {
            (overload.kept, overload.kept_share, overload.recovered_seconds) =
                (Some(value), Some(value), Some(value));
        }
        read(&page(&report), &format!("{value}"));
    }
    let mut bare = Report {
        series: vec![Second::default()],
        stages: vec![Stage::default()],
        limits: vec![Limit::default()],
        latency: Distribution {
            count: 1,
            steps: vec![(0, 1)],
        },
        ramp: Some(Curve::default()),
        overload: Some(Overload::default()),
        ..Report::default()
    };
    read(&page(&bare), "bare");
    bare.ramp = Some(Curve {
        steps: vec![Step::default()],
        ..Curve::default()
    });
    read(&page(&bare), "one step");
}

#[test]
fn a_day_second_by_second_is_still_a_short_page() {
    let mut report = fixture::steady(true);
    let hour = report.series.clone();
    report.series = (0..86_400u64)
        .map(|at| Second {
            at,
            ..hour[at as usize % hour.len()].clone()
        })
        .collect();
    report.marks = (0..20_000)
        .map(|number| Mark {
            at: f64::from(number) * 4.0,
            kind: MarkKind::Segment,
            text: format!("segment {number}"),
        })
        .collect();
    let page = page(&report);
    let document = read(&page, "a day");
    assert!(text(&document).contains("and 19988 more"));
}

/// Leaves the pages where one can look at them.
#[test]
fn pages_are_kept_beside_their_reports() {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages");
    let _ = std::fs::remove_dir_all(&directory);
    for report in [
        fixture::steady(false),
        fixture::steady(true),
        fixture::ramp(),
        fixture::overload(),
    ] {
        let kept = causeway_loadtest::report::keep(&report, &directory).expect("files");
        let page = std::fs::read_to_string(&kept.html).expect("a page");
        read(&page, &kept.html.display().to_string());
        let json = std::fs::read(&kept.json).expect("a document");
        let again: Report = serde_json::from_slice(&json).expect("a report");
        assert_eq!(again.series, report.series);
    }
    assert_eq!(std::fs::read_dir(&directory).expect("a directory").count(), 8);
}
