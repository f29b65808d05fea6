//! A camt.053 is held to the official schema, where that is at hand: `CAUSEWAY_SAMPLES` names the folder around `xsd`.
mod common;

use std::collections::BTreeMap;

use causeway_statement::Statement;
use causeway_statement::camt::{camt052, camt053};
use common::{day, name, whole};
use roxmltree::{Document, Node};

/// As much of XML Schema as the ISO 20022 schemas use.
struct Schema<'a> {
    types: BTreeMap<&'a str, Node<'a, 'a>>,
}

fn elements<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(Node::is_element)
}

fn occurs(particle: Node<'_, '_>) -> (usize, usize) {
    let number = |name, without| match particle.attribute(name) {
        None => without,
        Some("unbounded") => usize::MAX,
        Some(text) => text.parse().expect("a number"),
    };
    (number("minOccurs", 1), number("maxOccurs", 1))
}

impl<'a> Schema<'a> {
    fn new(document: &'a Document<'a>) -> Self {
        let all = elements(document.root_element());
        let named = all.filter(|node| node.tag_name().name() != "element");
        Self {
            types: named
                .filter_map(|node| Some((node.attribute("name")?, node)))
                .collect(),
        }
    }

    fn check(&self, element: Node<'_, '_>, kind: &str) -> Result<(), String> {
        let at = element.tag_name().name().to_owned();
        let kind = self.types.get(kind).unwrap_or_else(|| panic!("type {kind}"));
        let within = |error: String| format!("{at}/{error}");
        if kind.tag_name().name() == "simpleType" {
            return self.text(element, *kind).map_err(within);
        }
        let body = elements(*kind).next().expect("a body");
        match body.tag_name().name() {
            "simpleContent" => {
                let extension = elements(body).next().expect("an extension");
                let base = extension.attribute("base").expect("a base");
                for attribute in elements(extension) {
                    let named = attribute.attribute("name").expect("a name");
                    element.attribute(named).ok_or(format!("{at}: no {named}"))?;
                }
                self.text(element, self.types[base]).map_err(within)
            }
            "sequence" => {
                let mut children = element.children().filter(Node::is_element).peekable();
                for particle in elements(body).filter(|particle| particle.tag_name().name() == "element") {
                    let named = particle.attribute("name").expect("a name");
                    let (min, max) = occurs(particle);
                    let mut count = 0;
                    while let Some(child) = children.next_if(|child| child.tag_name().name() == named) {
                        self.check(child, particle.attribute("type").expect("a type"))
                            .map_err(within)?;
                        count += 1;
                    }
                    if !(min..=max).contains(&count) {
                        return Err(format!("{at}: {count} of {named}"));
                    }
                }
                match children.next() {
                    Some(child) => Err(format!("{at}: {} does not belong there", child.tag_name().name())),
                    None => Ok(()),
                }
            }
            "choice" => {
                let children: Vec<_> = element.children().filter(Node::is_element).collect();
                let [child] = children[..] else {
                    return Err(format!("{at}: a choice of {}", children.len()));
                };
                let chosen = elements(body)
                    .find(|particle| particle.attribute("name") == Some(child.tag_name().name()))
                    .ok_or(format!("{at}: {} is no choice", child.tag_name().name()))?;
                self.check(child, chosen.attribute("type").expect("a type"))
                    .map_err(within)
            }
            other => panic!("{other} is not known here"),
        }
    }

    fn text(&self, element: Node<'_, '_>, kind: Node<'_, '_>) -> Result<(), String> {
        let (at, text) = (element.tag_name().name(), element.text().unwrap_or_default());
        if element.children().any(|child| child.is_element()) {
            return Err(format!("{at}: has elements"));
        }
        let restriction = elements(kind).next().expect("a restriction");
        let (mut listed, mut found) = (false, false);
        for facet in elements(restriction) {
            let value = facet.attribute("value").expect("a value");
            let number = || value.parse::<usize>().expect("a number");
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let fraction = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
            let holds = match facet.tag_name().name() {
                "minLength" => text.chars().count() >= number(),
                "maxLength" => text.chars().count() <= number(),
                "totalDigits" => digits <= number(),
                "fractionDigits" => fraction <= number(),
                "minInclusive" => value == "0" && !text.starts_with('-'),
                "pattern" => fits(text, value),
                "enumeration" => {
                    listed = true;
                    found |= text == value;
                    true
                }
                other => panic!("{other} is not known here"),
            };
            if !holds {
                return Err(format!("{at}: {text}: {} {value}", facet.tag_name().name()));
            }
        }
        match restriction.attribute("base") {
            Some("xs:date") if text.len() != 10 => Err(format!("{at}: {text}: no date")),
            Some("xs:dateTime") if !(text.len() == 24 && text.ends_with('Z')) => {
                Err(format!("{at}: {text}: no time"))
            }
            Some("xs:decimal") if text.parse::<f64>().is_err() => Err(format!("{at}: {text}: no number")),
            _ if listed && !found => Err(format!("{at}: {text} is not in the list")),
            _ => Ok(()),
        }
    }
}

/// True if a text has the form of one of the patterns that are met here: classes in brackets, each so many times.
fn fits(text: &str, pattern: &str) -> bool {
    let any = |class: &str, c: char| match class {
        "A-Z" => c.is_ascii_uppercase(),
        "A-Z0-9" => c.is_ascii_uppercase() || c.is_ascii_digit(),
        "a-f0-9" => c.is_ascii_digit() || ('a'..='f').contains(&c),
        "89ab" => "89ab".contains(c),
        other => panic!("class {other} is not known here"),
    };
    let all = |text: &str, parts: &[(&str, usize)]| {
        let mut chars = text.chars();
        let fits = parts
            .iter()
            .all(|(class, times)| (0..*times).all(|_| chars.next().is_some_and(|c| any(class, c))));
        fits && chars.next().is_none()
    };
    match pattern {
        "[A-Z]{3,3}" => all(text, &[("A-Z", 3)]),
        "[A-Z0-9]{4,4}[A-Z]{2,2}[A-Z0-9]{2,2}([A-Z0-9]{3,3}){0,1}" => {
            let short = [("A-Z0-9", 4), ("A-Z", 2), ("A-Z0-9", 2)];
            all(text, &short) || all(text, &[&short[..], &[("A-Z0-9", 3)]].concat())
        }
        "[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}" => {
            let parts: Vec<_> = text.split('-').collect();
            let [a, b, c, d, e] = parts[..] else { return false };
            let lengths = [(a, 8), (b, 4), (c, 4), (d, 4), (e, 12)];
            lengths
                .iter()
                .all(|(part, times)| all(part, &[("a-f0-9", *times)]))
                && c.starts_with('4')
                && all(&d[..1], &[("89ab", 1)])
        }
        other => panic!("pattern {other} is not known here"),
    }
}

#[test]
fn statements_have_the_form_of_the_schema() {
    let Some(samples) = std::env::var_os("CAUSEWAY_SAMPLES") else {
        println!("skipped: CAUSEWAY_SAMPLES is not set");
        return;
    };
    let path = std::path::Path::new(&samples).join("xsd/camt.053.001.08.xsd");
    let schema = std::fs::read_to_string(path).expect("the schema");
    let schema = Document::parse(&schema).expect("XML");
    let schema = Schema::new(&schema);
    let mut empty = whole();
    (empty.lines, empty.closing) = (Vec::new(), empty.opening);
    let mut lines = Vec::new();
    for (whole, liability) in [(whole(), false), (whole(), true), (empty, false)] {
        let reference = |_: &_| Some("  ".to_owned());
        let statement = Statement::new(day(liability), false, &whole, name, reference).expect("a statement");
        let text = camt053(&statement).expect("written");
        lines.push(text.matches("<Ntry>").count());
        let document = Document::parse(&text).expect("XML");
        schema
            .check(document.root_element(), "Document")
            .unwrap_or_else(|error| panic!("{error}: {text}"));
        // Whatever is taken out of its place is found.
        for (good, bad) in [
            ("<Cd>OPBD</Cd>", "<Cd>TOO LONG</Cd>"),
            (" Ccy=\"EUR\"", ""),
            ("DBIT", "OUT"),
            ("<Sts>", "<Sts><Cd>BOOK</Cd></Sts><Sts>"),
            ("-30T17:00:01.000Z", "-30"),
        ] {
            let changed = text.replace(good, bad);
            let document = Document::parse(&changed).expect("XML");
            let found = schema.check(document.root_element(), "Document").is_err();
            assert!(found || changed == text, "{good}");
        }
        let report = Statement::new(day(liability), true, &whole, name, reference).expect("a report");
        let report = camt052(&report).expect("written");
        // Both have the same body but for the name of its closing balance.
        let same = report
            .replace("camt.052", "camt.053")
            .replace("BkToCstmrAcctRpt>", "BkToCstmrStmt>")
            .replace("Rpt>", "Stmt>");
        let document = Document::parse(&same).expect("XML");
        schema
            .check(document.root_element(), "Document")
            .unwrap_or_else(|error| panic!("{error}: {report}"));
    }
    assert_eq!(lines, [3, 3, 0]);
}
