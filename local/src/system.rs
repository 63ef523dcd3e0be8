//! The system as one thing that starts, answers and stops.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::{Router, middleware};
use jiff::SignedDuration;
use listing_refresh::ListingRefresh;
use reconcile::Reconcile;
use shared::booking::Report;
use shared::clock::Clock;
use shared::config::Settings;
use shared::https;
use shared::sources::RefreshReport;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::aws::{self, Aws, open_database};
use crate::defaults::{self, Registration};
use crate::fault_spec::Fault;
use crate::faults::Faults;
use crate::fuse::{self, Fuse};
use crate::gateway::{Gateway, Lambda, Unfinished};
use crate::microsoft::{Client, Microsoft};
use crate::search::SearchEngines;
use crate::template::{FunctionSpec, Parameters, Template};
use crate::vapi_api::Vapi;
use crate::{microsoft, seed};

/// How a system is started.
#[derive(Clone, Default)]
pub struct Options {
    /// The gateway's port, the others follow it; 0 takes any free ones.
    pub port: u16,
    /// Where state is kept; in memory without one.
    pub data: Option<PathBuf>,
    /// Starts without the demo staff member.
    pub empty: bool,
    /// Another template than the project's.
    pub template: Option<PathBuf>,
    /// Signs in at the real Microsoft with this client id and secret.
    pub real_microsoft: Option<(String, String)>,
    /// More people in the directory of the simulated Microsoft.
    pub accounts: Vec<microsoft::Account>,
    /// Values in place of those in `defaults`, by the logical ids of the secrets.
    pub secrets: BTreeMap<&'static str, String>,
    /// Looks at DuckDuckGo while there is no key for Brave.
    pub allow_duckduckgo: bool,
    /// The OSRM server that knows the roads.
    pub routing: Option<String>,
    /// How the services misbehave from the start.
    pub faults: Vec<Fault>,
    /// The time that everything runs on.
    pub clock: Clock,
}

/// What runs by itself.
struct Scheduled {
    reconcile: Reconcile,
    listing_refresh: ListingRefresh,
}

/// A running system.
pub struct LocalSystem {
    pub gateway: String,
    /// The simulated Microsoft, unless the real one is used.
    pub microsoft: Option<String>,
    pub aws: String,
    /// The simulated VAPI.
    pub vapi: String,
    /// The simulated VAPI itself, for tests.
    pub vapi_api: Vapi,
    /// The simulated search engines.
    pub search: String,
    /// The simulated Microsoft itself, for tests.
    pub simulator: Option<Microsoft>,
    engines: SearchEngines,
    /// Between the functions and both services.
    pub fuse: Fuse,
    /// What the template says of its functions.
    pub functions: Vec<FunctionSpec>,
    aws_faults: Arc<Faults<aws::Operation>>,
    unfinished: Unfinished,
    scheduled: Scheduled,
    clock: Clock,
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

impl LocalSystem {
    /// Starts everything, and returns when all of it answers.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        if let Some(folder) = &options.data {
            prepare_folder(folder)?;
        }
        let [
            gateway_port,
            microsoft_port,
            aws_port,
            vapi_port,
            search_port,
        ] = bind(options.port).await?;
        let real = options.real_microsoft.clone();
        let addresses = Addresses {
            gateway: match real {
                // Microsoft accepts plain http for this name only.
                Some(_) => format!("http://localhost:{}", gateway_port.local_addr()?.port()),
                None => format!("http://{}", gateway_port.local_addr()?),
            },
            microsoft: format!("http://{}", microsoft_port.local_addr()?),
            aws: format!("http://{}", aws_port.local_addr()?),
            vapi: format!("http://{}", vapi_port.local_addr()?),
            search: format!("http://{}", search_port.local_addr()?),
        };
        let template = read_template(&options, &addresses)?;

        let (stop, stopped) = watch::channel(false);
        let fuse = Fuse::default();
        let mut servers = Vec::new();
        let simulator = if real.is_some() {
            None
        } else {
            let simulator = simulated_microsoft(&options, &addresses)?;
            let router = fused(simulator.router(), &fuse);
            servers.push(spawn(microsoft_port, router, stopped.clone()));
            Some(simulator)
        };
        let engines = SearchEngines::default();
        servers.push(spawn(search_port, engines.router(), stopped.clone()));
        let registration = registration(real);
        let database = open_database(options.data.as_deref(), &template.tables)?;
        let secrets = declared_secrets(&template, &registration, &options)?;
        let aws = Aws::start(database, secrets, stopped.clone()).await?;
        let aws_faults = aws.faults();
        servers.push(spawn(
            aws_port,
            fused(aws.into_router(), &fuse),
            stopped.clone(),
        ));

        let folder = options.data.as_deref();
        let vapi_api = Vapi::new(defaults::VAPI_API_KEY, options.clock.clone(), folder)
            .context("could not read the data of the simulated VAPI")?;
        servers.push(spawn(vapi_port, vapi_api.router(), stopped.clone()));

        let (scheduled, routed): (Vec<_>, Vec<_>) = template
            .functions
            .clone()
            .into_iter()
            .partition(|function| function.is_scheduled);
        let scheduled = start_scheduled(&scheduled)?;
        let functions = start_functions(&routed, &options.clock)?;
        check_routes(&routed, &functions)?;
        let host = gateway_port.local_addr()?.to_string();
        let unfinished = Unfinished::default();
        let clock = options.clock.clone();
        let gateway = Gateway::new(&functions, clock, host, unfinished.clone());
        servers.push(spawn(gateway_port, gateway.into_router(), stopped));

        let system = Self {
            gateway: addresses.gateway,
            microsoft: simulator.is_some().then_some(addresses.microsoft),
            aws: addresses.aws,
            vapi: addresses.vapi,
            vapi_api,
            search: addresses.search,
            simulator,
            engines,
            fuse,
            functions: template.functions,
            aws_faults,
            unfinished,
            scheduled,
            clock: options.clock.clone(),
            stop,
            servers,
        };
        if !options.empty && system.simulator.is_some() {
            seed::demo(&system, &options.clock)
                .await
                .context("could not set up the demo calendar")?;
        }
        system.misbehave(options.faults);
        Ok(system)
    }

    /// Has the services misbehave.
    pub fn misbehave(&self, faults: Vec<Fault>) {
        for fault in faults {
            match (fault, &self.simulator) {
                (Fault::Microsoft(rule), Some(simulator)) => simulator.add_faults(vec![rule]),
                // The real one cannot be told to.
                (Fault::Microsoft(_), None) => {}
                (Fault::Vapi(rule), _) => self.vapi_api.add_faults(vec![rule]),
                (Fault::Aws(rule), _) => self.aws_faults.add(vec![rule]),
                (Fault::Search(rule), _) => self.engines.faults().add(vec![rule]),
            }
        }
    }

    /// Has the services behave again.
    pub fn mend(&self) {
        self.aws_faults.clear();
        self.vapi_api.clear_faults();
        self.engines.faults().clear();
        if let Some(simulator) = &self.simulator {
            simulator.clear_faults();
        }
    }

    /// The time that everything here runs on.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Lets time pass, and the schedule run at the end of it.
    pub async fn let_pass(&self, minutes: u16) -> anyhow::Result<Report> {
        self.clock
            .advance(SignedDuration::from_mins(minutes.into()));
        self.reconcile().await
    }

    /// Settles what was left open, once: what the schedule has the function do.
    pub async fn reconcile(&self) -> anyhow::Result<Report> {
        self.unfinished.done().await;
        self.reconcile_now().await
    }

    async fn reconcile_now(&self) -> anyhow::Result<Report> {
        Ok(self.scheduled.reconcile.run(self.clock.now()).await?)
    }

    /// Reads the listing sources that are due, once.
    pub async fn refresh_listings(&self) -> anyhow::Result<RefreshReport> {
        let refresh = &self.scheduled.listing_refresh;
        Ok(refresh.run(self.clock.now()).await?)
    }

    /// Does both as often as they are scheduled, until it is dropped.
    pub async fn run_schedule(&self) {
        let every_minute = repeat(Duration::from_mins(1), "nothing was reconciled", || {
            self.reconcile_now()
        });
        let every_hour = repeat(
            Duration::from_hours(1),
            "no listing source was read",
            || self.refresh_listings(),
        );
        tokio::join!(every_minute, every_hour);
    }

    /// Its tables, for what is done without a function, and what opens them.
    pub(crate) fn tables(&self) -> anyhow::Result<(shared::aws::Aws, Settings)> {
        let own = [
            ("STAFF_TABLE", "StaffTable"),
            ("AWS_ENDPOINT_URL_DYNAMODB", &self.aws),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let settings: Settings = own.into_iter().chain(role()).collect();
        let aws = shared::aws::Aws::new(&settings, &https::client()?);
        Ok((aws, settings))
    }

    /// Lets running requests finish, and stops.
    pub async fn stop(self) {
        // Nobody listening means that it has stopped already.
        let _ = self.stop.send(true);
        for server in self.servers {
            let _ = server.await;
        }
    }
}

/// Does the work again and again; when it fails, `missed` is what was not done.
async fn repeat<T, W>(period: Duration, missed: &str, work: impl Fn() -> W)
where
    W: Future<Output = anyhow::Result<T>>,
{
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = work().await {
            tracing::warn!(%error, "{missed}");
        }
    }
}

struct Addresses {
    gateway: String,
    microsoft: String,
    aws: String,
    vapi: String,
    search: String,
}

fn prepare_folder(folder: &Path) -> anyhow::Result<()> {
    let cannot = || format!("cannot keep data in {}", folder.display());
    std::fs::create_dir_all(folder).with_context(cannot)?;
    let probe = folder.join(".writable");
    std::fs::write(&probe, b"").with_context(cannot)?;
    std::fs::remove_file(&probe).with_context(cannot)
}

async fn bind(port: u16) -> anyhow::Result<[TcpListener; 5]> {
    let one = async |offset: u16| {
        let port = match port {
            0 => 0,
            port => port.checked_add(offset).context("the port is too high")?,
        };
        TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .await
            .with_context(|| format!("port {port} cannot be used; choose others with --port"))
    };
    Ok([
        one(0).await?,
        one(1).await?,
        one(2).await?,
        one(3).await?,
        one(4).await?,
    ])
}

fn read_template(options: &Options, addresses: &Addresses) -> anyhow::Result<Template> {
    let project = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    let path = options
        .template
        .clone()
        .unwrap_or_else(|| PathBuf::from(project));
    let mut parameters: Parameters = BTreeMap::from([
        ("PublicBaseUrl", addresses.gateway.clone()),
        ("AllowedOrigins", defaults::ORIGIN.to_owned()),
        ("DynamoDbEndpoint", addresses.aws.clone()),
        ("SecretsManagerEndpoint", addresses.aws.clone()),
        ("VapiBaseUrl", addresses.vapi.clone()),
        ("RequireAssistantBinding", "false".to_owned()),
        ("SearchBaseUrl", addresses.search.clone()),
        ("AllowDuckDuckGo", options.allow_duckduckgo.to_string()),
        ("AllowLoopbackSources", "true".to_owned()),
    ]);
    parameters.extend(options.routing.clone().map(|url| ("RoutingBaseUrl", url)));
    if options.real_microsoft.is_none() {
        parameters.insert(
            "MicrosoftAuthority",
            format!("{}/organizations", addresses.microsoft),
        );
        parameters.insert("GraphBaseUrl", addresses.microsoft.clone());
        parameters.insert("AskForMailSend", "true".to_owned());
    }
    Template::read(&path, &parameters).with_context(|| format!("{} cannot be used", path.display()))
}

fn registration(real: Option<(String, String)>) -> Registration {
    let local = || {
        (
            defaults::CLIENT_ID.to_owned(),
            defaults::CLIENT_SECRET.to_owned(),
        )
    };
    let (client_id, client_secret) = real.unwrap_or_else(local);
    Registration {
        client_id,
        client_secret,
    }
}

fn simulated_microsoft(options: &Options, addresses: &Addresses) -> anyhow::Result<Microsoft> {
    let client = Client {
        client_id: defaults::CLIENT_ID.to_owned(),
        client_secret: defaults::CLIENT_SECRET.to_owned(),
        redirect_uris: vec![format!("{}/calendar/auth/callback", addresses.gateway)],
        display_name: "Viewing desk".to_owned(),
    };
    let clock = options.clock.clone();
    let mut simulated = microsoft::Options::new(client, Arc::new(move || clock.now()));
    simulated.base_url.clone_from(&addresses.microsoft);
    simulated.data.clone_from(&options.data);
    simulated.accounts.extend(options.accounts.iter().cloned());
    Microsoft::new(simulated).context("could not read the data of the simulated Microsoft")
}

fn declared_secrets(
    template: &Template,
    registration: &Registration,
    options: &Options,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut known = defaults::secrets(registration);
    let chosen = options.secrets.iter();
    known.extend(chosen.map(|(id, value)| ((*id).to_owned(), value.clone())));
    if let Some(unknown) = template
        .secrets
        .iter()
        .find(|secret| !known.contains_key(*secret))
    {
        bail!("the template has a secret {unknown} that has no local value");
    }
    Ok(known
        .into_iter()
        .filter(|(id, _)| template.secrets.contains(id))
        .collect())
}

fn start_scheduled(specs: &[FunctionSpec]) -> anyhow::Result<Scheduled> {
    let known = [Reconcile::NAME, ListingRefresh::NAME];
    if let Some(unknown) = specs
        .iter()
        .find(|spec| !known.contains(&spec.name.as_str()))
    {
        bail!(
            "the template has a function {} that is not run here",
            unknown.name
        );
    }
    let settings_of = |name: &str| {
        let spec = specs.iter().find(|spec| spec.name == name);
        let spec = spec.with_context(|| format!("the template does not schedule {name}"))?;
        anyhow::Ok(settings(spec))
    };
    let cannot = |name: &str| format!("{name} cannot start");
    Ok(Scheduled {
        reconcile: Reconcile::start(&settings_of(Reconcile::NAME)?)
            .with_context(|| cannot(Reconcile::NAME))?,
        listing_refresh: ListingRefresh::start(&settings_of(ListingRefresh::NAME)?)
            .with_context(|| cannot(ListingRefresh::NAME))?,
    })
}

fn start_functions(specs: &[FunctionSpec], clock: &Clock) -> anyhow::Result<Vec<Lambda>> {
    let mut started = Vec::new();
    for spec in specs {
        let settings = settings(spec);
        let clock = clock.clone();
        let function = match spec.name.as_str() {
            "AppointmentsList" => Lambda::start::<appointments::AppointmentsList>(&settings, clock),
            "Assistants" => Lambda::start::<assistants::Assistants>(&settings, clock),
            "Availability" => Lambda::start::<availability::Availability>(&settings, clock),
            "Events" => Lambda::start::<events::Events>(&settings, clock),
            "OAuthCallback" => Lambda::start::<oauth_callback::OAuthCallback>(&settings, clock),
            "OAuthStart" => Lambda::start::<oauth_start::OAuthStart>(&settings, clock),
            "OAuthStatus" => Lambda::start::<oauth_status::OAuthStatus>(&settings, clock),
            "RentalSearch" => Lambda::start::<rental_search::RentalSearch>(&settings, clock),
            "Rentals" => Lambda::start::<::rentals::RentalsInventory>(&settings, clock),
            "ServiceInfo" => Lambda::start::<service_info::ServiceInfo>(&settings, clock),
            "WebhookDispatch" => {
                Lambda::start::<webhook_dispatch::WebhookDispatch>(&settings, clock)
            }
            unknown => bail!("the template has a function {unknown} that is not mounted here"),
        };
        started.push(function.with_context(|| format!("{} cannot start", spec.name))?);
    }
    Ok(started)
}

fn settings(spec: &FunctionSpec) -> Settings {
    environment(spec).into_iter().collect()
}

/// What Lambda would hand to the function: its variables and its role.
pub(crate) fn environment(spec: &FunctionSpec) -> BTreeMap<String, String> {
    let own = spec.environment.clone().into_iter();
    own.chain(role()).collect()
}

/// The role that Lambda would give a function.
fn role() -> [(String, String); 3] {
    let role = [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_SECRET_ACCESS_KEY", "local"),
    ];
    role.map(|(name, value)| (name.to_owned(), value.to_owned()))
}

/// A route without a handler, or a handler without a route, would be found out only
/// by a caller.
fn check_routes(specs: &[FunctionSpec], functions: &[Lambda]) -> anyhow::Result<()> {
    for (spec, function) in specs.iter().zip(functions) {
        for route in &spec.routes {
            if !function.routes.contains(&route.as_str()) {
                bail!("{}: the template's route {route} has no handler", spec.name);
            }
        }
        for route in &function.routes {
            if !spec.routes.iter().any(|declared| declared == route) {
                bail!(
                    "{}: the handler of {route} has no route in the template",
                    function.name
                );
            }
        }
    }
    Ok(())
}

fn fused(router: Router, fuse: &Fuse) -> Router {
    router.layer(middleware::from_fn_with_state(fuse.clone(), fuse::guard))
}

fn spawn(
    listener: TcpListener,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let stopped = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        if let Err(error) = axum::serve(listener, router)
            .with_graceful_shutdown(stopped)
            .await
        {
            tracing::error!(%error, "a server stopped");
        }
    })
}
