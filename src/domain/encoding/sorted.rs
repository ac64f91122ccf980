//! JSON with the members of every object in ascending order of their names.
//!
//! An entry is encoded at every writing, reading and check, ten thousand times at the close of a busy day. Moving the
//! members within serde_json's compact text, whose strings and numbers are in canonical form already, takes a fraction
//! of the time of building and sorting a tree of values.

/// Sorts `json`, one value as serde_json writes it compactly.
pub(super) fn sorted(json: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    write(&mut out, json);
    out
}

fn write(out: &mut Vec<u8>, json: &[u8]) {
    match json {
        [b'{', members @ .., b'}'] => {
            let mut members: Vec<(&[u8], &[u8])> =
                parts(members).map(|member| member.split_at(text_length(member))).collect();
            members.sort_unstable_by(|(a, _), (b, _)| name(a).cmp(name(b)));
            out.push(b'{');
            for (index, (name, colon_and_value)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(name);
                out.push(b':');
                write(out, colon_and_value.strip_prefix(b":").unwrap_or(colon_and_value));
            }
            out.push(b'}');
        }
        [b'[', items @ .., b']'] => {
            out.push(b'[');
            for (index, item) in parts(items).enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write(out, item);
            }
            out.push(b']');
        }
        other => out.extend_from_slice(other),
    }
}

/// A quoted name without its quotes.
fn name(quoted: &[u8]) -> &[u8] {
    quoted.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(quoted)
}

/// The length of the string at the beginning of `json`, quotes included.
fn text_length(json: &[u8]) -> usize {
    let mut escaped = false;
    for (index, byte) in json.iter().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    json.len()
}

/// What stands between the commas of this level.
fn parts(mut json: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if json.is_empty() {
            return None;
        }
        let (part, rest) = json.split_at(part_length(json));
        json = rest.strip_prefix(b",").unwrap_or(rest);
        Some(part)
    })
}

fn part_length(json: &[u8]) -> usize {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (index, byte) in json.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return index,
            _ => {}
        }
    }
    json.len()
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
