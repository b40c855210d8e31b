//! The `gameball-emulator` command: the library's command line, and nothing else.
#![forbid(unsafe_code)]

fn main() {
    std::process::exit(gameball_emulator::cli(std::env::args().skip(1)));
}
