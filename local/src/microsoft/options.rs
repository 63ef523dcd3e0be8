//! What the owner of the simulator decides: clients, accounts, tenant, clock,
//! where state is kept, and the documented behaviours that can be switched.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::accounts::{demonstration_accounts, demonstration_directories};
use super::sign_in::SignIn;

/// Where the simulator gets the present from; tests move it.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How to set a simulator up.
#[derive(Clone)]
pub struct Options {
    /// Where clients reach this router, without a trailing slash. Often known
    /// only after binding: see [`Microsoft::set_base_url`](super::Microsoft::set_base_url).
    pub base_url: String,
    /// The directories; there is one at least, and the first is where applications
    /// are registered.
    pub directories: Vec<Directory>,
    /// The registered applications.
    pub clients: Vec<Client>,
    /// The people of the directories.
    pub accounts: Vec<Account>,
    /// The present.
    pub clock: Clock,
    /// The initial settings; `/control/settings` changes them.
    pub settings: Settings,
    /// Keeps mailboxes, grants and tokens in this folder; in memory when absent.
    pub data: Option<PathBuf>,
}

impl Options {
    /// The demonstration accounts and one client, in memory.
    pub fn new(client: Client, clock: Clock) -> Self {
        Self {
            base_url: "http://127.0.0.1:9001".to_owned(),
            directories: demonstration_directories(),
            clients: vec![client],
            accounts: demonstration_accounts(),
            clock,
            settings: Settings::default(),
            data: None,
        }
    }
}

/// A directory ("tenant"): an organisation, or that of all personal accounts.
#[derive(Clone, Debug, Serialize)]
pub struct Directory {
    /// `tid` in id tokens, accepted in place of `organizations`.
    pub tenant_id: Uuid,
    /// Its verified domain: the part behind the `@` of its accounts, accepted in
    /// place of the id.
    pub domain: String,
    /// Shown on the sign-in page.
    pub display_name: String,
    /// Whether it holds personal accounts, which `organizations` keeps out.
    pub is_personal: bool,
}

/// A registered application ("app registration", platform Web).
#[derive(Clone)]
pub struct Client {
    /// The application (client) id.
    pub client_id: String,
    /// Its only valid secret.
    pub client_secret: String,
    /// Compared exactly, as Microsoft does for Web redirect URIs.
    pub redirect_uris: Vec<String>,
    /// Shown on the sign-in page.
    pub display_name: String,
}

/// A person in the directory, with their mailbox.
#[derive(Clone, Debug, Serialize)]
pub struct Account {
    /// User principal name and address; lower case.
    pub email: String,
    /// `displayName` and the `name` claim.
    pub display_name: String,
    /// `id` in Graph and the `oid` claim.
    pub object_id: Uuid,
    /// `mailboxSettings.timeZone`: a Windows or IANA name, or empty.
    pub time_zone: String,
    /// `mailboxSettings.workingHours`; null when absent.
    pub working_hours: Option<WorkingHours>,
    /// Without one, Graph answers 404 `MailboxNotEnabledForRESTAPI`.
    pub has_mailbox: bool,
    /// What happens when the account is chosen on the sign-in page.
    pub sign_in: SignIn,
}

/// `workingHours` of `mailboxSettings` (Learn: workingHours resource type).
#[derive(Clone, Debug, Serialize)]
pub struct WorkingHours {
    /// Lower-case English names of days.
    pub days: Vec<String>,
    /// `HH:MM:SS` on the wall clock.
    pub start: String,
    /// `HH:MM:SS` on the wall clock.
    pub end: String,
    /// The zone in which the two are read.
    pub zone: WorkingZone,
}

/// The zone of working hours (Learn: timeZoneBase, customTimeZone).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkingZone {
    /// `{"name": …}`.
    Named(String),
    /// A whole `#microsoft.graph.customTimeZone` object.
    Custom(Value),
}

/// Documented or reported behaviours of the service that differ or are unsure.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where `$top` is silently clamped; Microsoft does not publish its value.
    pub page_limit: usize,
    /// Vary enum casing, add unknown properties and nulls, in ways that change
    /// no meaning.
    pub variety: bool,
    /// Reuse of a replaced refresh token kills the grant. Microsoft does not do
    /// this; stricter servers do.
    pub strict_refresh: bool,
    /// Status of `ErrorDuplicateTransactionId`: 400 or 409, both are seen.
    pub duplicate_transaction_status: u16,
    /// `getSchedule` does not see events younger than this.
    pub schedule_lag_seconds: i64,
    /// Addresses whose schedule `getSchedule` cannot read.
    pub unreadable_schedules: Vec<String>,
    /// Requests served at once for one mailbox before 429.
    pub concurrency_limit: usize,
    /// Scopes that a sign-in does not grant, whatever is asked for.
    pub withheld_scopes: Vec<String>,
    /// How the sign-ins of accounts end, by address, in place of what they are set to.
    pub sign_ins: BTreeMap<String, SignIn>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            page_limit: 50,
            variety: true,
            strict_refresh: false,
            duplicate_transaction_status: 409,
            schedule_lag_seconds: 0,
            unreadable_schedules: Vec::new(),
            concurrency_limit: 4,
            withheld_scopes: Vec::new(),
            sign_ins: BTreeMap::new(),
        }
    }
}
