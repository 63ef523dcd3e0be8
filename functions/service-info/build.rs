//! Makes one OpenAPI document, in JSON, of the files in `openapi`, and links the function
//! as all are.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::{Map, Value, json};

#[path = "../../infra/link/build.rs"]
mod link;

/// How deep files are put together: paths by path and method, components by kind and
/// name. What is below comes from one file.
const DEPTH: usize = 2;

#[expect(
    clippy::disallowed_methods,
    reason = "this is how Cargo and a build script talk"
)]
fn main() -> Result<(), Box<dyn Error>> {
    link::main()?;
    println!("cargo::rerun-if-changed=openapi");
    let mut document = Map::new();
    for path in files(Path::new("openapi"))? {
        let wrong = |what: String| format!("{}: {what}", path.display());
        let part = serde_yaml_ng::from_str(&fs::read_to_string(&path)?);
        let part = part.map_err(|error| wrong(error.to_string()))?;
        merge(&mut document, part, DEPTH)
            .map_err(|name| wrong(format!("another file has {name} too")))?;
    }
    let mut document = Value::Object(document);
    document["info"]["version"] = json!(std::env::var("CARGO_PKG_VERSION")?);
    let folder = PathBuf::from(std::env::var("OUT_DIR")?);
    fs::write(folder.join("openapi.json"), document.to_string())?;
    Ok(())
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let mut files: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    files.sort();
    Ok(files)
}

/// Adds a part; fails with the name of what is in both.
fn merge(
    whole: &mut Map<String, Value>,
    part: Map<String, Value>,
    depth: usize,
) -> Result<(), String> {
    for (name, value) in part {
        match (whole.get_mut(&name), value) {
            (None, value) => {
                whole.insert(name, value);
            }
            (Some(Value::Object(known)), Value::Object(more)) if depth > 0 => {
                merge(known, more, depth - 1)?;
            }
            (Some(_), _) => return Err(name),
        }
    }
    Ok(())
}
