//! `cargo xtask demo`: an example, built and served on this computer.

use crate::desktop;
use crate::site::{self, App, Profile};
use crate::task::Task;
use crate::tools;
use anyhow::{Context, Result};
use clap::Args;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::time::Instant;

#[derive(Args)]
pub struct Options {
    /// Port to serve on
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Folder under `examples`
    #[arg(long, default_value = "monitor")]
    example: String,
    /// An optimised server and the small wasm; takes minutes the first time
    #[arg(long)]
    release: bool,
}

pub fn run(options: &Options) -> Result<ExitCode> {
    let profile = if options.release { Profile::Release } else { Profile::Debug };
    if options.example == "desktop" {
        return window(options.port, profile);
    }
    let apps = site::examples()?;
    let app = choose(&apps, &options.example)?;
    check_port(options.port)?;
    tools::ensure_wasm_target()?;

    timed("the server", || site::build_server(app, profile))?;
    timed("the page's wasm", || site::build_site(app, profile))?;

    println!("\n{} is at http://127.0.0.1:{} (Ctrl-C stops it)\n", app.name, options.port);
    let server = Task::program(&app.server(profile));
    let env = app.server_env(profile, options.port);
    env.into_iter().fold(server, |server, (name, value)| server.env(name, value)).exec()?;
    Ok(ExitCode::SUCCESS)
}

/// The example that is no site of its own, but another one's page in a window.
fn window(port: u16, profile: Profile) -> Result<ExitCode> {
    check_port(port)?;
    desktop::ensure()?;
    let content = desktop::content()?;
    timed("the server", || site::build_server(&content, profile))?;
    timed("the page's wasm", || site::build_site(&content, profile))?;
    timed("the window", || desktop::window_task(&content, profile).run())?;

    println!("\nthe page of the window is at http://127.0.0.1:{port} too (close the window to stop)\n");
    desktop::demo(profile, port)?;
    Ok(ExitCode::SUCCESS)
}

fn choose<'a>(apps: &'a [App], name: &str) -> Result<&'a App> {
    apps.iter().find(|app| app.name == name).with_context(|| {
        let names: Vec<_> = apps.iter().map(|app| app.name.as_str()).collect();
        format!("no example is named `{name}`; there are {}, desktop", names.join(", "))
    })
}

/// Tells of a taken port before minutes of building, not after.
fn check_port(port: u16) -> Result<()> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map(drop)
        .with_context(|| format!("port {port} cannot be had, choose another with --port"))
}

fn timed(what: &str, build: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("building {what} ...");
    let start = Instant::now();
    build()?;
    println!("built {what} in {:.1} s", start.elapsed().as_secs_f64());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_example_is_answered_with_those_there_are() {
        let error = choose(&site::examples().unwrap(), "counter-warp").unwrap_err().to_string();
        assert!(error.starts_with("no example is named `counter-warp`; there are "));
        assert!(error.contains("counter-axum"));
    }

    #[test]
    fn a_taken_port_is_told_by_its_number() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = check_port(port).unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("--port"));
    }
}
