//! A small reader of SBE schemas: lays out types and takes messages apart as the schema says, knowing nothing else.
use roxmltree::{Document, Node};
use serde_json::{Map, Value};

use super::files::hex;

/// The schema's text.
pub fn text() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/causeway.xml");
    std::fs::read_to_string(path).expect("the schema is there")
}

/// A schema that was parsed.
pub struct Schema<'a> {
    pub root: Node<'a, 'a>,
}

pub fn attribute<'a>(node: Node<'a, 'a>, name: &str) -> &'a str {
    node.attribute(name)
        .unwrap_or_else(|| panic!("{:?} has no {name}", node.tag_name()))
}

pub fn number(node: Node<'_, '_>, name: &str) -> usize {
    node.attribute(name)
        .unwrap_or_else(|| panic!("{:?} has no {name}", node.tag_name()))
        .parse()
        .expect("a number")
}

/// `instructionId` for `instruction_id`.
pub fn camel(name: &str) -> String {
    let mut parts = name.split('_');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(&part[..1].to_uppercase());
        out.push_str(&part[1..]);
    }
    out
}

fn elements<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(Node::is_element)
}

fn primitive(name: &str) -> usize {
    match name {
        "char" | "int8" | "uint8" => 1,
        "int16" | "uint16" => 2,
        "int32" | "uint32" => 4,
        "int64" | "uint64" => 8,
        _ => panic!("{name} is not a primitive type that is used here"),
    }
}

fn integer(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .rev()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

fn signed(bytes: &[u8]) -> i64 {
    let unused = 64 - 8 * bytes.len() as u32;
    (integer(bytes) << unused) as i64 >> unused
}

impl<'a> Schema<'a> {
    pub fn new(document: &'a Document<'a>) -> Self {
        Self {
            root: document.root_element(),
        }
    }

    /// The type, composite, enum or set with this name.
    pub fn named(&self, name: &str) -> Node<'a, 'a> {
        elements(self.root)
            .filter(|node| node.has_tag_name("types"))
            .flat_map(elements)
            .find(|node| node.attribute("name") == Some(name))
            .unwrap_or_else(|| panic!("the schema has no type {name}"))
    }

    pub fn messages(&self) -> impl Iterator<Item = Node<'a, 'a>> {
        elements(self.root).filter(|node| node.tag_name().name() == "message")
    }

    /// Bytes of a type, composite, enum, set or reference. Composites must state the offsets they have.
    pub fn size(&self, node: Node<'a, 'a>) -> usize {
        match node.tag_name().name() {
            "type" => {
                primitive(attribute(node, "primitiveType"))
                    * node
                        .attribute("length")
                        .map_or(1, |n| n.parse::<usize>().expect("a number"))
            }
            "enum" | "set" => primitive(attribute(node, "encodingType")),
            "ref" => self.size(self.named(attribute(node, "type"))),
            "composite" => elements(node).fold(0, |at, part| {
                assert_eq!(
                    number(part, "offset"),
                    at,
                    "{} leaves a gap",
                    attribute(part, "name")
                );
                at + self.size(part)
            }),
            other => panic!("{other} is no type"),
        }
    }

    /// Name, offset and bytes of each member of a composite.
    pub fn members(&self, composite: &str) -> Vec<(&'a str, usize, usize)> {
        elements(self.named(composite))
            .map(|part| (attribute(part, "name"), number(part, "offset"), self.size(part)))
            .collect()
    }

    /// Names and numbers of an enum's values or a set's bits.
    pub fn values(&self, name: &str) -> Vec<(&'a str, u64)> {
        elements(self.named(name))
            .map(|v| {
                (
                    attribute(v, "name"),
                    v.text().expect("a value").parse().expect("a number"),
                )
            })
            .collect()
    }

    /// A value of a type, as the bytes say.
    pub fn value(&self, node: Node<'a, 'a>, bytes: &[u8]) -> Value {
        match node.tag_name().name() {
            "ref" => self.value(self.named(attribute(node, "type")), bytes),
            "composite" => elements(node)
                .map(|part| {
                    let at = number(part, "offset");
                    let value = self.value(part, &bytes[at..at + self.size(part)]);
                    (attribute(part, "name").to_owned(), value)
                })
                .collect::<Map<_, _>>()
                .into(),
            "type" if node.attribute("length").is_some() => hex(bytes).into(),
            "type" if attribute(node, "primitiveType").starts_with("int") => signed(bytes).into(),
            _ => integer(bytes).into(),
        }
    }

    /// Takes a whole message apart; panics unless the schema accounts for every byte of it.
    pub fn message(&self, bytes: &[u8]) -> (&'a str, Value) {
        let template = integer(&bytes[2..4]) as usize;
        let message = self
            .messages()
            .find(|m| number(*m, "id") == template)
            .unwrap_or_else(|| panic!("the schema has no message {template}"));
        let name = attribute(message, "name");
        assert_eq!(
            integer(&bytes[..2]) as usize,
            number(message, "blockLength"),
            "{name}: block"
        );
        assert_eq!(
            integer(&bytes[4..6]) as usize,
            number(self.root, "id"),
            "{name}: schema"
        );
        assert_eq!(
            integer(&bytes[6..8]) as usize,
            number(self.root, "version"),
            "{name}: version"
        );
        let mut rest = &bytes[8..];
        let value = self.body(message, &mut rest);
        assert!(
            rest.is_empty(),
            "{name}: {} byte(s) are in no part of the schema",
            rest.len()
        );
        (name, value)
    }

    fn body(&self, of: Node<'a, 'a>, rest: &mut &[u8]) -> Value {
        let take = |rest: &mut &[u8], len: usize| {
            let (head, tail) = rest.split_at(len);
            *rest = tail;
            head.to_vec()
        };
        let block = take(rest, number(of, "blockLength"));
        let mut out = Map::new();
        let mut at = 0;
        for part in elements(of) {
            let name = attribute(part, "name");
            let value = match part.tag_name().name() {
                "field" => {
                    let node = self.named(attribute(part, "type"));
                    let size = self.size(node);
                    assert_eq!(number(part, "offset"), at, "{name} leaves a gap");
                    at += size;
                    self.value(node, &block[at - size..at])
                }
                "group" => {
                    assert_eq!(
                        integer(&take(rest, 2)) as usize,
                        number(part, "blockLength"),
                        "{name}: block"
                    );
                    let count = integer(&take(rest, 2));
                    (0..count)
                        .map(|_| self.body(part, rest))
                        .collect::<Vec<_>>()
                        .into()
                }
                "data" => {
                    let len = integer(&take(rest, 4)) as usize;
                    hex(&take(rest, len)).into()
                }
                other => panic!("{other} has no place in a message"),
            };
            assert!(
                out.insert(name.to_owned(), value).is_none(),
                "{name} stands twice"
            );
        }
        assert_eq!(
            at,
            block.len(),
            "{}: fields do not fill the block",
            attribute(of, "name")
        );
        out.into()
    }
}
