//! An object as text, for holding many of them.

use std::fmt;

use serde::Deserialize as _;

use super::Object;

/// An object as JSON text, which takes a tenth of the memory of the tree that it stands for.
///
/// What holds all objects of a revision holds them like this, and unpacks one after another.
/// `Debug` prints what identifies the object and never what it holds.
///
/// # Examples
/// ```
/// use helm_release_core::object::{Object, PackedObject};
///
/// let object = Object::new(serde_json::json!({ "apiVersion": "v1", "kind": "Pod", "spec": { "share": 0.1 } }))?;
/// assert_eq!(PackedObject::new(&object).unpack(), object);
/// # Ok::<(), helm_release_core::object::NotAnObject>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PackedObject(Box<str>);

impl PackedObject {
    /// Packs an object.
    ///
    /// ```
    /// use helm_release_core::object::{Object, PackedObject};
    /// use serde_json::json;
    ///
    /// let secret = json!({ "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "db" }, "data": { "key": "czNjcmV0" } });
    /// let packed = PackedObject::new(&Object::new(secret)?);
    /// assert_eq!(format!("{packed:?}"), "PackedObject(Object(v1 Secret /db))");
    /// # Ok::<(), helm_release_core::object::NotAnObject>(())
    /// ```
    #[must_use]
    pub fn new(object: &Object) -> Self {
        Self(object.as_value().to_string().into_boxed_str())
    }

    /// The object again, equal to the one that was packed.
    ///
    /// ```
    /// use helm_release_core::PackedObject;
    ///
    /// # examples::run(async {
    /// # let shop = examples::Shop::open().await?;
    /// let held: Vec<PackedObject> = shop.cluster.objects().iter().map(PackedObject::new).collect();
    /// // No more than one of them is a tree at any time.
    /// let replicas = held.iter().map(PackedObject::unpack).find_map(|object| object.at(&["spec", "replicas"])?.as_i64());
    /// assert_eq!(replicas, Some(5));
    /// # Ok(()) });
    /// ```
    #[must_use]
    pub fn unpack(&self) -> Object {
        let mut json = serde_json::Deserializer::from_str(&self.0);
        // It is as deep as the tree was, which has its own limit.
        json.disable_recursion_limit();
        match Object::deserialize(&mut json) {
            Ok(object) => object,
            Err(_) => unreachable!("the text was written from an object"),
        }
    }
}

impl fmt::Debug for PackedObject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PackedObject").field(&self.unpack()).finish()
    }
}

#[cfg(test)]
mod tests;
