//! An administrator approves an application for the whole directory (Learn:
//! v2-admin-consent). Once approved, accounts that were refused for want of it
//! can sign in.

use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    http::StatusCode,
    response::Response,
};

use super::{
    authorize::redirect, authorize_request::trusted_redirect, page, parameters::Parameters,
};
use crate::microsoft::{
    journal::StorageError,
    options::{Client, Directory},
    simulator::Microsoft,
    state::{Approval, Change},
};

/// `GET /{tenant}/v2.0/adminconsent`: the page.
pub(super) async fn show(
    State(microsoft): State<Microsoft>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let parameters = Parameters::decode(query.as_bytes());
    match check(&microsoft, &tenant, &parameters) {
        Ok((client, _)) => {
            let directories = spoken_for(&microsoft, &tenant);
            page::admin_consent(&client.display_name, &directories, &tenant, &query)
        }
        Err((code, message)) => page::error(code, &message),
    }
}

/// `POST /{tenant}/v2.0/adminconsent`, with `decision=accept` or `decision=cancel`,
/// and as `directory` the one that the administrator is of; the first without one.
pub(super) async fn decide(
    State(microsoft): State<Microsoft>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    form: Bytes,
) -> Response {
    let query = Parameters::decode(query.unwrap_or_default().as_bytes());
    let parameters = query.and(Parameters::decode(&form));
    let (client, redirect_uri) = match check(&microsoft, &tenant, &parameters) {
        Ok(checked) => checked,
        Err((code, message)) => return page::error(code, &message),
    };
    let back = |pairs: &[(&str, &str)]| {
        redirect(
            StatusCode::SEE_OTHER,
            &redirect_uri,
            pairs,
            parameters.get("state"),
        )
    };
    if parameters.get("decision") != Some("accept") {
        // Learn: a failure may carry `admin_consent` too; `error` decides.
        return back(&[
            ("error", "access_denied"),
            ("error_subcode", "cancel"),
            (
                "error_description",
                "AADSTS65004: The administrator declined.",
            ),
            ("admin_consent", "True"),
        ]);
    }
    let directories = spoken_for(&microsoft, &tenant);
    let chosen = parameters.get("directory");
    let directory = match chosen.and_then(|name| microsoft.directory(name)) {
        Some(chosen) => directories
            .into_iter()
            .find(|directory| directory.tenant_id == chosen.tenant_id),
        None => directories.into_iter().next(),
    };
    let Some(directory) = directory else {
        return page::error(
            50_020,
            "The administrator does not exist in this directory.",
        );
    };
    match approve(&microsoft, client, directory).await {
        Ok(()) => back(&[
            ("admin_consent", "True"),
            ("tenant", &directory.tenant_id.to_string()),
            ("scope", parameters.get("scope").unwrap_or_default()),
        ]),
        Err(error) => {
            tracing::error!(error = %error, "the simulated Microsoft failed to keep an approval");
            back(&[("error", "server_error")])
        }
    }
}

/// The directories that administrators can speak for under that path.
fn spoken_for<'a>(microsoft: &'a Microsoft, tenant: &str) -> Vec<&'a Directory> {
    if let Some(directory) = microsoft.directory(tenant) {
        return vec![directory];
    }
    let directories = microsoft.options().directories.iter();
    directories
        .filter(|directory| !directory.is_personal)
        .collect()
}

async fn approve(
    microsoft: &Microsoft,
    client: &Client,
    directory: &Directory,
) -> Result<(), StorageError> {
    let approved = Change::ClientApproved(Approval {
        client_id: client.client_id.clone(),
        tenant_id: Some(directory.tenant_id),
        email: None,
    });
    microsoft.store().write(|_| Ok((vec![approved], ()))).await
}

/// `common` is not a directory that an administrator could speak for.
fn check<'a>(
    microsoft: &'a Microsoft,
    tenant: &str,
    parameters: &Parameters,
) -> Result<(&'a Client, String), (u32, String)> {
    if tenant.eq_ignore_ascii_case("common") {
        let message = "The /common endpoint is not supported for admin consent.";
        return Err((900_561, message.to_owned()));
    }
    trusted_redirect(microsoft, tenant, parameters)
}
