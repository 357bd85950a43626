//! JSON in CBOR and back: CloudWatch's requests and answers, which scripts have in JSON.

use aws_smithy_cbor::{Decoder, Encoder, data::Type, decode::DeserializeError};
use serde_json::{Value as Json, json};

/// What stands in CBOR.
pub(super) fn read(bytes: &[u8]) -> Json {
    if bytes.is_empty() { json!({}) } else { value(&mut Decoder::new(bytes)).expect("CBOR of the SDK") }
}

fn value(decoder: &mut Decoder<'_>) -> Result<Json, DeserializeError> {
    Ok(match decoder.datatype()? {
        Type::Bool => decoder.boolean()?.into(),
        Type::F16 | Type::F32 | Type::F64 => decoder.double()?.into(),
        Type::String | Type::StringIndef => decoder.string()?.into(),
        Type::Array | Type::ArrayIndef => {
            let (length, mut items) = (decoder.list()?, Vec::new());
            while more(decoder, length, items.len())? {
                items.push(value(decoder)?);
            }
            items.into()
        }
        Type::Map | Type::MapIndef => {
            let (length, mut map) = (decoder.map()?, serde_json::Map::new());
            while more(decoder, length, map.len())? {
                let key = decoder.string()?;
                map.insert(key, value(decoder)?);
            }
            map.into()
        }
        Type::Null | Type::Undefined => {
            decoder.skip()?;
            Json::Null
        }
        _ => decoder.long()?.into(),
    })
}

/// Whether a list or map goes on; one without a length ends with a break.
fn more(decoder: &mut Decoder<'_>, length: Option<u64>, read: usize) -> Result<bool, DeserializeError> {
    match length {
        Some(length) => Ok((read as u64) < length),
        None if decoder.datatype()? == Type::Break => decoder.skip().map(|()| false),
        None => Ok(true),
    }
}

/// JSON in CBOR.
pub(super) fn write(json: &Json) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    put(&mut encoder, json);
    encoder.into_writer()
}

fn put(encoder: &mut Encoder, json: &Json) {
    match json {
        Json::Null => encoder.null(),
        Json::Bool(on) => encoder.boolean(*on),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => encoder.long(whole),
            None => encoder.double(number.as_f64().expect("a number")),
        },
        Json::String(text) => encoder.str(text),
        Json::Array(items) => {
            encoder.array(items.len());
            for item in items {
                put(encoder, item);
            }
            encoder
        }
        Json::Object(map) => {
            encoder.map(map.len());
            for (key, item) in map {
                encoder.str(key);
                put(encoder, item);
            }
            encoder
        }
    };
}

#[test]
fn what_is_written_is_read() {
    let json = json!({ "a": [1, -300, 0.5, true, null, { "b": "text" }], "c": {} });
    assert_eq!(read(&write(&json)), json);
    assert_eq!(read(&[0xbf, 0x61, b'a', 0x9f, 0x01, 0xff, 0xff]), json!({ "a": [1] }), "without lengths");
}
