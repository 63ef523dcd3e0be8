//! The command line of it: what is asked for, with which credentials, and how it ends.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use clap::{Args, Subcommand};
use secrecy::SecretString;
use shared::config::{Settings, is_safe_base};
use shared::https;
use shared::secrets::VapiSecret;
use shared::vapi::{Resource, VAPI_BASE_URL, VapiApi};

use super::apply::{Outcome, carry_out};
use super::bindings::Backend;
use super::blueprint::Blueprint;
use super::folder::Folder;
use super::plan::{Intent, Item, plan};
use super::pull::pull;
use super::remote::Remote;
use super::report::{Binding, Table, Tally, kind, print_plan, print_warnings};
use crate::{account, defaults, secrets};

/// What is done with VAPI's dashboard.
#[derive(Subcommand)]
#[command(after_help = KEY)]
pub enum Command {
    /// Show what `apply` would change
    #[command(after_help = PLAN_STATUS)]
    Plan(Options),
    /// Change what differs, and read it again
    #[command(after_help = APPLY_STATUS)]
    Apply(Options),
    /// Write what is in the dashboard into the files
    #[command(after_help = KEY)]
    Pull(PullOptions),
}

const KEY: &str = "The private key of VAPI is taken from VAPI_API_KEY, or from the secret \
whose id is in VAPI_SECRET.";

const PLAN_STATUS: &str = "Exit status: 0 when nothing differs, 2 when something does, 1 when \
it could not be told.\n\nThe private key of VAPI is taken from VAPI_API_KEY, or from the secret \
whose id is in VAPI_SECRET.";

const APPLY_STATUS: &str = "Exit status: 0 when all is as it should be, 1 when something failed. \
A second run goes on where the first one ended.\n\nThe private key of VAPI is taken from \
VAPI_API_KEY, or from the secret whose id is in VAPI_SECRET.";

/// Of `plan` and `apply`.
#[derive(Args)]
pub struct Options {
    #[command(flatten)]
    common: Common,
    /// Look at webhook addresses only: those of all assistants, of our tools in them and
    /// beside them, and of phone numbers
    #[arg(long)]
    repoint_only: bool,
    /// Where VAPI delivers to [default: /vapi/webhook of --backend]
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// Our API, which keeps for whom an assistant books; with `VIEWING_DESK_API_KEY`
    #[arg(long, value_name = "URL")]
    backend: Option<String>,
    /// The credential of VAPI's with which it proves itself at the webhook [default: as it is]
    #[arg(long, value_name = "ID")]
    credential_id: Option<String>,
}

/// Of `pull`.
#[derive(Args)]
pub struct PullOptions {
    #[command(flatten)]
    common: Common,
}

#[derive(Args)]
struct Common {
    /// Only the assistant of that name or id, and what it uses
    #[arg(long, value_name = "NAME")]
    assistant: Option<String>,
    /// Where VAPI's API is, such as that of the local system
    #[arg(long, default_value = VAPI_BASE_URL)]
    url: String,
    /// Where the files are [default: infra/vapi of this project]
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing is left to do.
    Settled,
    /// Something is not as it should be, as a plan found.
    Differs,
    /// Something could not be done.
    Failed,
}

impl Command {
    /// Does it, and prints what a person should know.
    pub async fn run(self, settings: &Settings, out: &mut dyn Write) -> Result<Ending> {
        match self {
            Self::Plan(options) => {
                let desk = Desk::open(&options, settings).await?;
                let (items, bindings, blueprint) = desk.plan().await?;
                let tally = print_plan(&items, &bindings, &blueprint, out)?;
                desk.print_rest(out)?;
                Ok(if tally.made + tally.changed == 0 {
                    Ending::Settled
                } else {
                    Ending::Differs
                })
            }
            Self::Apply(options) => {
                let desk = Desk::open(&options, settings).await?;
                let tally = desk.apply(out).await?;
                desk.print_rest(out)?;
                Ok(if tally.failed == 0 {
                    Ending::Settled
                } else {
                    Ending::Failed
                })
            }
            Self::Pull(PullOptions { common }) => {
                let remote = common.remote(settings).await?;
                let contents = remote.read().await?;
                pull(contents, &common.folder(), common.assistant.as_deref(), out)?;
                Ok(Ending::Settled)
            }
        }
    }
}

impl Common {
    async fn remote(&self, settings: &Settings) -> Result<Remote> {
        let url = safe("--url", &self.url)?;
        let key = private_key(settings, &url).await?;
        Ok(Remote(VapiApi::new(https::client()?, &url, &key)))
    }

    fn folder(&self) -> PathBuf {
        let project = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/vapi");
        self.folder
            .clone()
            .unwrap_or_else(|| PathBuf::from(project))
    }
}

/// VAPI, our backend, and what both should have.
struct Desk<'a> {
    options: &'a Options,
    remote: Remote,
    backend: Option<Backend>,
    webhook: String,
}

impl<'a> Desk<'a> {
    async fn open(options: &'a Options, settings: &Settings) -> Result<Self> {
        let url = safe("--url", &options.common.url)?;
        let local = is_local(&url).then(|| format!("http://127.0.0.1:{}", defaults::PORT));
        let backend = match options.backend.clone().or(local) {
            Some(backend) => Some(safe("--backend", &backend)?),
            None => None,
        };
        let webhook = match (&options.webhook, &backend) {
            (Some(webhook), _) => safe("--webhook", webhook)?,
            (None, Some(backend)) => format!("{backend}/vapi/webhook"),
            (None, None) => bail!("say where VAPI should deliver to, by --webhook or --backend"),
        };
        Ok(Self {
            remote: options.common.remote(settings).await?,
            backend: match backend {
                Some(backend) if !options.repoint_only => open_backend(&backend, settings)?,
                _ => None,
            },
            options,
            webhook,
        })
    }

    async fn plan(&self) -> Result<(Vec<Item>, Vec<Binding>, Blueprint)> {
        let folder = if self.options.repoint_only {
            None
        } else {
            Some(Folder::read(&self.options.common.folder())?)
        };
        let contents = self.remote.read().await?;
        let mut blueprint = Blueprint {
            webhook: self.webhook.clone(),
            credential: self.options.credential_id.clone(),
            folder,
            tools: Vec::new(),
        };
        let only = self.options.common.assistant.as_deref();
        let items = plan(&contents, &mut blueprint, only)?;
        let bindings = self.bindings(&items, &blueprint).await?;
        Ok((items, bindings, blueprint))
    }

    /// The bindings that files ask for, as far as a backend is known.
    async fn bindings(&self, items: &[Item], blueprint: &Blueprint) -> Result<Vec<Binding>> {
        let mut bindings = Vec::new();
        let Some(backend) = &self.backend else {
            return Ok(bindings);
        };
        for item in items
            .iter()
            .filter(|item| item.resource == Resource::Assistant)
        {
            let Some(wanted) = staff_in_file(item, blueprint) else {
                continue;
            };
            let found = match &item.id {
                Some(id) => backend.staff_of(id).await?,
                None => Vec::new(),
            };
            bindings.push(Binding {
                assistant: item.name.clone(),
                id: item.id.clone(),
                found,
                wanted,
            });
        }
        Ok(bindings)
    }

    async fn apply(&self, out: &mut dyn Write) -> Result<Tally> {
        let (items, mut bindings, mut blueprint) = self.plan().await?;
        let names = items.iter().map(|item| item.name.as_str());
        let mut table = Table::begin(names, out)?;
        for item in &items {
            let outcome = carry_out(item, &self.remote, &mut blueprint).await;
            table.row(kind(item.resource), &item.name, &outcome, out)?;
            if let (Resource::Assistant, Outcome::Created { id }) = (item.resource, &outcome) {
                let mut made = bindings.iter_mut();
                if let Some(binding) = made.find(|binding| binding.assistant == item.name) {
                    binding.id = Some(id.clone());
                }
            }
        }
        for binding in &bindings {
            let outcome = self.bind(binding).await;
            table.row("staff", &binding.assistant, &outcome, out)?;
        }
        print_warnings(&items, out)?;
        let tally = table.tally;
        writeln!(
            out,
            "\n{} made, {} changed, {} unchanged, {} left alone, {} failed",
            tally.made, tally.changed, tally.kept, tally.left_alone, tally.failed
        )?;
        Ok(tally)
    }

    async fn bind(&self, binding: &Binding) -> Outcome {
        if binding.found == binding.wanted {
            return Outcome::Unchanged;
        }
        let (Some(backend), Some(id)) = (&self.backend, &binding.id) else {
            return Outcome::Failed("the assistant is not there".to_owned());
        };
        match backend.bind(id, &binding.wanted).await {
            Ok(()) => Outcome::Changed {
                paths: binding.wanted.clone(),
                versions: None,
            },
            Err(error) => Outcome::Failed(format!("{error:#}")),
        }
    }

    /// What nobody looked at.
    fn print_rest(&self, out: &mut dyn Write) -> Result<()> {
        writeln!(
            out,
            "Not looked at: squads, workflows, and the organisation's own server, which VAPI uses \
             where nothing else names one."
        )?;
        if self.backend.is_none() && !self.options.repoint_only {
            writeln!(
                out,
                "Nor for whom assistants book: that needs --backend and VIEWING_DESK_API_KEY."
            )?;
        }
        Ok(())
    }
}

/// The staff that the file of an assistant names, if it is ours.
fn staff_in_file(item: &Item, blueprint: &Blueprint) -> Option<Vec<String>> {
    if matches!(item.intent, Intent::LeaveAlone(_)) {
        return None;
    }
    let mut files = blueprint.folder.as_ref()?.assistants.iter();
    let file = files.find(|file| match item.id {
        Some(_) => file.is_for(&item.found),
        None => file.name == item.name,
    });
    file?.users.clone()
}

/// Our backend, when there is a key for it.
fn open_backend(url: &str, settings: &Settings) -> Result<Option<Backend>> {
    let key = match settings.optional("VIEWING_DESK_API_KEY") {
        Some(key) => key,
        None if is_local(url) => defaults::API_KEY,
        None => return Ok(None),
    };
    Ok(Some(Backend::new(https::client()?, url, key)))
}

/// The private key, from the environment or from Secrets Manager. The simulated VAPI has
/// one of its own.
async fn private_key(settings: &Settings, url: &str) -> Result<SecretString> {
    if let Some(key) = settings.optional("VAPI_API_KEY") {
        return Ok(key.into());
    }
    if let Some(id) = settings.optional("VAPI_SECRET") {
        let client = account::secrets_manager(settings).await?;
        let secret: VapiSecret = secrets::read(&client, id)
            .await
            .context("VAPI_SECRET cannot be read")?;
        return secret.api_key.context("VAPI_SECRET has no api_key");
    }
    ensure!(
        is_local(url),
        "there is no key: set VAPI_API_KEY to the private key of VAPI, or VAPI_SECRET to the id \
         of the secret that has it"
    );
    Ok(defaults::VAPI_API_KEY.into())
}

fn safe(option: &str, url: &str) -> Result<String> {
    ensure!(
        is_safe_base(url),
        "{option} must be an https URL, or http on loopback"
    );
    Ok(url.trim_end_matches('/').to_owned())
}

/// Whether a safe address is on this machine.
fn is_local(url: &str) -> bool {
    url.starts_with("http://")
}
