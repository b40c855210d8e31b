//! The program itself: what it prints, how it stops, and its exit codes.

use std::{
    io::{BufRead, BufReader, Read},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gameball-emulator"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn help_is_help() {
    let output = program(&["--help"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0));
    for flag in [
        "--host",
        "--port",
        "--api-key",
        "--secret-key",
        "--high-security",
        "--min-version",
        "--no-limits",
        "--switch",
        "--webhook-url",
        "--options-json",
        "--allow-remote",
    ] {
        assert!(text.contains(flag), "{flag}");
    }
}

#[test]
fn mistakes_have_exit_codes_and_words() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (arguments, code, part) in [
        (vec!["--nope"], 2, "--nope"),
        (vec!["--host", "0.0.0.0"], 2, "--allow-remote"),
        (vec!["--port", port.as_str()], 1, "taken by another program"),
    ] {
        let output = program(&arguments).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains(part), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn it_tells_where_it_is_and_stops_on_either_signal() {
    for signal in ["-INT", "-TERM"] {
        let mut child =
            program(&["--port", "0", "--secret-key", "s3cret", "--switch", "errorBody=errorMessage"])
                .spawn()
                .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut text = String::new();
        while !text.contains("Ctrl-C") {
            assert_ne!(out.read_line(&mut text).unwrap(), 0, "{text}");
        }
        assert!(text.contains("gb_test_api_key") && text.contains("s3cret"), "{text}");
        let url = text.split_whitespace().find(|word| word.starts_with("http://")).unwrap();
        TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0));
        let mut rest = String::new();
        child.stderr.take().unwrap().read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}
