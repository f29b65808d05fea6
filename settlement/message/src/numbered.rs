//! Enums whose numbers stand in formats: a line for each, with its name and its meaning.

/// An enum with frozen numbers: `variant = number, "name in text and JSON", "meaning";`.
macro_rules! numbered {
    ($(#[$about:meta])* $enum:ident: $repr:ident {
        $($name:ident = $number:literal, $text:literal, $doc:literal;)*
    }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr($repr)]
        pub enum $enum {
            $(#[doc = $doc] $name = $number,)*
        }

        impl $enum {
            /// All of them.
            pub const ALL: &'static [$enum] = &[$($enum::$name,)*];

            /// The one with this number.
            pub const fn from_number(number: $repr) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// Its name in text, JSON and metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means, for people.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $doc,)* }
            }
        }
    };
}

pub(crate) use numbered;
