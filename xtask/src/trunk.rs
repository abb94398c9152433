//! What trunk makes of the `index.html` of an app that is rendered in the browser alone, as far as the examples go.

use anyhow::{Context, Result, bail};

/// A document that a browser can be given.
#[derive(Debug)]
pub struct Page {
    pub html: String,
    /// The style sheets that it names, beside the `index.html`.
    pub styles: Vec<String>,
}

/// Puts the wasm and the style sheets in the place of their `<link data-trunk … />`.
pub fn complete(html: &str, pkg: &str, name: &str) -> Result<Page> {
    let mut page = Page { html: String::new(), styles: Vec::new() };
    let mut rest = html;
    let mut is_started = false;
    while let Some((before, link)) = rest.split_once("<link data-trunk ") {
        let (link, after) = link.split_once("/>").context("a `<link data-trunk` has no end `/>`")?;
        page.html.push_str(before);
        match attribute(link, "rel") {
            Some("rust") => {
                is_started = true;
                page.html.push_str(&script(pkg, name));
            }
            Some("css") => {
                let style = attribute(link, "href").context("a style sheet has no `href`")?;
                page.html.push_str(&format!("<link rel=\"stylesheet\" href=\"/{style}\" />"));
                page.styles.push(style.to_owned());
            }
            other => bail!("`rel={}` is nothing that is known here", other.unwrap_or_default()),
        }
        rest = after;
    }
    if !is_started {
        bail!("no `<link data-trunk rel=\"rust\" />` says where the app starts");
    }
    page.html.push_str(rest);
    Ok(page)
}

fn script(pkg: &str, name: &str) -> String {
    let wasm = format!("{pkg}/{name}_bg.wasm");
    format!(
        "<script type=\"module\">import init from \"{pkg}/{name}.js\"; init({{ module_or_path: \"{wasm}\" }});</script>"
    )
}

fn attribute<'a>(link: &'a str, name: &str) -> Option<&'a str> {
    let (_, value) = link.split_once(&format!("{name}=\""))?;
    value.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_for_trunk_become_what_a_browser_knows() {
        let html = r#"<head>
            <link rel="icon" href="i.svg" />
            <link data-trunk rel="rust" data-cargo-features="csr" />
            <link data-trunk rel="css" href="style.css" />
        </head>"#;
        let page = complete(html, "/pkg", "app").unwrap();
        assert_eq!(page.styles, ["style.css"]);
        assert!(!page.html.contains("data-trunk"));
        assert!(page.html.contains(r#"<link rel="icon" href="i.svg" />"#), "other links stay");
        assert!(page.html.contains(r#"<link rel="stylesheet" href="/style.css" />"#));
        assert!(page.html.contains(r#"import init from "/pkg/app.js""#) && page.html.contains("/pkg/app_bg.wasm"));
        assert!(page.html.ends_with("</head>"));
    }

    #[test]
    fn what_cannot_be_done_is_told() {
        let error = |html| complete(html, "/pkg", "app").unwrap_err().to_string();
        assert!(error("<head></head>").contains("where the app starts"));
        assert!(error(r#"<link data-trunk rel="sass" href="a" />"#).contains("rel=sass"));
        assert!(error(r#"<link data-trunk rel="css" />"#).contains("href"));
        assert!(error("<link data-trunk rel").contains("no end"));
    }
}
