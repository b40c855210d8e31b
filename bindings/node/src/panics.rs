//! What a panic says: its place. Its message may quote somebody's data.

use std::io::Write;

use napi_derive::module_init;

/// For panics of this addon only: no other library shares its standard library.
#[module_init]
fn tell_the_place_alone() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let _ =
            writeln!(std::io::stderr().lock(), "gameball-referrals: a defect at {place}: please report it");
    }));
}
