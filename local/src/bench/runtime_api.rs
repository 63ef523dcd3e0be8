//! A function's process under the Lambda Runtime API (AWS Lambda developer guide, "Using
//! the Lambda runtime API"): it asks for the next event, and posts what it makes of it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use shared::clock::Clock;
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;

/// How long a function may take to ask or to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The largest answer that Lambda takes.
const ANSWER_LIMIT: usize = 6 * 1024 * 1024;

/// A function that runs. It ends when this is dropped.
pub(super) struct Running {
    child: Child,
    server: JoinHandle<()>,
    polls: mpsc::UnboundedReceiver<Instant>,
    events: mpsc::UnboundedSender<String>,
    answers: mpsc::UnboundedReceiver<Answer>,
    /// From its start to its first question for an event.
    pub(super) to_first_poll: Duration,
}

/// What the runtime's requests are about.
struct Api {
    /// The function's process id, once it has one.
    process: OnceLock<u32>,
    polls: mpsc::UnboundedSender<Instant>,
    events: Mutex<mpsc::UnboundedReceiver<String>>,
    answers: mpsc::UnboundedSender<Answer>,
}

/// What came of an event.
pub(super) struct Answered {
    /// How long the answer took.
    pub(super) took: Duration,
    pub(super) body: Bytes,
    /// The processor time that the function had taken by then, where the system tells: what
    /// it waited for is not in it.
    pub(super) processor_time: Option<Duration>,
}

/// What a function posted.
struct Answer {
    at: Instant,
    processor_time: Option<Duration>,
    /// The body, or why there is none.
    outcome: Result<Bytes, String>,
}

impl Running {
    /// Starts the program with those variables and no others.
    pub(super) async fn start(
        program: &Path,
        environment: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?.to_string();
        let (polled, mut polls) = mpsc::unbounded_channel();
        let (events, waiting) = mpsc::unbounded_channel();
        let (answered, mut answers) = mpsc::unbounded_channel();
        let api = Arc::new(Api {
            process: OnceLock::new(),
            polls: polled,
            events: Mutex::new(waiting),
            answers: answered,
        });
        let router = router(Arc::clone(&api));
        let server = tokio::spawn(async move {
            // A server that stops is told by a function that gets no event.
            let _ = axum::serve(listener, router).await;
        });
        let started = Instant::now();
        let child = Command::new(program)
            .env_clear()
            .envs(environment)
            .envs(lambda(&address))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        // It was not set before.
        let _ = api.process.set(child.id());
        let polled = tokio::select! {
            polled = next(&mut polls) => polled,
            failed = next(&mut answers) => match failed?.outcome {
                Ok(_) => bail!("it answered before it was asked"),
                Err(problem) => bail!("it cannot start: {problem}"),
            },
        };
        Ok(Self {
            child,
            server,
            polls,
            events,
            answers,
            to_first_poll: polled?.duration_since(started),
        })
    }

    /// Hands over an event, and waits until the next one is asked for.
    pub(super) async fn invoke(&mut self, event: &str) -> anyhow::Result<Answered> {
        let asked = Instant::now();
        self.events.send(event.to_owned())?;
        let answer = next(&mut self.answers).await?;
        let took = answer.at.duration_since(asked);
        // The next event is only timed when the function waits for it.
        next(&mut self.polls).await?;
        match answer.outcome {
            Ok(body) => Ok(Answered {
                took,
                body,
                processor_time: answer.processor_time,
            }),
            Err(problem) => bail!("it failed: {problem}"),
        }
    }

    /// The most memory that it has had resident, in bytes, where the system tells.
    pub(super) fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(kilobytes * 1024)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.server.abort();
        // It may have ended by itself; it is waited for so that nothing of it is left.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn next<T>(from: &mut mpsc::UnboundedReceiver<T>) -> anyhow::Result<T> {
    let waited = tokio::time::timeout(PATIENCE, from.recv()).await;
    let waited = waited.context("it does not answer")?;
    waited.context("its runtime is gone")
}

/// The variables that Lambda sets (AWS Lambda developer guide, "Defined runtime
/// environment variables").
fn lambda(address: &str) -> [(&'static str, &str); 7] {
    [
        ("AWS_LAMBDA_RUNTIME_API", address),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "bench"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ]
}

fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(poll))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(answer))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(fail))
        .route("/2018-06-01/runtime/init/error", post(fail))
        .layer(DefaultBodyLimit::max(ANSWER_LIMIT))
        .with_state(api)
}

async fn poll(State(api): State<Arc<Api>>) -> Response {
    // Nobody listening means that the bench is over.
    let _ = api.polls.send(Instant::now());
    let Some(event) = api.events.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let now = Clock::default().now().as_millisecond();
    let patience = i64::try_from(PATIENCE.as_millis()).unwrap_or(0);
    (
        [
            ("lambda-runtime-aws-request-id", "bench".to_owned()),
            ("lambda-runtime-deadline-ms", (now + patience).to_string()),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:123456789012:function:bench".to_owned(),
            ),
            ("content-type", "application/json".to_owned()),
        ],
        event,
    )
        .into_response()
}

async fn answer(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    posted(&api, Ok(body))
}

async fn fail(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    posted(&api, Err(String::from_utf8_lossy(&body).into_owned()))
}

/// Looks at the clocks while the function waits to hear that its answer has come: what it
/// does from then on is not part of the answer.
fn posted(api: &Api, outcome: Result<Bytes, String>) -> StatusCode {
    let _ = api.answers.send(Answer {
        at: Instant::now(),
        processor_time: api.process.get().copied().and_then(processor_time),
        outcome,
    });
    StatusCode::ACCEPTED
}

fn processor_time(process: u32) -> Option<Duration> {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let of_thread = |thread: std::io::Result<std::fs::DirEntry>| {
        let status = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        status.split_whitespace().next()?.parse::<u64>().ok()
    };
    let nanoseconds: u64 = threads.filter_map(of_thread).sum();
    Some(Duration::from_nanos(nanoseconds))
}
