use styk_core::Diagnostic;

use crate::support::Folder;

fn told(folder: &Folder) -> Vec<String> {
    let errors = folder.load().expect_err("errors");
    errors.iter().map(Diagnostic::render).collect()
}

#[test]
fn the_errors_of_all_files_come_at_once() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nmocks: {payment: {port: 99999}}\nmatrix: matrix.yml\nsuites:\n  \
             all: {scenarios: [s/*.styk.yaml], timout: 5s}\n  none: {scenarios: [nowhere/*.yaml]}\n",
        ),
        (
            "matrix.yml",
            "integration_points: {internal_modules: [orders payments]}\n",
        ),
        (
            "s/a.styk.yaml",
            "scenario: one\nsteps:\n  - htpp: GET /ok\n",
        ),
        (
            "s/b.styk.yaml",
            "scenario: two\nsteps:\n  - mock: paymnt\n    request: {path: /x}\n    reply: {status: 200}\n",
        ),
    ]);
    let told = told(&folder);
    let heads: Vec<String> = told
        .iter()
        .map(|text| text.lines().take(2).collect::<Vec<_>>().join(""))
        .collect();
    assert_eq!(heads.len(), 6, "{}", told.join("\n"));
    assert_eq!(
        heads[0],
        "error[E0406]: `orders payments` is no edge: write `from → to` (or `from -> to`) --> matrix.yml:1:41"
    );
    assert!(heads[1].contains("s/a.styk.yaml:3:5"), "{}", heads[1]);
    assert!(heads[2].contains("s/b.styk.yaml:3:11"), "{}", heads[2]);
    assert_eq!(
        told[3],
        "error[E0402]: `port` takes a whole number from 1 to 65535, here is `99999`\n \
         --> styk.yaml:2:25\n  |\n2 | mocks: {payment: {port: 99999}}\n  |                         ^^^^^"
    );
    assert_eq!(
        told[4],
        "error[E0401]: `all` has no setting `timout`\n --> styk.yaml:5:37\n  |\n\
         5 |   all: {scenarios: [s/*.styk.yaml], timout: 5s}\n  \
         |                                     ^^^^^^\n  = help: did you mean `timeout`?"
    );
    assert!(
        heads[5].starts_with("error[E0405]: `nowhere/*.yaml` names no file"),
        "{}",
        heads[5]
    );
}

#[test]
fn a_missing_or_broken_file_is_named() {
    let folder = Folder::new(&[]);
    assert!(told(&folder)[0].contains("there is no such file"));
    folder.write("styk.yaml", "version: 1\nsuites: [\n");
    assert!(
        told(&folder)[0].starts_with("error[E0101]"),
        "{:?}",
        told(&folder)
    );
    folder.write(
        "styk.yaml",
        "version: 1\nmatrix: gone.yml\nmocks: {payment: {expectations: p.json}}\n\
         suites: {all: {scenarios: [a.styk.yaml]}}\n",
    );
    folder.write("a.styk.yaml", "scenario: one\nsteps:\n  - http: GET /ok\n");
    folder.write("p.json", "[{\"httpRequest\": }]");
    let told = told(&folder);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].starts_with("error[E0404]: p.json is not JSON: "),
        "{}",
        told[0]
    );
    assert!(told[0].contains("p.json:1:18"), "{}", told[0]);
    assert!(
        told[1]
            .starts_with("error[E0404]: the matrix gone.yml cannot be read: there is no such file"),
        "{}",
        told[1]
    );
}

#[test]
fn a_fixture_file_of_several_suites_is_told_once() {
    let folder = Folder::new(&[
        (
            "styk.yaml",
            "version: 1\nsuites:\n  a: {scenarios: [a.styk.yaml], fixtures: [f.styk.yaml]}\n  \
             b: {scenarios: [a.styk.yaml], fixtures: [f.styk.yaml]}\n",
        ),
        ("a.styk.yaml", "scenario: one\nsteps:\n  - http: GET /ok\n"),
        ("f.styk.yaml", "fixtures: {x: {stepz: []}}\n"),
    ]);
    let told = told(&folder);
    let about = told.iter().filter(|text| text.contains("stepz")).count();
    assert_eq!(about, 1, "{told:?}");
}
