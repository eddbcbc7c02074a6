//! A throw-away PostgreSQL for this test process, from installed binaries, on a socket in a private folder.
//!
//! A small shell wrapper starts the server and waits for its standard input to close, which happens however this
//! process ends; then it stops the server and removes the folder. Without the binaries the tests fail and say what to
//! install.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};

const START_LIMIT: Duration = Duration::from_secs(60);

/// Runs as a user that is not root. `$1` is the folder of the binaries.
const WRAPPER: &str = r#"
set -e
bin=$1
server=
dir=$(mktemp -d "${TMPDIR:-/tmp}/styk-postgres.XXXXXX")
finish() {
    if [ -n "$server" ]; then
        kill -QUIT "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$dir"
}
trap finish EXIT
# Whatever kills the tests must not keep the wrapper from cleaning up; it sees its standard input close.
trap '' HUP INT PIPE TERM
"$bin/initdb" -D "$dir/data" -U styk -A trust -E UTF8 --locale=C --no-sync >"$dir/initdb.log" 2>&1 </dev/null \
    || { cat "$dir/initdb.log"; exit 1; }
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c max_connections=400 -c shared_buffers=64MB \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0 \
    -c jit=off >"$dir/server.log" 2>&1 </dev/null &
server=$!
echo "socket $dir"
cat >/dev/null
"#;

/// The server of this test process.
pub(super) struct Cluster {
    socket: PathBuf,
    clerk: mpsc::Sender<Order>,
    /// Its standard input stays open as long as this process lives.
    _wrapper: Child,
}

/// What the thread that talks to the server is asked to do.
enum Order {
    Create(tokio::sync::oneshot::Sender<String>),
    Drop(String),
}

impl Cluster {
    /// The server, started on first use.
    pub(super) fn get() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        CLUSTER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let mut wrapper = wrapper_command(&binaries())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh starts PostgreSQL");
        let lines = BufReader::new(wrapper.stdout.take().expect("stdout is piped")).lines();
        let mut said = Vec::new();
        let socket = lines.map_while(Result::ok).find_map(|line| {
            let socket = line.strip_prefix("socket ").map(PathBuf::from);
            said.push(line);
            socket
        });
        let socket =
            socket.unwrap_or_else(|| panic!("PostgreSQL did not start: {}", said.join("\n")));
        let (clerk, orders) = mpsc::channel();
        let options = options(&socket, "postgres");
        std::thread::spawn(move || serve(&options, &orders));
        Self {
            socket,
            clerk,
            _wrapper: wrapper,
        }
    }

    /// Makes a fresh database and gives its name.
    pub(super) async fn create(&self) -> String {
        let (reply, name) = tokio::sync::oneshot::channel();
        self.clerk
            .send(Order::Create(reply))
            .expect("the clerk lives as long as the process");
        name.await.expect("the clerk makes a database")
    }

    /// Removes a database, sooner or later.
    pub(super) fn drop_later(&self, name: &str) {
        // When the clerk is gone, the whole server goes.
        let _gone = self.clerk.send(Order::Drop(name.to_owned()));
    }

    pub(super) fn url(&self, name: &str) -> String {
        format!(
            "postgresql://styk@localhost/{name}?host={}",
            self.socket.display()
        )
    }

    pub(super) fn options(&self, name: &str) -> PgConnectOptions {
        options(&self.socket, name)
    }
}

fn options(socket: &Path, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket)
        .username("styk")
        .database(database)
        .disable_statement_logging()
}

/// The thread that makes and removes databases, one after the other.
fn serve(options: &PgConnectOptions, orders: &mpsc::Receiver<Order>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut conn = runtime.block_on(connect(options));
    let mut count = 0;
    while let Ok(order) = orders.recv() {
        match order {
            Order::Create(reply) => {
                count += 1;
                let name = format!("shop_{count}");
                let sql = format!("CREATE DATABASE {name} TEMPLATE template0");
                runtime
                    .block_on(conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))))
                    .expect("a fresh database");
                // The test may have ended meanwhile.
                let _gone = reply.send(name);
            }
            Order::Drop(name) => {
                let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                // A database that cannot be removed goes with the server.
                let _stays = runtime.block_on(conn.execute(sqlx::raw_sql(AssertSqlSafe(sql))));
            }
        }
    }
}

/// Connects as soon as the server answers.
async fn connect(options: &PgConnectOptions) -> PgConnection {
    let begun = Instant::now();
    loop {
        match options.connect().await {
            Ok(conn) => return conn,
            Err(error) if begun.elapsed() > START_LIMIT => {
                panic!("PostgreSQL does not answer: {error}")
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// PostgreSQL refuses to run as root, so root becomes somebody else for it.
fn wrapper_command(binaries: &Path) -> Command {
    let ask = |args: &[&str]| {
        Command::new("id")
            .args(args)
            .stderr(Stdio::null())
            .output()
            .expect("id answers")
    };
    let mut command = if ask(&["-u"]).stdout.trim_ascii() == b"0" {
        let user = if ask(&["-u", "postgres"]).status.success() {
            "postgres"
        } else {
            "nobody"
        };
        let mut command = Command::new("runuser");
        command.args(["-u", user, "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    command
        .args(["-c", WRAPPER, "postgres-for-tests"])
        .arg(binaries)
        .current_dir("/");
    command
}

/// The folder with `initdb` and `postgres`.
fn binaries() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    for root in [
        "/usr/lib/postgresql",
        "/usr/pgsql",
        "/opt/homebrew/opt",
        "/usr/local/opt",
    ] {
        let entries = std::fs::read_dir(root)
            .into_iter()
            .flatten()
            .filter_map(Result::ok);
        let mut versions: Vec<PathBuf> = entries.map(|entry| entry.path().join("bin")).collect();
        versions.sort();
        folders.extend(versions.into_iter().rev());
    }
    let complete =
        |folder: &PathBuf| folder.join("initdb").is_file() && folder.join("postgres").is_file();
    folders.into_iter().find(complete).expect(
        "these tests need PostgreSQL: initdb and postgres are neither in PATH nor in /usr/lib/postgresql/*/bin. \
         Install it (Debian and Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server; \
         macOS: brew install postgresql)",
    )
}
