//! An element together with its path, so that every refusal can name its place.

use super::finding::{Finding, Rule};
use super::xml::Element;

pub(crate) type Result<T> = std::result::Result<T, Finding>;

/// An element and the path that led to it.
#[derive(Debug, Clone)]
pub(crate) struct Cursor<'a> {
    element: &'a Element,
    path: String,
}

impl<'a> Cursor<'a> {
    /// A cursor whose path begins at this element.
    pub(crate) fn at(element: &'a Element) -> Cursor<'a> {
        Cursor {
            element,
            path: element.name.clone(),
        }
    }

    /// The element itself.
    pub(crate) fn element(&self) -> &'a Element {
        self.element
    }

    /// The path that led to it.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The children of this name in the element's own namespace; foreign namespaces do not count.
    fn children(&self, name: &str) -> impl Iterator<Item = &'a Element> {
        let parent = self.element;
        parent
            .children
            .iter()
            .filter(move |child| child.name == name && child.namespace == parent.namespace)
    }

    /// The child of this name, if there is one.
    pub(crate) fn optional(&self, name: &str) -> Result<Option<Cursor<'a>>> {
        if !self.element.text.chars().all(|c| c.is_ascii_whitespace()) {
            return Err(self.refuse(Rule::Form, "elements are expected, not text between them"));
        }
        let mut children = self.children(name);
        let first = children.next();
        if let Some(second) = children.next() {
            let path = format!("{}/{name}", self.path);
            return Err(Finding::new(
                Rule::Once,
                &path,
                Some(second.line),
                "the element may stand only once",
            ));
        }
        Ok(first.map(|element| Cursor {
            element,
            path: format!("{}/{name}", self.path),
        }))
    }

    /// The child of this name.
    pub(crate) fn required(&self, name: &str) -> Result<Cursor<'a>> {
        self.optional(name)?.ok_or_else(|| {
            let path = format!("{}/{name}", self.path);
            Finding::new(
                Rule::Required,
                &path,
                Some(self.element.line),
                "the element is required and missing",
            )
        })
    }

    /// What an optional child holds.
    pub(crate) fn optional_as<T>(
        &self,
        name: &str,
        read: impl FnOnce(&Cursor<'a>) -> Result<T>,
    ) -> Result<Option<T>> {
        self.optional(name)?.map(|child| read(&child)).transpose()
    }

    /// The child of a child and so on, if all are there.
    pub(crate) fn optional_at(&self, names: &[&str]) -> Result<Option<Cursor<'a>>> {
        let mut at = self.clone();
        for name in names {
            match at.optional(name)? {
                Some(child) => at = child,
                None => return Ok(None),
            }
        }
        Ok(Some(at))
    }

    /// All children of this name, numbered from 1 in their paths.
    pub(crate) fn list(&self, name: &str) -> Vec<Cursor<'a>> {
        let numbered = self.children(name).zip(1_usize..);
        numbered
            .map(|(element, at)| Cursor {
                element,
                path: format!("{}/{name}[{at}]", self.path),
            })
            .collect()
    }

    /// The text of an element that has no elements inside, as written.
    pub(crate) fn raw_text(&self) -> Result<&'a str> {
        match self.element.children.first() {
            Some(child) => Err(self.refuse(
                Rule::Form,
                format!("text is expected, not element {}", child.name),
            )),
            None => Ok(&self.element.text),
        }
    }

    /// The text without surrounding white space, as XML Schema reads codes, numbers and dates.
    pub(crate) fn text(&self) -> Result<&'a str> {
        Ok(self.raw_text()?.trim_matches([' ', '\t', '\r', '\n']))
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Result<&'a str> {
        let found = self.element.attributes.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).ok_or_else(|| {
            self.refuse_attribute(
                name,
                Rule::Required,
                "the attribute is required and missing".to_owned(),
            )
        })
    }

    /// A finding at this element.
    pub(crate) fn refuse(&self, rule: Rule, message: impl Into<String>) -> Finding {
        Finding::new(rule, &self.path, Some(self.element.line), message)
    }

    /// A finding at an attribute of this element.
    pub(crate) fn refuse_attribute(&self, name: &str, rule: Rule, message: String) -> Finding {
        Finding::new(
            rule,
            &format!("{}/@{name}", self.path),
            Some(self.element.line),
            message,
        )
    }
}
