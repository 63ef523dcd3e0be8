//! The handle that the owner of a simulated Microsoft holds, and that requests
//! share: options, state, faults and counts. Cloning it is cheap.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicU64, Ordering},
};

use axum::Router;
use jiff::Timestamp;
use uuid::Uuid;

use super::{
    control,
    event::MailKind,
    graph,
    journal::StorageError,
    login,
    operation::Operation,
    options::{Account, Client, Directory, Options, Settings},
    sign_in::SignIn,
    store::Store,
    traffic::Traffic,
};
use crate::faults::{Faults, Rule};

/// A simulated login authority and Graph.
#[derive(Clone)]
pub struct Microsoft {
    shared: Arc<Shared>,
}

struct Shared {
    options: Options,
    base_url: RwLock<String>,
    settings: RwLock<Settings>,
    store: Store,
    faults: Faults<Operation>,
    traffic: Traffic,
    turns: AtomicU64,
}

impl Microsoft {
    /// Sets the simulator up, with what its folder holds if it has one.
    pub fn new(options: Options) -> Result<Self, StorageError> {
        let store = Store::open(&options, (options.clock)())?;
        Ok(Self {
            shared: Arc::new(Shared {
                base_url: RwLock::new(options.base_url.trim_end_matches('/').to_owned()),
                settings: RwLock::new(options.settings.clone()),
                store,
                faults: Faults::default(),
                traffic: Traffic::default(),
                turns: AtomicU64::new(0),
                options,
            }),
        })
    }

    /// Everything under one router: `/{tenant}/…`, `/v1.0/…` and `/control/…`.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(login::routes(self))
            .nest("/v1.0", graph::routes(self))
            .nest("/control", control::routes(self))
    }

    /// Says where clients reach the router; absolute links are built on it.
    pub fn set_base_url(&self, url: &str) {
        let mut base_url = self
            .shared
            .base_url
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        url.trim_end_matches('/').clone_into(&mut base_url);
    }

    /// Adds fault rules, as `POST /control/faults` does.
    pub fn add_faults(&self, rules: Vec<Rule<Operation>>) {
        self.shared.faults.add(rules);
    }

    /// To whom messages were sent from any mailbox, without what a calendar sends by
    /// itself.
    #[must_use]
    pub fn written_to(&self) -> Vec<String> {
        let accounts = &self.options().accounts;
        self.store().read(|state| {
            let mailboxes = accounts.iter().map(|account| state.mailbox(&account.email));
            mailboxes
                .flat_map(|mailbox| &mailbox.outbox)
                .filter(|mail| mail.kind == MailKind::Message)
                .flat_map(|mail| mail.to.clone())
                .collect()
        })
    }

    /// Removes every fault rule, as `DELETE /control/faults` does.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// The settings in force.
    pub fn settings(&self) -> Settings {
        self.shared
            .settings
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Replaces the settings.
    pub fn set_settings(&self, settings: Settings) {
        *self
            .shared
            .settings
            .write()
            .unwrap_or_else(PoisonError::into_inner) = settings;
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.shared.options.clock)()
    }

    pub(super) fn base_url(&self) -> String {
        self.shared
            .base_url
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn options(&self) -> &Options {
        &self.shared.options
    }

    pub(super) fn store(&self) -> &Store {
        &self.shared.store
    }

    pub(super) fn faults(&self) -> &Faults<Operation> {
        &self.shared.faults
    }

    pub(super) fn traffic(&self) -> &Traffic {
        &self.shared.traffic
    }

    /// A number that grows by one each time, for what varies by turns.
    pub(super) fn next_turn(&self) -> u64 {
        self.shared.turns.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn account(&self, email: &str) -> Option<&Account> {
        let mut accounts = self.shared.options.accounts.iter();
        accounts.find(|account| account.email.eq_ignore_ascii_case(email))
    }

    /// How the sign-ins of an account end: as the settings say, else as it is set to.
    pub(super) fn sign_in_of(&self, account: &Account) -> SignIn {
        let settings = self.settings();
        let mut set = settings.sign_ins.iter();
        let set = set.find(|(email, _)| email.eq_ignore_ascii_case(&account.email));
        set.map_or(account.sign_in, |(_, sign_in)| *sign_in)
    }

    /// The directory of an account, by its domain.
    pub(super) fn directory_of(&self, account: &Account) -> Option<&Directory> {
        let (_, domain) = account.email.rsplit_once('@')?;
        self.directory(domain)
    }

    /// The directory with that id or domain.
    pub(super) fn directory(&self, name: &str) -> Option<&Directory> {
        let id = Uuid::parse_str(name).ok();
        let mut directories = self.shared.options.directories.iter();
        directories.find(|directory| {
            id == Some(directory.tenant_id) || directory.domain.eq_ignore_ascii_case(name)
        })
    }

    pub(super) fn client(&self, client_id: &str) -> Option<&Client> {
        let mut clients = self.shared.options.clients.iter();
        clients.find(|client| client.client_id == client_id)
    }
}
