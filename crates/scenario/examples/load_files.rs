//! How long loading takes: `cargo run --release -p styk-scenario --example load_files -- suites`.
use std::io::Write as _;
use styk_scenario::{LoadOptions, SourceFile, load};
fn main() {
    let mut files = Vec::new();
    let mut folders: Vec<camino::Utf8PathBuf> = std::env::args().skip(1).map(Into::into).collect();
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                folders.push(path);
            } else if path.as_str().ends_with(".yaml") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push(SourceFile {
                    name: path.to_string(),
                    path,
                    text,
                });
            }
        }
    }
    let (fixtures, scen): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|f| f.name.contains("fixtures"));
    let mut all = fixtures;
    for i in 0.. {
        if all.len() >= 100 {
            break;
        }
        let f = &scen[i % scen.len()];
        all.push(SourceFile {
            name: format!("{i}/{}", f.name),
            ..f.clone()
        });
    }
    let bytes: usize = all.iter().map(|f| f.text.len()).sum();
    for _ in 0..5 {
        let start = std::time::Instant::now();
        let loaded = load(&all, &LoadOptions::default());
        let t = start.elapsed();
        let steps: usize = loaded.scenarios.iter().map(|s| s.steps.len()).sum();
        writeln!(
            std::io::stdout(),
            "{} files {} bytes {} scenarios {} steps {} diags: {:?}",
            all.len(),
            bytes,
            loaded.scenarios.len(),
            steps,
            loaded.diagnostics.len(),
            t
        )
        .unwrap();
    }
}
