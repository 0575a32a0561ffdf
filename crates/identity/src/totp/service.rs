//! Switching the second factor on and off, and checking it at sign-in.

use kernel::{Event, Permission, PersonId, RecordKind, Scope};
use platform::{
    App, Ctx, Lane, Tx,
    secret::{self, Vault},
};
use serde_json::json;
use totp_rs::Secret;

use super::{
    RECOVERY_CODES, TotpError, matching_step, otpauth_url, qr_svg, random_recovery_code, recovery_hash, store,
};
use crate::{
    mail::{self, Letter},
    person,
    session::check_own_password,
};

/// A fresh secret, to be shown once.
#[derive(Debug)]
pub(crate) struct Enrolment {
    /// In base32, for typing.
    pub(crate) secret: String,
    /// For authenticator apps.
    pub(crate) otpauth_url: String,
    /// The same as a picture.
    pub(crate) qr_svg: String,
}

/// Makes a secret for the caller. It does nothing until it is confirmed.
pub(crate) async fn enrol(app: &App, ctx: &Ctx) -> Result<Enrolment, TotpError> {
    let me = in_browser(ctx)?;
    let bytes = secret::random_bytes::<20>();
    let sealed = app.vault.seal(&bytes).map_err(|_| TotpError::Vault)?;
    let email = app
        .db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let person = locked(tx, me).await?;
                if store::find_for_update(tx, me).await?.is_some_and(|row| row.confirmed_at.is_some()) {
                    return Err(TotpError::AlreadyOn);
                }
                store::put_unconfirmed(tx, me, &sealed).await?;
                Ok::<_, TotpError>(person.email)
            })
        })
        .await?;
    let secret = Secret::from(bytes.to_vec()).to_base32();
    let otpauth_url = otpauth_url(&app.settings.organisation, &email, &secret);
    Ok(Enrolment { qr_svg: qr_svg(&otpauth_url)?, secret, otpauth_url })
}

/// Switches the second factor on, once a code shows that the device has the secret. Gives the recovery codes.
pub(crate) async fn confirm(app: &App, ctx: &Ctx, code: &str) -> Result<Vec<String>, TotpError> {
    let me = in_browser(ctx)?;
    let (vault, code) = (app.vault.clone(), code.to_owned());
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let person = locked(tx, me).await?;
                let row = store::find_for_update(tx, me).await?.ok_or(TotpError::Off)?;
                if row.confirmed_at.is_some() {
                    return Err(TotpError::AlreadyOn);
                }
                let secret = vault.open(&row.secret_sealed).map_err(|_| TotpError::Vault)?;
                let step = matching_step(&secret, &code, tx.now())?.ok_or(TotpError::WrongCode)?;
                store::update_confirmed(tx, me, step).await?;
                store::delete_recovery(tx, me).await?;
                let mut codes = Vec::with_capacity(RECOVERY_CODES);
                for _ in 0..RECOVERY_CODES {
                    let code = random_recovery_code();
                    store::insert_recovery(tx, me, &recovery_hash(&vault, &code)).await?;
                    codes.push(code);
                }
                tell(&vault, tx, person, true).await?;
                Ok(codes)
            })
        })
        .await
}

/// Switches the second factor off, after the password was entered again.
pub(crate) async fn switch_off(app: &App, ctx: &Ctx, password: String) -> Result<(), TotpError> {
    let me = in_browser(ctx)?;
    check_own_password(app, me, password).await?;
    let vault = app.vault.clone();
    app.db
        .write(ctx, Lane::Front, move |tx| {
            Box::pin(async move {
                let person = locked(tx, me).await?;
                let row = store::find_for_update(tx, me).await?;
                if row.is_none_or(|row| row.confirmed_at.is_none()) {
                    return Err(TotpError::Off);
                }
                store::delete(tx, me).await?;
                tell(&vault, tx, person, false).await
            })
        })
        .await
}

/// What the second factor says to a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is off, or the code was right and is now used up.
    Pass,
    /// It is on and no code was given.
    CodeNeeded,
    /// The code is wrong or was used before.
    Wrong,
}

/// Checks the code of a sign-in, which may be a recovery code, and uses it up.
pub(crate) async fn check(vault: &Vault, tx: &Tx, person: PersonId, code: Option<&str>) -> Result<Verdict, TotpError> {
    let Some(row) = store::find_for_update(tx, person).await?.filter(|row| row.confirmed_at.is_some()) else {
        return Ok(Verdict::Pass);
    };
    let Some(code) = code.map(str::trim).filter(|code| !code.is_empty()) else {
        return Ok(Verdict::CodeNeeded);
    };
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let right = if digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let secret = vault.open(&row.secret_sealed).map_err(|_| TotpError::Vault)?;
        match matching_step(&secret, &digits, tx.now())? {
            Some(step) => store::use_step(tx, person, step).await?,
            None => false,
        }
    } else {
        store::use_recovery(tx, person, &recovery_hash(vault, code)).await?
    };
    Ok(if right { Verdict::Pass } else { Verdict::Wrong })
}

fn in_browser(ctx: &Ctx) -> Result<PersonId, TotpError> {
    ctx.require(Permission::OwnProfile)?;
    match (ctx.session, ctx.person()) {
        (Some(_), Some(person)) => Ok(person),
        _ => Err(TotpError::NeedsSession),
    }
}

async fn locked(tx: &Tx, me: PersonId) -> Result<person::store::PersonRow, TotpError> {
    person::store::find_for_update(tx, &Scope::Customer(me), me).await?.ok_or(TotpError::NeedsSession)
}

async fn tell(vault: &Vault, tx: &mut Tx, person: person::store::PersonRow, on: bool) -> Result<(), TotpError> {
    let me = person.person_id();
    let version = person::store::touch(tx, me).await?;
    let data = json!({ "changes": { "totp_enabled": { "before": !on, "after": on } } });
    tx.emit(Event::new("SecondFactorChanged", RecordKind::PERSON, me, version, data));
    mail::post(vault, tx, &person.email, Letter::SecondFactorChanged { name: person.name, on }).await?;
    Ok(())
}
