//! Runs this program under callgrind, and reads what it counted.

use crate::counted::{COUNTED, Part};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// What the command line asks for.
#[derive(Default)]
pub struct Options {
    pub names: Vec<String>,
    pub hot: bool,
    pub keep: Option<PathBuf>,
}

impl Options {
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut arguments = arguments.iter();
        while let Some(name) = arguments.next() {
            match name.as_str() {
                "--bench" => {}
                "--hot" => options.hot = true,
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

/// What one part of an update costs, as the mean of some updates.
#[derive(Clone, Copy, Default)]
pub struct Count {
    pub instructions: f64,
    pub bytes: f64,
}

/// Counts one part of one workload.
pub fn count(name: &str, part: Part, options: &Options) -> io::Result<Count> {
    let directory = Scratch::new(options.keep.as_deref(), &format!("{name} {part:?}"))?;
    let out = directory.path.join("callgrind.out");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--quiet", "--toggle-collect=*counted_part*"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(env::current_exe()?)
        .args([format!("--counted={name}"), part.name()])
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("valgrind: {error}")))?;
    let written = String::from_utf8_lossy(&output.stdout).trim().parse().ok();
    let (Some(total), Some(bytes)) = (total(&out)?, written) else {
        return Err(io::Error::other(format!("{name}, {part:?}: {}", String::from_utf8_lossy(&output.stderr))));
    };
    if options.hot && matches!(part, Part::Ours | Part::OurClient | Part::InPlace) {
        annotate(&format!("{name}, {part:?}"), &out)?;
    }
    let mean = |sum: f64| sum / COUNTED as f64;
    Ok(Count { instructions: mean(total), bytes: mean(bytes) })
}

/// The instructions of callgrind's file.
fn total(file: &Path) -> io::Result<Option<f64>> {
    let text = fs::read_to_string(file)?;
    let total = text.lines().rev().find_map(|line| line.strip_prefix("totals: "));
    Ok(total.and_then(|total| total.trim().parse().ok()))
}

/// Prints where the instructions go.
fn annotate(title: &str, file: &Path) -> io::Result<()> {
    let output = Command::new("callgrind_annotate").args(["--auto=no", "--threshold=92"]).arg(file).output()?;
    println!("\n### {title}\n\n```");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let functions = text.lines().skip_while(|line| !line.contains("file:function")).skip(2);
    for line in functions.filter(|line| !line.is_empty()).take(16) {
        // Without the path of the program, which each line ends with.
        println!("{}", line.split(" [/").next().unwrap_or(line));
    }
    println!("```");
    Ok(())
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
