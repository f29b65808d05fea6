//! Unmatched instructions by a key: lists in order of arrival, one step away from what an arriving one gives.
//!
//! Each key has, for either side, a list of all its instructions and one of those without a reference; each key and
//! reference has a list of those with that reference. Lists are threaded through one record per instruction.
use super::Terms;
use super::key::{Hasher, Key, Sides};
use super::pages::Pages;
use super::table::{NIL, Table};

/// The first and the last of a list.
#[derive(Debug, Clone, Copy)]
struct List {
    head: u32,
    tail: u32,
}

const EMPTY: List = List { head: NIL, tail: NIL };

/// What the unmatched instructions of one key hang on, by side.
#[derive(Debug, Clone, Copy)]
struct Group {
    all: [List; 2],
    without: [List; 2],
}

/// Those of a group that give one reference, by side.
#[derive(Debug, Clone, Copy)]
struct Named {
    group: u32,
    reference: [u8; 16],
    lists: [List; 2],
}

/// The list of all of a group.
const ALL: usize = 0;
/// The list of those without a reference, or of those with the same one.
const PART: usize = 1;

/// Where an instruction stands in its two lists.
#[derive(Debug, Clone, Copy)]
struct Link {
    order: u64,
    before: [u32; 2],
    behind: [u32; 2],
    group: u32,
    /// None for one without a reference.
    named: u32,
}

const _: () = assert!(size_of::<Link>() == 32);

impl Default for Link {
    fn default() -> Self {
        Self {
            order: 0,
            before: [NIL; 2],
            behind: [NIL; 2],
            group: NIL,
            named: NIL,
        }
    }
}

/// Where an arriving instruction belongs. It holds until the index is changed.
#[derive(Debug)]
pub(super) struct Place {
    hash: u128,
    sides: Sides,
    reference: Option<[u8; 16]>,
    group: Option<u32>,
    named: Option<u32>,
}

/// The index.
#[derive(Debug, Clone)]
pub(super) struct Index {
    hasher: Hasher,
    /// True if amounts belong to the key.
    amounts: bool,
    groups: Table<Group>,
    named: Table<Named>,
    links: Pages<Link>,
}

impl Group {
    /// Any of its instructions: all have the same key.
    #[inline]
    const fn any(&self) -> u32 {
        let [first, second] = &self.all;
        if first.head == NIL {
            second.head
        } else {
            first.head
        }
    }
}

#[inline]
fn append(list: &mut List, links: &mut Pages<Link>, item: u32, way: usize) {
    links[item].before[way] = list.tail;
    links[item].behind[way] = NIL;
    match list.tail {
        NIL => list.head = item,
        tail => links[tail].behind[way] = item,
    }
    list.tail = item;
}

#[inline]
fn unlink(list: &mut List, links: &mut Pages<Link>, item: u32, way: usize) {
    let (before, behind) = (links[item].before[way], links[item].behind[way]);
    match before {
        NIL => list.head = behind,
        before => links[before].behind[way] = behind,
    }
    match behind {
        NIL => list.tail = before,
        behind => links[behind].before[way] = before,
    }
}

impl Index {
    /// An empty one, by keys with or without amounts.
    pub fn new(hasher: Hasher, amounts: bool) -> Self {
        Self {
            hasher,
            amounts,
            groups: Table::new(),
            named: Table::new(),
            links: Pages::new(),
        }
    }

    /// Hash of a reference within a group.
    #[inline]
    fn hash_of(&self, group: u32, reference: [u8; 16]) -> u128 {
        let reference = u128::from_le_bytes(reference);
        let halves = [reference as u64, (reference >> 64) as u64];
        self.hasher.of([u64::from(group), 0, halves[0], halves[1]])
    }

    /// Where an instruction belongs among those that stand. `standing` has the terms of all in the index.
    pub fn find(&self, terms: &Terms, standing: &Pages<Option<Terms>>) -> Place {
        let (key, sides) = Key::of(terms, self.amounts);
        let hash = self.hasher.of(key.words());
        let same = |group: &Group| match &standing[group.any()] {
            Some(other) => Key::of(other, self.amounts).0 == key,
            None => false,
        };
        let group = self.groups.find(hash, same);
        let reference = (terms.reference != [0; 16]).then_some(terms.reference);
        let named = group.zip(reference).and_then(|(group, reference)| {
            self.named.find(self.hash_of(group, reference), |named| {
                named.group == group && named.reference == reference
            })
        });
        Place {
            hash,
            sides,
            reference,
            group,
            named,
        }
    }

    /// Those on the other side of the key whose reference goes with that of the arriving one, in order of arrival.
    pub fn candidates(&self, place: &Place) -> Candidates<'_> {
        let mut candidates = Candidates {
            links: &self.links,
            heads: [NIL; 2],
            way: PART,
        };
        if let Some(group) = place.group {
            let group = &self.groups[group];
            let named = place.named.map(|at| &self.named[at]);
            let other = place.sides.other;
            (candidates.heads, candidates.way) = match (place.reference, named) {
                (None, _) => ([group.all[other].head, NIL], ALL),
                (Some(_), None) => ([group.without[other].head, NIL], PART),
                (Some(_), Some(named)) => ([group.without[other].head, named.lists[other].head], PART),
            };
        }
        candidates
    }

    /// Puts an instruction at the end of its lists. `order` must grow with every one.
    pub fn push(&mut self, item: u32, order: u64, place: &Place) {
        let own = place.sides.own;
        let group = match place.group {
            Some(group) => group,
            None => {
                let (all, without) = ([EMPTY; 2], [EMPTY; 2]);
                self.groups.insert(place.hash, Group { all, without })
            }
        };
        let named = match (place.named, place.reference) {
            (Some(named), _) => named,
            (None, None) => NIL,
            (None, Some(reference)) => {
                let lists = [EMPTY; 2];
                let hash = self.hash_of(group, reference);
                self.named.insert(
                    hash,
                    Named {
                        group,
                        reference,
                        lists,
                    },
                )
            }
        };
        self.links.reach(item);
        let link = &mut self.links[item];
        (link.order, link.group, link.named) = (order, group, named);
        let group = &mut self.groups[group];
        append(&mut group.all[own], &mut self.links, item, ALL);
        let part = match named {
            NIL => &mut group.without[own],
            named => &mut self.named[named].lists[own],
        };
        append(part, &mut self.links, item, PART);
    }

    /// Takes an instruction with these terms out of its lists.
    pub fn remove(&mut self, item: u32, terms: &Terms) {
        let own = Key::of(terms, self.amounts).1.own;
        let Link { group: at, named, .. } = self.links[item];
        let group = &mut self.groups[at];
        unlink(&mut group.all[own], &mut self.links, item, ALL);
        if named == NIL {
            unlink(&mut group.without[own], &mut self.links, item, PART);
        } else {
            let lists = &mut self.named[named].lists;
            unlink(&mut lists[own], &mut self.links, item, PART);
            if lists.iter().all(|list| list.head == NIL) {
                self.named.remove(named);
            }
        }
        if group.any() == NIL {
            self.groups.remove(at);
        }
    }

    /// Keys, and references of keys, for which there are lists.
    #[cfg(test)]
    pub const fn lists(&self) -> u32 {
        self.groups.len() + self.named.len()
    }

    /// Records for which there is memory.
    #[cfg(test)]
    pub fn reserved(&self) -> usize {
        self.groups.reserved() + self.named.reserved() + self.links.reserved()
    }
}

/// Two lists, each in order of arrival, as one.
#[derive(Debug)]
pub(super) struct Candidates<'a> {
    links: &'a Pages<Link>,
    heads: [u32; 2],
    way: usize,
}

impl Iterator for Candidates<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let [one, two] = self.heads;
        let from = match (one, two) {
            (NIL, NIL) => return None,
            (_, NIL) => 0,
            (NIL, _) => 1,
            (one, two) => usize::from(self.links[two].order < self.links[one].order),
        };
        let item = self.heads[from];
        self.heads[from] = self.links[item].behind[self.way];
        Some(item)
    }
}
