//! The way of a value to AWS's SDK and back. The `Shape` derive writes it for objects, field by field.
//!
//! Texts become the SDK's enums and back; what AWS adds to an enum later passes through as it is.

use std::collections::{BTreeMap, HashMap};

use aws_smithy_types::error::operation::BuildError;

use crate::refusal::Answer;

/// A value that becomes the SDK's `T`.
pub trait ToSdk<T> {
    /// In the SDK's form.
    ///
    /// # Errors
    ///
    /// The SDK's builder misses something.
    fn to_sdk(&self) -> Answer<T>;
}

/// A value that is read from the SDK's `T`.
pub trait FromSdk<T> {
    /// From the SDK's form.
    fn from_sdk(sdk: T) -> Self;
}

/// Texts and enums.
impl<T: for<'a> From<&'a str>> ToSdk<T> for String {
    fn to_sdk(&self) -> Answer<T> {
        Ok(T::from(self))
    }
}
impl<T: AsRef<str>> FromSdk<T> for String {
    fn from_sdk(sdk: T) -> Self {
        sdk.as_ref().to_owned()
    }
}

macro_rules! plain {
    ($($type:ty),+) => {$(
        impl ToSdk<$type> for $type {
            fn to_sdk(&self) -> Answer<$type> {
                Ok(*self)
            }
        }
        impl FromSdk<$type> for $type {
            fn from_sdk(sdk: $type) -> Self {
                sdk
            }
        }
    )+};
}
plain!(bool, i32, i64, f64);

impl<T, V: ToSdk<T>> ToSdk<Option<T>> for Option<V> {
    fn to_sdk(&self) -> Answer<Option<T>> {
        self.as_ref().map(V::to_sdk).transpose()
    }
}

impl<T, V: ToSdk<T>> ToSdk<Vec<T>> for Vec<V> {
    fn to_sdk(&self) -> Answer<Vec<T>> {
        self.iter().map(V::to_sdk).collect()
    }
}
impl<T, V: FromSdk<T>> FromSdk<Vec<T>> for Vec<V> {
    fn from_sdk(sdk: Vec<T>) -> Self {
        sdk.into_iter().map(V::from_sdk).collect()
    }
}

impl ToSdk<HashMap<String, String>> for BTreeMap<String, String> {
    fn to_sdk(&self) -> Answer<HashMap<String, String>> {
        Ok(self.clone().into_iter().collect())
    }
}
impl FromSdk<HashMap<String, String>> for BTreeMap<String, String> {
    fn from_sdk(sdk: HashMap<String, String>) -> Self {
        sdk.into_iter().collect()
    }
}

/// A field of the SDK, which may be an `Option`, or what a builder built, which may be a `Result`: methods of the type
/// itself come before those of the traits, so that the derive has one text for both.
#[derive(Debug)]
pub struct Wrapped<T>(pub T);

impl<T> Wrapped<Option<T>> {
    /// What there is.
    pub fn given(self) -> Option<T> {
        self.0
    }
}
impl<T> Wrapped<Result<T, BuildError>> {
    /// What was built.
    ///
    /// # Errors
    ///
    /// The builder misses something.
    pub fn built(self) -> Answer<T> {
        Ok(self.0?)
    }
}

/// A field that is always there.
pub trait Plain<T> {
    /// What there is.
    fn given(self) -> Option<T>;
}
impl<T> Plain<T> for Wrapped<T> {
    fn given(self) -> Option<T> {
        Some(self.0)
    }
}

/// What a builder always builds.
pub trait Built<T> {
    /// What was built.
    ///
    /// # Errors
    ///
    /// Never.
    fn built(self) -> Answer<T>;
}
impl<T> Built<T> for Wrapped<T> {
    fn built(self) -> Answer<T> {
        Ok(self.0)
    }
}

#[cfg(test)]
#[expect(unreachable_pub, reason = "the derive writes public builders")]
mod tests {
    use aws_sdk_cloudtrail::types;
    use derive::Shape;

    use super::*;
    use crate::refusal::Refusal;

    /// A selector, with one field that the SDK's does not have.
    #[derive(Clone, Debug, PartialEq, Eq, Shape)]
    #[resource(name = "Selector", sdk = types::EventSelector)]
    pub struct Selector {
        /// An enum with a default.
        #[resource(default = "All")]
        pub read_write_type: String,
        /// A flag of another name.
        #[resource(sdk = include_management_events)]
        pub management: Option<bool>,
        /// A list that is not sent empty.
        #[resource(default)]
        pub exclude_management_event_sources: Vec<String>,
        /// Nested objects.
        pub data_resources: Vec<Data>,
        /// Ours alone.
        #[resource(own)]
        pub ours: Option<String>,
    }

    /// What data events are logged of.
    #[derive(Clone, Debug, PartialEq, Eq, Shape)]
    #[resource(name = "Data", sdk = types::DataResource)]
    pub struct Data {
        /// A text that AWS may show empty.
        #[resource(blank, sdk = r#type)]
        pub kind: Option<String>,
    }

    /// A condition: the SDK's builder wants its field.
    #[derive(Clone, Debug, PartialEq, Eq, Shape)]
    #[resource(name = "Fields", into = types::AdvancedEventSelector)]
    pub struct Fields {
        /// Conditions.
        pub field_selectors: Option<Vec<Field>>,
    }

    /// One condition.
    #[derive(Clone, Debug, PartialEq, Eq, Shape)]
    #[resource(name = "Field", sdk = types::AdvancedFieldSelector)]
    pub struct Field {
        /// The field.
        pub field: String,
    }

    #[test]
    fn an_object_goes_to_the_sdk_and_comes_back() {
        let selector = Selector {
            read_write_type: "NewKindOfAws".to_owned(),
            management: Some(false),
            exclude_management_event_sources: Vec::new(),
            data_resources: vec![Data { kind: Some("AWS::S3::Object".to_owned()) }],
            ours: None,
        };
        let sdk: types::EventSelector = selector.to_sdk().expect("nothing is missing");
        assert_eq!(sdk.exclude_management_event_sources, None, "an empty list with a default is not sent");
        assert_eq!(sdk.data_resources().len(), 1);
        assert_eq!(Selector::from_sdk(sdk), selector, "an enum's value that the SDK does not know passes through");
    }

    #[test]
    fn what_the_sdk_does_not_have_is_the_default() {
        let data = types::DataResource::builder().r#type("").build();
        let sdk = types::EventSelector::builder().data_resources(data).build();
        let selector = Selector::from_sdk(sdk);
        assert_eq!((selector.read_write_type.as_str(), selector.management), ("All", None));
        assert_eq!((selector.data_resources, selector.ours), (vec![Data { kind: None }], None));
    }

    #[test]
    fn what_the_sdks_builder_misses_is_an_error() {
        let built: Result<types::AdvancedEventSelector, Refusal> = Fields { field_selectors: None }.to_sdk();
        let error = pulumi::provider::resource::Error::from(built.expect_err("it is missing"));
        assert!(error.message.contains("field_selectors"), "{error}");
        let one = Fields { field_selectors: Some(vec![Field { field: "eventName".to_owned() }]) };
        assert_eq!(one.to_sdk().expect("built").field_selectors()[0].field(), "eventName");
    }

    /// A list that is sent empty, and a text that is not.
    #[derive(Clone, Debug, PartialEq, Eq, Shape)]
    #[resource(name = "Named", sdk = types::AdvancedEventSelector)]
    pub struct Named {
        /// A text that need not be given.
        #[resource(default = "", blank)]
        pub name: String,
        /// Conditions.
        #[resource(default, always)]
        pub field_selectors: Vec<Field>,
    }

    #[test]
    fn a_blank_text_is_not_sent_and_a_list_may_be_sent_empty() {
        let named = Named { name: String::new(), field_selectors: Vec::new() };
        let sdk: types::AdvancedEventSelector =
            named.to_sdk().expect("the builder wants the list, and gets an empty one");
        assert_eq!((sdk.name(), sdk.field_selectors().len()), (None, 0));
        assert_eq!(Named::from_sdk(sdk), named);
    }

    /// A day, read from two levels of the SDK's types.
    #[derive(Clone, Debug, PartialEq, Eq, Shape)]
    #[resource(name = "Days", from = aws_sdk_s3::types::ObjectLockRule)]
    pub struct Days {
        /// A number that AWS may show as 0.
        #[resource(blank, sdk = default_retention.days)]
        pub days: Option<i32>,
        /// Another part of the same.
        #[resource(default = "NONE", sdk = default_retention.mode)]
        pub mode: String,
    }

    #[test]
    fn a_part_of_a_nested_type_is_read() {
        use aws_sdk_s3::types::{DefaultRetention, ObjectLockRetentionMode, ObjectLockRule};
        let days = |days| {
            let retention = DefaultRetention::builder().days(days).mode(ObjectLockRetentionMode::Compliance).build();
            Days::from_sdk(ObjectLockRule::builder().default_retention(retention).build())
        };
        assert_eq!(days(3), Days { days: Some(3), mode: "COMPLIANCE".to_owned() });
        assert_eq!(days(0).days, None);
        let none = Days::from_sdk(ObjectLockRule::builder().build());
        assert_eq!(none, Days { days: None, mode: "NONE".to_owned() });
    }
}
