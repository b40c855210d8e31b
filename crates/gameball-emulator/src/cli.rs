//! The command line, the same from Rust, Python and Node: flags into options, then serve until a signal.

use std::io::Write;

use serde_json::{Map, Value};

use crate::{options::Options, server::Server};

const DEFAULT_PORT: u16 = 8090;

const HELP: &str = "\
A local server that behaves as Gameball's documented referral API behaves.

Options:
  --host HOST            address to listen on (127.0.0.1)
  --port PORT            port to listen on (8090; 0 takes any free one)
  --api-key KEY          the account's public key (gb_test_api_key)
  --secret-key KEY       the account's private key (a test key of 32 bytes)
  --high-security        High Security Mode: every call needs both keys
  --min-version VERSION  refuse older API versions (v4.0)
  --no-limits            no rate limits
  --switch NAME=VALUE    a reading where the vendor's documents differ; may be repeated
  --webhook-url URL      where webhooks go: an http:// URL on this machine
  --options-json JSON    any options as one JSON object; flags win over it
  --allow-remote         allow a host that other machines can reach
  --help                 show this

It runs until Ctrl-C or SIGTERM. Its page shows everything it has seen.
";

/// How a run ended, as the exit code of the process.
const OK: i32 = 0;
const FAILED: i32 = 1;
const MISUSED: i32 = 2;

/// Runs the command line with the arguments after the program's name; returns the exit code.
pub fn cli(arguments: impl IntoIterator<Item = String>) -> i32 {
    let (options, allow_remote) = match parse(arguments) {
        Ok(Parsed::Run { options, allow_remote }) => (options, allow_remote),
        Ok(Parsed::Help) => {
            say(HELP);
            return OK;
        }
        Err(text) => {
            complain(&format!("{text}\nTry --help."));
            return MISUSED;
        }
    };
    if !options.is_loopback() && !allow_remote {
        complain(&format!(
            "{} can be reached by other machines, and the emulator trusts whoever reaches it; \
             add --allow-remote if that is wanted",
            options.host
        ));
        return MISUSED;
    }
    match run(*options) {
        Ok(()) => OK,
        Err(text) => {
            complain(&text);
            FAILED
        }
    }
}

fn run(options: Options) -> Result<(), String> {
    let (api_key, secret_key) = (options.api_key.clone(), options.secret_key.clone());
    let server = Server::bind(options).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("cannot start: {error}"))?;
    runtime.block_on(async {
        // Listened for before anything is told, so that whoever reads the lines may already signal.
        let signal = signal().map_err(|error| format!("cannot listen for signals: {error}"))?;
        let url = server.url();
        say(&format!(
            "Gameball emulator\n  API         {url}\n  page        {url}/\n  APIKey      {api_key}\n  SecretKey   {secret_key}\nStop it with Ctrl-C.\n"
        ));
        server.run(signal).await.map_err(|error| error.to_string())
    })
}

#[cfg(unix)]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as elsewhere")]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

#[derive(Debug)]
enum Parsed {
    Help,
    Run { options: Box<Options>, allow_remote: bool },
}

fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Parsed, String> {
    let mut base = Map::new();
    let mut flags = Map::new();
    let mut switches = Map::new();
    let mut allow_remote = false;
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (flag, mut inline) = match argument.split_once('=') {
            Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
            _ => (argument, None),
        };
        let mut value =
            || inline.take().or_else(|| arguments.next()).ok_or_else(|| format!("{flag} needs a value"));
        match flag.as_str() {
            "--help" | "-h" => return Ok(Parsed::Help),
            "--host" => set(&mut flags, "host", value()?),
            "--port" => {
                let port: u16 = value()?.parse().map_err(|_| "--port must be a number up to 65535")?;
                flags.insert("port".to_owned(), Value::from(port));
            }
            "--api-key" => set(&mut flags, "apiKey", value()?),
            "--secret-key" => set(&mut flags, "secretKey", value()?),
            "--min-version" => set(&mut flags, "minVersion", value()?),
            "--webhook-url" => set(&mut flags, "webhookUrl", value()?),
            "--switch" => {
                let text = value()?;
                let (name, value) = text.split_once('=').ok_or("--switch must be NAME=VALUE")?;
                let value = match value {
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    text => Value::from(text),
                };
                switches.insert(name.to_owned(), value);
            }
            "--options-json" => {
                base = serde_json::from_str(&value()?).map_err(|error| format!("--options-json: {error}"))?;
            }
            "--high-security" => drop(flags.insert("highSecurity".to_owned(), Value::Bool(true))),
            "--no-limits" => drop(flags.insert("limits".to_owned(), Value::Bool(false))),
            "--allow-remote" => allow_remote = true,
            _ => return Err(format!("there is no option {flag}")),
        }
        if let Some(value) = inline {
            return Err(format!("{flag} takes no value, not even {value:?}"));
        }
    }
    base.entry("port").or_insert(Value::from(DEFAULT_PORT));
    base.extend(flags);
    let mut options: Options =
        serde_json::from_value(Value::Object(base)).map_err(|error| format!("--options-json: {error}"))?;
    options.switches = options.switches.merged(switches).map_err(|error| format!("--switch: {error}"))?;
    options.check().map_err(|error| error.to_string())?;
    Ok(Parsed::Run { options: Box::new(options), allow_remote })
}

fn set(flags: &mut Map<String, Value>, name: &str, value: String) {
    flags.insert(name.to_owned(), Value::from(value));
}

// A closed pipe at the other end is no reason to stop serving.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

fn complain(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "gameball-emulator: {text}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Parsed, String> {
        parse(arguments.iter().map(|argument| (*argument).to_owned()))
    }

    #[test]
    fn flags_win_over_json_and_both_over_defaults() {
        let arguments = [
            "--options-json",
            r#"{"port":1,"apiKey":"j","linkWindowSeconds":9}"#,
            "--port=2",
            "--switch",
            "friendGameballId=true",
        ];
        let Ok(Parsed::Run { options, allow_remote }) = parsed(&arguments) else { panic!("it parses") };
        assert_eq!((options.port, options.api_key.as_str(), options.link_window_seconds), (2, "j", 9));
        assert!(options.switches.friend_gameball_id && !allow_remote);
        let Ok(Parsed::Run { options, .. }) = parsed(&[]) else { panic!("it parses") };
        assert_eq!(options.port, DEFAULT_PORT);
    }

    #[test]
    fn misuse_names_the_flag() {
        for (arguments, part) in [
            (&["--nope"][..], "--nope"),
            (&["--port"], "--port"),
            (&["--port", "x"], "--port"),
            (&["--no-limits=1"], "--no-limits"),
            (&["--switch", "batchAnswer"], "NAME=VALUE"),
            (&["--switch", "nope=1"], "nope"),
            (&["--switch", "batchAnswer=nope"], "batchAnswer"),
            (&["--options-json", "["], "--options-json"),
            (&["--min-version", "4"], "minVersion"),
            (&["--webhook-url", "https://example.com"], "webhookUrl"),
        ] {
            let text = parsed(arguments).expect_err("misuse");
            assert!(text.contains(part), "{text}");
        }
        assert!(matches!(parsed(&["--help"]), Ok(Parsed::Help)));
    }

    #[test]
    fn a_remote_host_needs_consent() {
        assert_eq!(cli(["--host".to_owned(), "0.0.0.0".to_owned()]), MISUSED);
    }
}
