//! Generates what an object was, what it shall be and what it is.

use serde_json::{Map, Value, json};

/// A small generator of numbers (`SplitMix64`): the same seed gives the same objects everywhere.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).expect("a length fits");
        usize::try_from(self.next() % end).expect("it is below a length")
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }
}

/// What Helm's patch is computed from.
#[derive(Debug)]
pub(super) struct Triple {
    pub(super) original: Value,
    pub(super) target: Value,
    pub(super) live: Value,
}

/// Three related states of an object of one kind.
pub(super) fn triple(kind: &Value, random: &mut Random) -> Triple {
    let mut original = kind.clone();
    mutate(&mut original, 6, random);
    let mut target = if random.one_in(3) { kind.clone() } else { original.clone() };
    mutate(&mut target, 6, random);
    let mut live = match random.below(4) {
        0 => kind.clone(),
        1 => target.clone(),
        _ => original.clone(),
    };
    let edits = if random.one_in(3) { 0 } else { 5 };
    mutate(&mut live, edits, random);
    drop_nulls(&mut live);
    as_server(&mut live, random);
    // An object without its name cannot be asked for.
    for object in [&mut original, &mut target, &mut live] {
        object["metadata"]["name"] = kind["metadata"]["name"].clone();
        if let Some(namespace) = kind["metadata"].get("namespace") {
            object["metadata"]["namespace"] = namespace.clone();
        }
    }
    Triple { original, target, live }
}

/// Puts directives into a patch that Helm never sends but a server obeys.
pub(super) fn with_directives(mut patch: Value, random: &mut Random) -> Value {
    if random.one_in(2) {
        put_directive(&mut patch, random);
    }
    patch
}

fn put_directive(value: &mut Value, random: &mut Random) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            if random.one_in(6) {
                let directive = ["replace", "delete", "merge"][random.below(3)];
                map.insert("$patch".to_owned(), directive.into());
            } else {
                let key = map.keys().nth(random.below(map.len())).cloned().unwrap_or_default();
                put_directive(&mut map[&key], random);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            let at = random.below(list.len());
            put_directive(&mut list[at], random);
        }
        _ => {}
    }
}

fn as_server(live: &mut Value, random: &mut Random) {
    let metadata = &mut live["metadata"];
    metadata["uid"] = json!("6e3c");
    metadata["resourceVersion"] = json!("7");
    metadata["generation"] = json!(random.below(9));
    metadata["managedFields"] = json!([{"manager": "helm", "operation": "Update", "fieldsV1": {"f:spec": {}}}]);
    if random.one_in(3) {
        metadata["annotations"]["deployment.kubernetes.io/revision"] = json!("4");
    }
    if random.one_in(4) {
        metadata["finalizers"] = json!(["z.example.com/z", "a.example.com/a"]);
    }
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, value| !value.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

fn mutate(object: &mut Value, at_most: usize, random: &mut Random) {
    let count = random.below(at_most + 1);
    for _ in 0..count {
        let Value::Object(map) = object else { return };
        let keys: Vec<String> = map.keys().filter(|key| !matches!(key.as_str(), "apiVersion" | "kind")).cloned().collect();
        // Most of what is interesting is below `spec`.
        let key = if random.one_in(3) || !map.contains_key("spec") { &keys[random.below(keys.len())] } else { "spec" };
        mutate_at(&mut map[key], key, random);
    }
}

/// Changes one thing at or below a value.
fn mutate_at(value: &mut Value, name: &str, random: &mut Random) {
    match value {
        Value::Object(map) => mutate_mapping(map, random),
        Value::Array(list) => mutate_list(list, name, random),
        Value::String(text) => *text = other_text(text, random),
        Value::Number(_) => *value = json!(random.below(9)),
        Value::Bool(flag) => *flag = !*flag,
        Value::Null => {}
    }
}

fn mutate_mapping(map: &mut Map<String, Value>, random: &mut Random) {
    if map.is_empty() || random.one_in(40) {
        // Some kinds take any name here, most take none.
        map.insert(["added", "other"][random.below(2)].to_owned(), added_value(random));
        return;
    }
    let key = map.keys().nth(random.below(map.len())).cloned().unwrap_or_default();
    if key == "name" && !random.one_in(6) {
        return;
    }
    match random.below(14) {
        0 => {
            map.remove(&key);
        }
        1 if random.one_in(3) => {
            map.insert(key, Value::Null);
        }
        _ => mutate_at(&mut map[&key], &key, random),
    }
}

fn added_value(random: &mut Random) -> Value {
    match random.below(8) {
        0 => json!({"a": {"b": random.below(3)}}),
        1 => json!(["x", "y"]),
        2 => json!({"c": [random.below(3)]}),
        _ => json!("text"),
    }
}

fn mutate_list(list: &mut Vec<Value>, name: &str, random: &mut Random) {
    if list.is_empty() {
        return;
    }
    let at = random.below(list.len());
    match random.below(12) {
        0 => {
            list.remove(at);
        }
        1 => {
            let other = random.below(list.len());
            list.swap(at, other);
        }
        2 => list.reverse(),
        3 | 4 => {
            let mut entry = list[at].clone();
            rename(&mut entry, random);
            let to = random.below(list.len() + 1);
            list.insert(to, entry);
        }
        5 if random.one_in(3) => list.clear(),
        _ => mutate_at(&mut list[at], name, random),
    }
}

/// Gives a copied entry another identity, whatever field that is in.
fn rename(entry: &mut Value, random: &mut Random) {
    match entry {
        Value::String(text) => *text = other_text(text, random),
        Value::Object(map) => {
            for key in ["name", "containerPort", "port", "mountPath", "devicePath", "ip", "topologyKey", "type", "uid"] {
                match map.get_mut(key) {
                    Some(Value::String(text)) => *text = other_text(text, random),
                    Some(number @ Value::Number(_)) => *number = json!(8000 + random.below(20)),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// Keeps amounts amounts and addresses of nothing in particular text.
fn other_text(text: &str, random: &mut Random) -> String {
    if text.starts_with(|first: char| first.is_ascii_digit()) {
        return ["1", "250m", "2Gi", "10", "64Mi"][random.below(5)].to_owned();
    }
    ["alpha", "beta", "gamma", "delta", "Echo", "zulu"][random.below(6)].to_owned()
}
