//! A vector in pages: it grows without moving more than a page of what it holds.
use std::ops::{Index, IndexMut};

const PAGE_BITS: u32 = 10;
const PAGE: u32 = 1 << PAGE_BITS;

/// The vector. Indices must be in reach; [`Pages::get_mut`] and [`Pages::get`] take any.
#[derive(Debug, Clone)]
pub(super) struct Pages<T> {
    pages: Vec<Vec<T>>,
    len: u32,
}

#[inline]
const fn split(at: u32) -> (usize, usize) {
    ((at >> PAGE_BITS) as usize, (at % PAGE) as usize)
}

impl<T> Pages<T> {
    pub const fn new() -> Self {
        Self {
            pages: Vec::new(),
            len: 0,
        }
    }

    pub const fn len(&self) -> u32 {
        self.len
    }

    #[inline]
    pub fn get(&self, at: u32) -> Option<&T> {
        let (page, place) = split(at);
        self.pages.get(page)?.get(place)
    }

    #[inline]
    pub fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        let (page, place) = split(at);
        self.pages.get_mut(page)?.get_mut(place)
    }

    /// Puts a value behind the last; returns its place.
    pub fn push(&mut self, value: T) -> u32 {
        let at = self.len;
        match self.pages.last_mut() {
            Some(page) if page.len() < PAGE as usize => page.push(value),
            last => {
                // The first page grows with what is put there: a vector that stays small takes little.
                let capacity = if last.is_some() { PAGE as usize } else { 1 };
                let mut page = Vec::with_capacity(capacity);
                page.push(value);
                self.pages.push(page);
            }
        }
        self.len += 1;
        at
    }

    /// Fills up until `at` is in reach.
    #[inline]
    pub fn reach(&mut self, at: u32)
    where
        T: Default,
    {
        while self.len <= at {
            self.push(T::default());
        }
    }

    /// Values for which there is memory.
    #[cfg(test)]
    pub fn reserved(&self) -> usize {
        self.pages.iter().map(Vec::capacity).sum()
    }
}

impl<T> Index<u32> for Pages<T> {
    type Output = T;

    #[inline]
    fn index(&self, at: u32) -> &T {
        let (page, place) = split(at);
        &self.pages[page][place]
    }
}

impl<T> IndexMut<u32> for Pages<T> {
    #[inline]
    fn index_mut(&mut self, at: u32) -> &mut T {
        let (page, place) = split(at);
        &mut self.pages[page][place]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_what_was_put_there() {
        let mut pages = Pages::new();
        for value in 0..5 * PAGE {
            assert_eq!(pages.push(u64::from(value) * 3), value);
        }
        for value in 0..5 * PAGE {
            assert_eq!(pages[value], u64::from(value) * 3);
        }
        assert_eq!(pages.get(5 * PAGE), None);
        assert_eq!(pages.get(u32::MAX), None);
        pages.reach(6 * PAGE + 2);
        assert_eq!(pages.get(6 * PAGE + 2), Some(&0));
        assert_eq!(pages.get(6 * PAGE + 3), None);
        assert_eq!(pages.len(), 6 * PAGE + 3);
    }

    #[test]
    fn nothing_moves_behind_the_first_page() {
        let mut pages = Pages::new();
        pages.reach(PAGE);
        let place = std::ptr::from_ref::<u64>(&pages[PAGE]);
        pages.reach(20 * PAGE);
        assert_eq!(place, std::ptr::from_ref(&pages[PAGE]));
    }
}
