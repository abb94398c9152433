//! Runs this program under callgrind, and reads what it counted.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// What the command line asks for.
#[derive(Default)]
pub struct Options {
    pub names: Vec<String>,
    pub hot: Option<&'static str>,
    pub keep: Option<PathBuf>,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            match name.as_str() {
                "--bench" => {}
                "--hot" => options.hot = Some("ours"),
                "--hot-client" => options.hot = Some("our client"),
                "--keep" => options.keep = Some(arguments.next().ok_or("--keep needs a directory")?.into()),
                _ if name.starts_with('-') => {
                    return Err(format!("{name} is no option; see the top of benches/engine/main.rs"));
                }
                _ => options.names.push(name.clone()),
            }
        }
        Ok(options)
    }

    pub fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| name.starts_with(wanted.as_str()))
    }
}

/// The instructions and bytes of an update, each the mean of some.
#[derive(Clone, Copy, Default)]
pub struct Counts {
    pub pass: f64,
    pub ours: f64,
    pub older: f64,
    pub our_client: f64,
    pub older_client: f64,
    pub our_bytes: f64,
    pub older_bytes: f64,
    pub json_bytes: f64,
}

/// Counts one workload.
pub fn count(name: &str, options: &Options) -> io::Result<Counts> {
    let directory = Scratch::new(options.keep.as_deref(), name)?;
    let out = directory.path.join("out");
    // Of two equal patterns callgrind 3.19 heeds only one, and that of a dump must not begin with a wildcard.
    let output =
        callgrind(name, &out, &["--toggle-collect=*counted_part*", "--dump-after=engine::counted::counted_part*"])?;
    let mut counts = Counts::default();
    let mut updates = 0.0;
    let mut dumps = 1..;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let Some(bytes) = line.strip_prefix("bytes ") {
            let bytes: Vec<f64> = bytes.split(' ').filter_map(|number| number.parse().ok()).collect();
            counts.our_bytes += bytes[0];
            counts.older_bytes += bytes[1];
            counts.json_bytes += bytes[2];
            updates += 1.0;
        }
        let Some(part) = line.strip_prefix("part ") else { continue };
        let dump = dumps.next().map(|number| out.with_extension(number.to_string())).unwrap_or_default();
        let instructions = total(&dump)?;
        *match part {
            "pass" => &mut counts.pass,
            "ours" => &mut counts.ours,
            "older" => &mut counts.older,
            "our client" => &mut counts.our_client,
            _ => &mut counts.older_client,
        } += instructions;
    }
    Ok(counts.each(updates))
}

/// Prints where one part's instructions go.
pub fn annotate(name: &str, part: &str) -> io::Result<()> {
    let directory = Scratch::new(None, name)?;
    let out = directory.path.join("out");
    let only = if part == "ours" { "*Ours*advance*" } else { "*OurClient*apply*" };
    callgrind(name, &out, &["--dump-instr=no", &format!("--toggle-collect={only}")])?;
    let annotated = Command::new("callgrind_annotate").args(["--auto=no", "--threshold=90"]).arg(&out).output()?;
    println!("\n## {name}: {part}\n");
    let text = String::from_utf8_lossy(&annotated.stdout).into_owned();
    text.lines().skip_while(|line| !line.starts_with("Ir")).take(24).for_each(|line| println!("{line}"));
    Ok(())
}

fn callgrind(name: &str, out: &Path, arguments: &[&str]) -> io::Result<Output> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .args(arguments)
        .arg(env::current_exe()?)
        .arg(format!("--counted={name}"))
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("valgrind: {error}")))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(io::Error::other(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))))
}

/// The instructions of one of callgrind's files.
fn total(file: &Path) -> io::Result<f64> {
    let text = fs::read_to_string(file)?;
    let total = text.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
    let total = total.and_then(|total| total.trim().parse().ok());
    total.ok_or_else(|| io::Error::other(format!("{} has no total", file.display())))
}

impl Counts {
    fn each(self, updates: f64) -> Self {
        Self {
            pass: self.pass / updates,
            ours: self.ours / updates,
            older: self.older / updates,
            our_client: self.our_client / updates,
            older_client: self.older_client / updates,
            our_bytes: self.our_bytes / updates,
            older_bytes: self.older_bytes / updates,
            json_bytes: self.json_bytes / updates,
        }
    }
}

/// A directory for callgrind's files; it goes with the value unless it is to be kept.
struct Scratch {
    path: PathBuf,
    keep: bool,
}

impl Scratch {
    fn new(keep: Option<&Path>, name: &str) -> io::Result<Self> {
        let name: String = name.chars().map(|letter| if letter.is_alphanumeric() { letter } else { '-' }).collect();
        let parent = keep.map_or_else(env::temp_dir, Path::to_owned);
        let path = parent.join(format!("engine-{}-{name}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self { path, keep: keep.is_some() })
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !self.keep {
            // What stays behind in the temporary directory is no harm.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}
