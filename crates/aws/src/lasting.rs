//! What stays as it was made: a change that would need another one, and lose what is in it, is refused.

use pulumi::{
    provider::{
        check::Failure,
        diff,
        resource::Declared,
        schema::{Property, Shaped, Type},
    },
    value::{Map, Value},
};

/// The region, which all types have from the provider.
const REGION: Property = Property { replace: true, computed: true, ..Property::new("region", "", Type::String) };

/// Whether the new inputs ask for another value of a property. What is not known yet may stay the same.
pub(crate) fn is_changed(property: &Property, olds: &Map, news: &Map) -> bool {
    let given = |map: &Map| map.get(property.name).cloned().unwrap_or_else(|| property.absent());
    let (old, new) = (given(olds), given(news));
    let unasked = property.computed && new == Value::Null;
    !unasked && !new.has_unknown() && !diff::same(property, &old, &new)
}

/// Refuses changes that would replace it; `noun` has its article.
pub(crate) fn refused<R: Declared>(noun: &str, way_out: &str, olds: &Map, news: &Map) -> Vec<Failure> {
    let properties = R::Inputs::SHAPE.properties.iter().chain([&REGION]).filter(|p| p.replace);
    let failure = |name: &str| Failure {
        property: name.to_owned(),
        reason: format!("`{name}` of {noun} that exists cannot be changed\nhint: {way_out}"),
    };
    properties.filter(|p| is_changed(p, olds, news)).map(|p| failure(p.name)).collect()
}
