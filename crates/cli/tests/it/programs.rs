//! `styk mock` and `styk shop` as programs.

use crate::support::Folder;

fn put(url: &str, body: &str) -> (u16, String) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let client = reqwest::Client::new();
        let answer = client
            .put(url)
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.text().await.expect("text"))
    })
}

#[test]
fn the_mock_speaks_mock_servers_command_line_and_ends_on_a_signal() {
    for signal in ["INT", "TERM"] {
        let folder = Folder::new(&[]);
        let mut mock = folder.start(&["mock", "-serverPort", "0", "-logLevel", "INFO"]);
        let line = mock.line_with("started on port: ");
        let port = line.rsplit(' ').next().unwrap_or_default().to_owned();
        let (status, text) = put(&format!("http://127.0.0.1:{port}/mockserver/status"), "");
        assert_eq!(status, 200);
        assert!(text.contains(&port), "{text}");

        let said = folder.styk(&["mock", "--port", &port]);
        assert_eq!(said.exit, Some(3), "{said:?}");
        assert!(
            said.stderr.contains(&format!("127.0.0.1:{port}")),
            "{said:?}"
        );

        mock.signal(signal);
        assert_eq!(mock.end().exit, Some(0));
    }
}

#[test]
fn a_client_can_stop_the_mock() {
    let folder = Folder::new(&[]);
    let mut mock = folder.start(&["mock", "--port", "0", "--log-level", "off"]);
    let line = mock.line_with("started on port: ");
    let port = line.rsplit(' ').next().unwrap_or_default();
    put(&format!("http://127.0.0.1:{port}/mockserver/stop"), "");
    assert_eq!(mock.end().exit, Some(0));
}

#[test]
fn a_wrong_setting_of_the_shop_is_wrong_usage() {
    let folder = Folder::new(&[]);
    let mut command = folder.command(&["shop", "--bind", "127.0.0.1:0"]);
    let output = command
        .env("SHOP_PROFILE", "strange")
        .output()
        .expect("styk runs");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("SHOP_PROFILE"), "{stderr}");
}
