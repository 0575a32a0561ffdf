//! The second factor.

use jiff::SignedDuration;
use kernel::Role;
use serde_json::{Value, json};
use testkit::{TestApp, both_databases};
use totp_rs::{Builder, Secret};

use crate::support::{Browser, PASSWORD, app, person, sign_in};

const EMAIL: &str = "ana@nordhaven.example";

/// The code that a device shows now.
fn code(app: &TestApp, secret: &str) -> String {
    let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
    totp.generate(u64::try_from(app.app.now().as_second()).unwrap()).to_string()
}

/// Switches it on; gives the secret and the recovery codes.
async fn switch_on(app: &TestApp, browser: &Browser) -> (String, Vec<String>) {
    let enrolment = browser.post(app, "/api/v1/me/totp", Value::Null).await.expect(200);
    let secret = enrolment["secret"].as_str().unwrap().to_owned();
    assert!(enrolment["otpauth_url"].as_str().unwrap().contains(&secret));
    assert!(enrolment["qr_svg"].as_str().unwrap().starts_with("<svg"));
    browser.post(app, "/api/v1/me/totp/confirm", json!({ "code": "000000" })).await.expect(422);
    let confirmed =
        browser.post(app, "/api/v1/me/totp/confirm", json!({ "code": code(app, &secret) })).await.expect(200);
    let codes = confirmed["recovery_codes"].as_array().unwrap();
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

both_databases! {
    async fn a_code_is_needed_and_works_once(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        // An unconfirmed secret changes nothing.
        browser.post(&app, "/api/v1/me/totp", Value::Null).await.expect(200);
        sign_in(&app, EMAIL, PASSWORD, None).await.expect(200);
        let (secret, _) = switch_on(&app, &browser).await;
        assert_eq!(browser.get(&app, "/api/v1/me").await.expect(200)["totp_enabled"], true);

        assert_eq!(sign_in(&app, EMAIL, PASSWORD, None).await.expect(401)["code"], "totp_required");
        assert_eq!(sign_in(&app, EMAIL, "a wrong password", None).await.expect(401)["code"], "invalid_credentials");
        // The code that confirmed it was seen already.
        sign_in(&app, EMAIL, PASSWORD, Some(&code(&app, &secret))).await.expect(401);
        app.advance(SignedDuration::from_secs(30)).await;
        let now = code(&app, &secret);
        sign_in(&app, EMAIL, PASSWORD, Some(&now)).await.expect(200);
        assert_eq!(sign_in(&app, EMAIL, PASSWORD, Some(&now)).await.expect(401)["code"], "invalid_credentials");
    }

    async fn guessing_codes_is_throttled(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let (secret, _) = switch_on(&app, &Browser::of(&app, "ana").await).await;
        app.advance(SignedDuration::from_secs(30)).await;
        for _ in 0..10 {
            // Asking for the code in between does not clear the count.
            sign_in(&app, EMAIL, PASSWORD, None).await.expect(401);
            sign_in(&app, EMAIL, PASSWORD, Some("000000")).await.expect(401);
        }
        sign_in(&app, EMAIL, PASSWORD, Some(&code(&app, &secret))).await.expect(429);
    }

    async fn a_recovery_code_works_once(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let (_, codes) = switch_on(&app, &Browser::of(&app, "ana").await).await;
        assert_eq!(codes.len(), 10);
        sign_in(&app, EMAIL, PASSWORD, Some(&codes[0].to_uppercase())).await.expect(200);
        sign_in(&app, EMAIL, PASSWORD, Some(&codes[0])).await.expect(401);
        sign_in(&app, EMAIL, PASSWORD, Some(&codes[1])).await.expect(200);
    }

    async fn it_is_switched_off_by_the_password(backend) {
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let browser = Browser::of(&app, "ana").await;
        let off = |password: &str| browser.call(&app, http::Method::DELETE, "/api/v1/me/totp", json!({ "password": password }));
        assert_eq!(off(PASSWORD).await.expect(409)["code"], "totp_off");
        switch_on(&app, &browser).await;
        browser.post(&app, "/api/v1/me/totp", Value::Null).await.expect(409);
        assert_eq!(off("a wrong password").await.expect(422)["code"], "wrong_password");
        off(PASSWORD).await.expect(204);
        sign_in(&app, EMAIL, PASSWORD, None).await.expect(200);
        app.settle().await;
        assert_eq!(app.mail.take().len(), 2, "switching it on and off is told by mail");
    }

    async fn the_secret_is_sealed(backend) {
        use platform::Sql;
        #[derive(platform::db::FromRow)]
        struct Row { secret_sealed: String }
        let app = app(backend).await;
        person(&app, "ana", Role::Agent).await;
        let (secret, _) = switch_on(&app, &Browser::of(&app, "ana").await).await;
        let row: Row = app.app.db.read().one("SELECT secret_sealed FROM totp", vec![]).await.unwrap().unwrap();
        let opened = app.app.vault.open(&row.secret_sealed).unwrap();
        assert_eq!(Secret::from(opened).to_base32(), secret);
    }
}
