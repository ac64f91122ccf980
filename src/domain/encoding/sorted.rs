//! JSON with the members of every object in ascending order of their names.
//!
//! An entry is encoded at every writing, reading and check, ten thousand times at the close of a busy day. Moving the
//! members within serde_json's compact text, whose strings and numbers are in canonical form already, takes a fraction
//! of the time of building and sorting a tree of values. Every byte is looked at once; members are copied where they
//! stand in another order.

use std::ops::Range;

/// Sorts `json`, one value as serde_json writes it compactly. Other bytes come out in some order, without a panic.
pub(super) fn sorted(json: &[u8]) -> Vec<u8> {
    let mut sorter =
        Sorter { json, at: 0, out: Vec::with_capacity(json.len()), members: Vec::new(), moved: Vec::new() };
    while sorter.at < json.len() {
        sorter.value(0);
    }
    sorter.out
}

/// Deeper than any entry; what is nested deeper is left as it stands.
const DEEPEST: usize = 64;

/// A member as it stands in `out`.
struct Member {
    /// Its name, without the quotes.
    name: Range<usize>,
    /// Name and value.
    whole: Range<usize>,
}

struct Sorter<'a> {
    json: &'a [u8],
    /// What is read next.
    at: usize,
    out: Vec<u8>,
    /// Members of the objects that are open, the innermost last.
    members: Vec<Member>,
    /// Where an object is put together anew.
    moved: Vec<u8>,
}

impl Sorter<'_> {
    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    /// Copies the next byte.
    fn step(&mut self) {
        self.out.extend(self.peek());
        self.at += 1;
    }

    /// Copies up to `end`.
    fn copy_to(&mut self, end: usize) {
        self.out.extend_from_slice(self.json.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    fn value(&mut self, depth: usize) {
        match self.peek() {
            Some(b'"') => self.text(),
            Some(b'{') if depth < DEEPEST => self.object(depth),
            Some(b'[') if depth < DEEPEST => self.array(depth),
            Some(_) => self.plain(),
            None => {}
        }
    }

    /// A number, `true`, `false` or `null`; at least one byte.
    fn plain(&mut self) {
        let rest = self.json.get(self.at + 1..).unwrap_or_default();
        let length = rest.iter().position(|byte| matches!(byte, b',' | b'}' | b']' | b'"' | b':'));
        self.copy_to(self.at + 1 + length.unwrap_or(rest.len()));
    }

    fn text(&mut self) {
        let mut end = self.at + 1;
        loop {
            let rest = self.json.get(end..).unwrap_or_default();
            match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
                Some(stop) if rest.get(stop) == Some(&b'\\') => end += stop + 2,
                Some(stop) => break self.copy_to(end + stop + 1),
                None => break self.copy_to(self.json.len()),
            }
        }
    }

    fn array(&mut self, depth: usize) {
        self.step();
        while let Some(byte) = self.peek() {
            match byte {
                b']' => return self.step(),
                b',' => self.step(),
                _ => self.value(depth + 1),
            }
        }
    }

    fn object(&mut self, depth: usize) {
        self.step();
        let (first_member, from) = (self.members.len(), self.out.len());
        loop {
            match self.peek() {
                Some(b'"') => {
                    let start = self.out.len();
                    self.text();
                    let name = start + 1..self.out.len().saturating_sub(1);
                    if self.peek() == Some(b':') {
                        self.step();
                        self.value(depth + 1);
                    }
                    self.members.push(Member { name, whole: start..self.out.len() });
                }
                Some(b',') => self.step(),
                Some(b'}') | None => break,
                Some(_) => self.plain(),
            }
        }
        self.order(first_member, from);
        self.step();
    }

    /// Puts the members from `first_member` on, which stand in `out` from `from` on, in order.
    fn order(&mut self, first_member: usize, from: usize) {
        let Self { out, members, moved, .. } = self;
        let name = |member: &Member| out.get(member.name.clone()).unwrap_or_default();
        if let Some(of_this) = members.get_mut(first_member..)
            && !of_this.is_sorted_by(|a, b| name(a) <= name(b))
        {
            of_this.sort_by(|a, b| name(a).cmp(name(b)));
            moved.clear();
            for (index, member) in of_this.iter().enumerate() {
                if index > 0 {
                    moved.push(b',');
                }
                moved.extend_from_slice(out.get(member.whole.clone()).unwrap_or_default());
            }
            out.truncate(from);
            out.extend_from_slice(moved);
        }
        members.truncate(first_member);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    /// The same by way of a tree: objects rebuilt with their members inserted in order.
    fn by_tree(value: &Value) -> String {
        match value {
            Value::Array(items) => format!("[{}]", items.iter().map(by_tree).collect::<Vec<_>>().join(",")),
            Value::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                members.sort_by_key(|(name, _)| *name);
                let written: Vec<String> = members
                    .into_iter()
                    .map(|(name, value)| format!("{}:{}", Value::String(name.clone()), by_tree(value)))
                    .collect();
                format!("{{{}}}", written.join(","))
            }
            other => other.to_string(),
        }
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[\\\\\"{}\\[\\],: ]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::vec(("[a-z_]{1,6}", inner), 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
            ]
        })
    }

    /// Writes the members of every object in the opposite order.
    fn reversed(value: &Value) -> String {
        match value {
            Value::Array(items) => format!("[{}]", items.iter().map(reversed).collect::<Vec<_>>().join(",")),
            Value::Object(members) => {
                let mut written: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{}:{}", Value::String(name.clone()), reversed(value)))
                    .collect();
                written.reverse();
                format!("{{{}}}", written.join(","))
            }
            other => other.to_string(),
        }
    }

    proptest! {
        #[test]
        fn members_in_any_order_come_out_as_a_sorted_tree_would_write_them(value in value()) {
            for json in [value.to_string(), reversed(&value)] {
                let sorted = String::from_utf8(sorted(json.as_bytes())).expect("UTF-8");
                prop_assert_eq!(sorted, by_tree(&value));
            }
        }

        #[test]
        fn any_bytes_are_taken_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = sorted(&bytes);
        }
    }
}
