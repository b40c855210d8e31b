//! Python's data as the core's plain data, refusing what has no exact counterpart.

use std::borrow::Cow;

use gameball_core::error::Error;
use gameball_core::model::Json;
use gameball_core::model::json::MAX_DEPTH;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDate, PyDict, PyFloat, PyInt, PyList, PyMapping, PyMemoryView,
    PySequence, PyString, PyTuple,
};

use crate::errors::{Failure, Outcome};

const LONE_SURROGATE: &str = "contains a lone surrogate, which is no character";

/// What is needed of the standard library.
struct Library {
    decimal: Py<PyAny>,
    decimal_text: Py<PyAny>,
    enumeration: Py<PyAny>,
    fields: Py<PyAny>,
}

static LIBRARY: PyOnceLock<Library> = PyOnceLock::new();

/// Finds the standard library's types, once.
pub(crate) fn init(py: Python<'_>) -> PyResult<()> {
    library(py).map(drop)
}

fn library(py: Python<'_>) -> PyResult<&Library> {
    LIBRARY.get_or_try_init(py, || {
        let from = |module: &str, name: &str| Ok::<_, PyErr>(py.import(module)?.getattr(name)?.unbind());
        Ok(Library {
            decimal_text: from("decimal", "Decimal")?.getattr(py, "__str__")?,
            decimal: from("decimal", "Decimal")?,
            enumeration: from("enum", "Enum")?,
            fields: from("dataclasses", "fields")?,
        })
    })
}

/// The text of an argument named `field`.
pub(crate) fn text<'a>(field: &str, text: &'a Bound<'_, PyString>) -> Outcome<Cow<'a, str>> {
    text.to_cow().map_err(|_| inside(refuse(LONE_SURROGATE), field))
}

/// The texts that a sequence named `field` holds; what is no character makes a text that nothing is like.
pub(crate) fn texts(field: &str, items: &Bound<'_, PyAny>) -> Outcome<Vec<String>> {
    const PROBLEM: &str = "must be several texts, such as a list of them";
    if items.is_instance_of::<PyString>() {
        return Err(inside(refuse(PROBLEM), field));
    }
    let mut texts = Vec::new();
    for (index, item) in each(field, items, PROBLEM)?.enumerate() {
        let item = item?;
        let Ok(item) = item.cast::<PyString>() else {
            return Err(inside(refuse("must be text"), &format!("{field}[{index}]")));
        };
        if let Ok(text) = item.to_cow() {
            texts.push(text.into_owned());
        }
    }
    Ok(texts)
}

/// The bytes of an argument named `field`.
pub(crate) fn bytes(field: &str, value: &Bound<'_, PyAny>) -> Outcome<Vec<u8>> {
    match raw(value)? {
        Some(bytes) => Ok(bytes),
        None => Err(inside(refuse("must be bytes: the body as it came, neither decoded nor parsed"), field)),
    }
}

/// The bytes of a key named `field`; text counts as UTF-8.
pub(crate) fn key(field: &str, value: &Bound<'_, PyAny>) -> Outcome<Vec<u8>> {
    if let Ok(text) = value.cast::<PyString>() {
        // With surrogates and all, because an encoding error would carry the key about.
        let bytes = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
        return Ok(bytes.extract()?);
    }
    match raw(value)? {
        Some(bytes) => Ok(bytes),
        None => Err(inside(refuse("must be bytes or text"), field)),
    }
}

/// The keys that an iterable named `field` holds.
pub(crate) fn keys(field: &str, items: &Bound<'_, PyAny>) -> Outcome<Vec<Vec<u8>>> {
    each(field, items, "must be several keys, such as a list of them")?
        .enumerate()
        .map(|(index, item)| key(&format!("{field}[{index}]"), &item?))
        .collect()
}

/// The whole number, not negative, that an argument named `field` is.
pub(crate) fn count(field: &str, value: &Bound<'_, PyAny>) -> Outcome<usize> {
    match value.cast::<PyInt>().map(|number| number.extract()) {
        Ok(Ok(number)) => Ok(number),
        _ => Err(inside(refuse("must be a whole number, and not negative"), field)),
    }
}

fn raw(value: &Bound<'_, PyAny>) -> Outcome<Option<Vec<u8>>> {
    Ok(if let Ok(bytes) = value.cast::<PyBytes>() {
        Some(bytes.as_bytes().to_vec())
    } else if let Ok(bytes) = value.cast::<PyByteArray>() {
        Some(bytes.to_vec())
    } else if value.is_instance_of::<PyMemoryView>() {
        Some(value.call_method0("tobytes")?.extract()?)
    } else {
        None
    })
}

fn each<'py>(
    field: &str,
    items: &Bound<'py, PyAny>,
    problem: &str,
) -> Outcome<impl Iterator<Item = PyResult<Bound<'py, PyAny>>>> {
    items.try_iter().map_err(|_| inside(refuse(problem), field))
}

/// The value as plain data. A refusal names the path to what it refuses, never the value.
pub(crate) fn json(value: &Bound<'_, PyAny>) -> Outcome<Json> {
    convert(value, MAX_DEPTH)
}

fn refuse(problem: impl Into<String>) -> Failure {
    Error::invalid_argument("", problem).into()
}

fn inside(failure: Failure, parent: &str) -> Failure {
    match failure {
        Failure::Core(error) => error.inside(parent).into(),
        Failure::Python(_) => failure,
    }
}

// The types that nearly every argument has come first and are compared exactly, which costs next to nothing.
fn convert(value: &Bound<'_, PyAny>, depth: usize) -> Outcome<Json> {
    if let Ok(text) = value.cast_exact::<PyString>() {
        string(text)
    } else if value.is_none() {
        Ok(Json::Null)
    } else if let Ok(truth) = value.cast_exact::<PyBool>() {
        Ok(Json::Bool(truth.is_true()))
    } else if let Ok(number) = value.cast_exact::<PyInt>() {
        integer(number)
    } else if let Ok(fields) = value.cast_exact::<PyDict>() {
        // Taken at once: what is converted below may run code of the shop's, which may change the dict.
        let entries: Vec<_> = fields.iter().collect();
        object(entries.into_iter().map(Ok), depth)
    } else if let Ok(items) = value.cast_exact::<PyList>() {
        array(items.iter().map(Ok), depth)
    } else if let Ok(items) = value.cast_exact::<PyTuple>() {
        array(items.iter().map(Ok), depth)
    } else if let Ok(number) = value.cast::<PyFloat>() {
        float(number)
    } else {
        uncommon(value, depth)
    }
}

fn uncommon(value: &Bound<'_, PyAny>, depth: usize) -> Outcome<Json> {
    let library = library(value.py())?;
    if value.is_instance(library.decimal.bind(value.py()))? {
        return decimal(value, library);
    }
    // A date is also what a datetime is; without a zone it is the core that refuses it, where one is due.
    if value.cast::<PyDate>().is_ok() {
        return string(value.call_method0("isoformat")?.cast::<PyString>().map_err(PyErr::from)?);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return string(text);
    }
    if let Ok(number) = value.cast::<PyInt>() {
        return integer(number);
    }
    if value.is_instance(library.enumeration.bind(value.py()))? {
        return match value.getattr("value")?.cast::<PyString>() {
            Ok(text) => string(text),
            Err(_) => Err(unknown(value)),
        };
    }
    if value.get_type().hasattr("__dataclass_fields__")? {
        return dataclass(value, library.fields.bind(value.py()), depth);
    }
    if let Ok(mapping) = value.cast::<PyMapping>() {
        return object(mapping.items()?.iter().map(|entry| entry.extract()), depth);
    }
    if value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>()
        || value.is_instance_of::<PyMemoryView>()
    {
        return Err(unknown(value));
    }
    match value.cast::<PySequence>() {
        Ok(items) => array(items.try_iter()?, depth),
        Err(_) => Err(unknown(value)),
    }
}

fn unknown(value: &Bound<'_, PyAny>) -> Failure {
    match value.get_type().name() {
        Ok(name) => refuse(format!("is of type {name}, which cannot be sent")),
        Err(error) => error.into(),
    }
}

fn string(text: &Bound<'_, PyString>) -> Outcome<Json> {
    match text.to_cow() {
        Ok(text) => Ok(Json::String(text.into_owned())),
        Err(_) => Err(refuse(LONE_SURROGATE)),
    }
}

fn integer(number: &Bound<'_, PyInt>) -> Outcome<Json> {
    if let Ok(number) = number.extract::<i64>() {
        return Ok(Json::Number(number.to_string()));
    }
    // Python itself refuses to write out integers of thousands of digits.
    match number.py().get_type::<PyInt>().call_method1("__repr__", (number,)) {
        Ok(text) => Ok(Json::Number(text.extract()?)),
        Err(_) => Err(refuse("is too large an integer")),
    }
}

fn float(number: &Bound<'_, PyFloat>) -> Outcome<Json> {
    let number = number.value();
    if number.is_finite() { Ok(Json::Float(number)) } else { Err(refuse("is not a finite number")) }
}

fn decimal(number: &Bound<'_, PyAny>, library: &Library) -> Outcome<Json> {
    // Its own text, whatever a subclass shows: that of a finite Decimal, exponent or not, is a number in JSON's notation,
    // and that of others a word.
    let text: String = library.decimal_text.bind(number.py()).call1((number,))?.extract()?;
    if text.trim_start_matches('-').starts_with(|first: char| first.is_ascii_digit()) {
        Ok(Json::Number(text))
    } else {
        Err(refuse("is not a finite number"))
    }
}

fn deeper(depth: usize) -> Outcome<usize> {
    depth
        .checked_sub(1)
        .ok_or_else(|| refuse(format!("is nested more than {MAX_DEPTH} levels deep, or contains itself")))
}

fn array<'py>(items: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>, depth: usize) -> Outcome<Json> {
    let depth = deeper(depth)?;
    let mut array = Vec::with_capacity(items.size_hint().0);
    for (index, item) in items.enumerate() {
        array.push(convert(&item?, depth).map_err(|failure| inside(failure, &format!("[{index}]")))?);
    }
    Ok(Json::Array(array))
}

fn object<'py>(
    entries: impl Iterator<Item = PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)>>,
    depth: usize,
) -> Outcome<Json> {
    let depth = deeper(depth)?;
    let mut object = Vec::with_capacity(entries.size_hint().0);
    for entry in entries {
        let (key, value) = entry?;
        let Ok(key) = key.cast::<PyString>() else {
            return Err(refuse("has a key that is not a string"));
        };
        let Json::String(key) = string(key)? else { continue };
        let value = convert(&value, depth).map_err(|failure| inside(failure, &key))?;
        object.push((key, value));
    }
    Ok(Json::Object(object))
}

fn dataclass(value: &Bound<'_, PyAny>, fields: &Bound<'_, PyAny>, depth: usize) -> Outcome<Json> {
    let depth = deeper(depth)?;
    let mut object = Vec::new();
    for field in fields.call1((value,))?.try_iter()? {
        let name: String = field?.getattr("name")?.extract()?;
        let value = value.getattr(name.as_str())?;
        if !value.is_none() {
            let value = convert(&value, depth).map_err(|failure| inside(failure, &name))?;
            object.push((name, value));
        }
    }
    Ok(Json::Object(object))
}
