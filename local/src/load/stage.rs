//! Who is called: a system that is started for it with staff of its own, or one staff
//! member of a deployed backend.

use anyhow::{Context as _, ensure};
use jiff::{SignedDuration, Timestamp};
use shared::ids::UserId;
use shared::store::{Binding, Staff};
use uuid::Uuid;

use super::{Load, rest};
use crate::call::{Backend, Target};
use crate::microsoft::{Account, demonstration_accounts};
use crate::system::{LocalSystem, Options};
use crate::{defaults, deployed, seed};

/// One staff member.
pub(super) struct Member {
    pub(super) user: String,
    pub(super) assistant: String,
    /// The starts that were open in the beginning, as the backend writes them.
    pub(super) slots: Vec<String>,
}

/// What the calls are played against.
pub(super) struct Stage {
    system: Option<LocalSystem>,
    pub(super) backend: Backend,
    pub(super) members: Vec<Member>,
    /// By the backend's clock.
    began: Timestamp,
}

impl Stage {
    pub(super) async fn set(load: &Load) -> anyhow::Result<Self> {
        let system = match &load.url {
            Some(_) => None,
            None => Some(Box::pin(start(load.staff)).await?),
        };
        let backend = Backend::new(&target(load, system.as_ref())?)?;
        let names: Vec<(String, String)> = match (&load.user, &load.assistant) {
            (Some(user), Some(assistant)) if system.is_none() => {
                vec![(user.clone(), assistant.clone())]
            }
            _ => (0..load.staff)
                .map(|number| (user(number), assistant(number)))
                .collect(),
        };
        let mut began = Timestamp::MAX;
        let mut members = Vec::new();
        for (user, assistant) in names {
            let openings = backend.openings(&user, None).await?;
            began = began.min(openings.now.timestamp());
            let slots = openings.slots.into_iter().map(|slot| slot.start_time);
            let slots: Vec<String> = slots.collect();
            ensure!(slots.len() >= 2, "{user} has no two open times");
            members.push(Member {
                user,
                assistant,
                slots,
            });
        }
        Ok(Self {
            system,
            backend,
            members,
            began,
        })
    }

    /// What does not agree when everything has come to rest.
    pub(super) async fn problems_at_rest(&self) -> anyhow::Result<Vec<String>> {
        if let Some(system) = &self.system {
            let staff = u32::try_from(self.members.len())?;
            let staff = (0..staff).map(|number| (user(number), account(number).email));
            return rest::of_system(system, &staff.collect::<Vec<_>>()).await;
        }
        let until = self.began + SignedDuration::from_hours(90 * 24);
        let mut problems = Vec::new();
        for member in &self.members {
            let found = rest::of_backend(&self.backend, &member.user, self.began, until);
            problems.extend(found.await?);
        }
        Ok(problems)
    }

    /// What it means that there are none.
    pub(super) fn what_agrees(&self) -> &'static str {
        if self.system.is_some() {
            "appointments, ledger and calendars agree, and no two viewings meet"
        } else {
            "appointments and calendar agree, and no two viewings meet"
        }
    }
}

/// A local system with staff who are connected and can be called.
async fn start(staff: u32) -> anyhow::Result<LocalSystem> {
    let system = LocalSystem::start(Options {
        empty: true,
        accounts: (0..staff).map(account).collect(),
        ..Options::default()
    })
    .await?;
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()?;
    let (aws, settings) = system.tables()?;
    let bindings = Staff::new(&settings, &aws)?;
    for number in 0..staff {
        let (user, account) = (user(number), account(number).email);
        seed::connect(&http, &system, &user, &account).await?;
        let users = vec![UserId::new(user)];
        bindings
            .bind(&Binding::of_assistant(&assistant(number), users))
            .await?;
    }
    Ok(system)
}

fn target(load: &Load, system: Option<&LocalSystem>) -> anyhow::Result<Target> {
    let local = |value: &str| value.to_owned();
    if let Some(system) = system {
        return Ok(Target {
            gateway: system.gateway.clone(),
            webhook_secret: local(defaults::WEBHOOK_SECRET),
            api_key: local(defaults::API_KEY),
            record: None,
        });
    }
    let gateway = deployed::address(load.url.as_deref().unwrap_or_default())?;
    let is_local = deployed::is_local(&gateway);
    let webhook_secret = load.webhook_secret.clone();
    let webhook_secret =
        webhook_secret.or_else(|| is_local.then(|| local(defaults::WEBHOOK_SECRET)));
    Ok(Target {
        webhook_secret: webhook_secret.context("VAPI_WEBHOOK_SECRET is not set")?,
        api_key: deployed::api_key(&gateway, load.api_key.as_deref())
            .context("VIEWING_DESK_API_KEY is not set")?,
        gateway,
        record: None,
    })
}

fn user(number: u32) -> String {
    format!("staff-{number}")
}

fn assistant(number: u32) -> String {
    format!("assistant-{number}")
}

/// A person as the demonstration has them, with an address and an id of their own.
fn account(number: u32) -> Account {
    let like = demonstration_accounts().swap_remove(0);
    let id = like.object_id.as_u128() + 1000 + u128::from(number);
    Account {
        email: format!("staff-{number}@lakeside.example"),
        object_id: Uuid::from_u128(id),
        ..like
    }
}
