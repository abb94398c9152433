//! The built apps, driven by real browsers.

use super::report::Report;
use crate::paths;
use crate::site::{self, App, Profile};
use crate::task::Task;
use crate::tools::{self, CHROMIUM, FIREFOX, GECKODRIVER, NGINX, NODE, NPM, OPENSSL};
use serde_json::{Value, json};

const BROWSERS: &str = "e2e: the apps in real browsers";

pub fn run(report: &mut Report) {
    let ready = report.ready("e2e", || {
        tools::ensure_wasm_target()?;
        tools::ensure(&[&CHROMIUM, &FIREFOX, &GECKODRIVER, &NGINX, &NODE, &NPM, &OPENSSL])?;
        tools::ensure_npm_packages(&paths::end2end())?;
        let mut apps = site::examples()?;
        apps.push(site::lab()?);
        Ok((apps, CHROMIUM.path()?, FIREFOX.path()?, NGINX.path()?))
    });
    let Some((apps, chromium, firefox, nginx)) = ready else { return };
    let again = "repeat it with: cargo xtask test e2e";
    let built = report.step("e2e: building the apps' servers", "every server builds", again, || {
        // Each by itself. In one build cargo would give what they share the features of both axum and actix-web, and a
        // server function that both have is then axum's in the server of actix-web, too, which it brings down.
        apps.iter().try_for_each(|app| site::build_server(app, Profile::Debug))
    }) && report.step("e2e: building the apps' pages", "every page builds", again, || {
        apps.iter().try_for_each(|app| site::build_site(app, Profile::Debug))
    });
    if !built {
        return report.not_run(BROWSERS, "the apps do not build");
    }
    // The tests start the servers themselves, since they also kill them.
    let task = Task::new("npm test")
        .dir(paths::end2end())
        .env("LEPTOS_SSE_SITES", sites(&apps).to_string())
        .env("CHROMIUM", chromium)
        .env("FIREFOX", firefox)
        .env("NGINX", nginx);
    report.step(BROWSERS, "what a user sees is what the server has, whatever happens in between", again, || task.run());
}

/// Where the tests find each app.
fn sites(apps: &[App]) -> Value {
    apps.iter()
        .map(|app| {
            let site = json!({
                "bin": app.server(Profile::Debug),
                "site_root": app.site_root(),
                "output_name": app.output_name(),
                "pkg_dir": app.pkg_dir(),
            });
            (app.name.clone(), site)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_are_told_where_each_app_is() {
        let sites = sites(&site::examples().unwrap());
        let counter = &sites["counter-axum"];
        assert!(counter["bin"].as_str().unwrap().contains("counter-axum"));
        assert!(counter["site_root"].as_str().unwrap().ends_with("counter-axum"));
        assert_eq!(counter["output_name"], "counter-axum");
        assert_eq!(counter["pkg_dir"], "pkg");
    }
}
