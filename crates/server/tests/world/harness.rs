//! The world: a server, its people, and what they receive.

use std::{collections::HashMap, sync::Mutex};

use http::Method;
use jiff::{SignedDuration, Span, Timestamp};
use kernel::{Origin, PersonId, Role, Scope, TeamId};
use platform::{Ctx, Mail, SendError};
use serde_json::{Value, json};
use server::assembly;
use testkit::{Answer, Backend, TestApp};

/// A server with people.
pub struct World {
    test: TestApp,
    people: Mutex<HashMap<String, PersonId>>,
    unread: Mutex<Vec<Mail>>,
}

/// A person's mails.
pub struct Mailbox<'a> {
    world: &'a World,
    address: String,
}

/// A page that a person received.
#[derive(Clone, Debug)]
pub struct Page(pub Mail);

impl World {
    /// An empty world at this instant, with an administrator `root`.
    pub async fn start(backend: Backend, start: &str) -> Self {
        let builder =
            assembly::migrations().into_iter().skip(1).fold(TestApp::builder(), |all, set| all.migrations(set));
        let test = builder
            .routes(assembly::api())
            .records(assembly::records())
            .work(assembly::work)
            .start_at(start.parse().expect("an instant"))
            .build(backend)
            .await;
        assembly::seed(&test.app).await.expect("what a new database begins with");
        let world = Self { test, people: Mutex::default(), unread: Mutex::default() };
        world.person("root", Role::Admin, "UTC").await;
        world
    }

    /// Adds a person, whose mail address is `<name>@nordhaven.test` and who calls the API by that name.
    pub async fn person(&self, name: &str, role: Role, zone: &str) -> PersonId {
        let new = identity::person::NewPerson { name: name.to_owned(), email: format!("{name}@nordhaven.test"), role };
        let password = "a long enough pass phrase".to_owned();
        let id = identity::person::service::create(&self.test.app.db, &Ctx::system("test"), new, password)
            .await
            .expect("a person");
        let scope = match role {
            Role::Admin => Scope::All,
            Role::Agent => Scope::Agent { hidden_teams: vec![], hidden_projects: vec![] },
            Role::Customer => Scope::Customer(id),
        };
        self.test.know(name, Ctx::person_with_role(id, role, scope, Origin::Api));
        self.people.lock().expect("people").insert(name.to_owned(), id);
        self.call(name, Method::PATCH, "/api/v1/me", json!({ "time_zone": zone })).await.expect(200);
        id
    }

    /// Agents in UTC.
    pub async fn agents(&self, names: &[&str]) {
        for name in names {
            self.person(name, Role::Agent, "UTC").await;
        }
    }

    /// A person's id.
    pub fn id_of(&self, name: &str) -> PersonId {
        *self.people.lock().expect("people").get(name).expect("a person of the world")
    }

    /// A team with these members; the first administers it.
    pub async fn team(&self, name: &str, members: &[&str]) -> TeamId {
        let made = self.post("root", "/api/v1/teams", json!({ "name": name })).await.expect(201);
        let id = made["id"].as_str().expect("an id").to_owned();
        for (index, member) in members.iter().enumerate() {
            let role = if index == 0 { "admin" } else { "member" };
            let path = format!("/api/v1/teams/{id}/members/{}", self.id_of(member));
            let answer = self.call("root", Method::PUT, &path, json!({ "role": role })).await;
            assert!(answer.status.is_success(), "{:#}", answer.body);
        }
        id.parse().expect("an id")
    }

    /// A schedule in which these people take turns, a day each, from 09:00 local time of this date.
    pub async fn daily_schedule(&self, name: &str, zone: &str, date: &str, people: &[&str]) -> String {
        let participants: Vec<Value> =
            people.iter().map(|person| json!({ "kind": "person", "id": self.id_of(person) })).collect();
        let body = json!({ "name": name, "time_zone": zone, "rotations": [{ "name": "Primary", "kind": "daily",
            "length": 1, "start": format!("{date}T09:00"), "participants": participants }] });
        id(&self.post("root", "/api/v1/schedules", body).await.expect(201))
    }

    /// A policy of steps `(minutes after the step before, kind, id)`, each while nobody has acknowledged.
    pub async fn policy(&self, name: &str, steps: &[(u32, &str, &str)], more: Value) -> String {
        let steps: Vec<Value> = steps
            .iter()
            .map(|(delay, kind, id)| {
                json!({ "delay_min": delay, "condition": "if_not_acked", "notify": { "kind": kind, "id": id } })
            })
            .collect();
        let mut body = json!({ "name": name, "steps": steps });
        body.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        id(&self.post("root", "/api/v1/escalation-policies", body).await.expect(201))
    }

    /// A policy of steps to people.
    pub async fn policy_of(&self, name: &str, steps: &[(u32, &str)], more: Value) -> String {
        let ids: Vec<String> = steps.iter().map(|(_, person)| self.id_of(person).to_string()).collect();
        let steps: Vec<(u32, &str, &str)> =
            steps.iter().zip(&ids).map(|((delay, _), id)| (*delay, "person", id.as_str())).collect();
        self.policy(name, &steps, more).await
    }

    /// Sends the alerts of a team to a policy.
    pub async fn route(&self, team: TeamId, policy: &str) {
        let path = format!("/api/v1/teams/{team}/routing");
        self.call("root", Method::PUT, &path, json!({ "escalation_policy_id": policy })).await.expect(200);
    }

    /// A person's notification rules.
    pub async fn rules(&self, name: &str, rules: Value) {
        let path = "/api/v1/me/notification-rules";
        let answer = self.call(name, Method::PUT, path, rules).await;
        assert!(answer.status.is_success(), "{:#}", answer.body);
    }

    /// Raises an alert and lets everything run that is due at once; gives its id.
    pub async fn alert(&self, message: &str, priority: &str, team: TeamId) -> String {
        let body = json!({ "message": message, "alias": message, "priority": priority, "team_id": team });
        let raised = self.post("root", "/api/v1/alerts", body).await.expect(201);
        self.settle().await;
        id(&raised)
    }

    /// Does something to an alert, and lets everything run that is due at once.
    pub async fn act(&self, name: &str, alert: &str, verb: &str, body: Value) {
        let answer = self.post(name, &format!("/api/v1/alerts/{alert}/{verb}"), body).await;
        assert!(answer.status.is_success(), "{:#}", answer.body);
        self.settle().await;
    }

    /// An alert as the API shows it.
    pub async fn show(&self, alert: &str) -> Value {
        self.test.get("root", &format!("/api/v1/alerts/{alert}")).await.expect(200)
    }

    /// The trail of an alert.
    pub async fn trail(&self, alert: &str) -> Value {
        self.test.get("root", &format!("/api/v1/alerts/{alert}/notifications")).await.expect(200)
    }

    /// GET as a person.
    pub async fn get(&self, name: &str, path: &str) -> Answer {
        self.test.get(name, path).await
    }

    /// POST as a person.
    pub async fn post(&self, name: &str, path: &str, body: Value) -> Answer {
        self.call(name, Method::POST, path, body).await
    }

    /// Attaches a text to a ticket as a person.
    pub async fn attach(&self, name: &str, ticket: &str, content: &[u8]) -> Value {
        let path = format!("/api/v1/tickets/{ticket}/attachments");
        self.test.upload(name, &path, ("notes.txt", "text/plain", content), &[]).await.expect(201)
    }

    /// The folder in which contents of files are kept.
    pub fn files(&self) -> &std::path::Path {
        self.test.files()
    }

    /// Any request as a person.
    pub async fn call(&self, name: &str, method: Method, path: &str, body: Value) -> Answer {
        self.test.call(name, method, path, body).await
    }

    /// Requests sent as `name` come from `ctx` from now on.
    pub fn know(&self, name: &str, ctx: Ctx) {
        self.test.know(name, ctx);
    }

    /// The server.
    pub fn app(&self) -> &platform::App {
        &self.test.app
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        self.test.app.now()
    }

    /// Does everything that is due now.
    pub async fn settle(&self) {
        self.test.settle().await;
    }

    /// Lets time pass. Every message so far must have been expected.
    pub async fn advance(&self, span: Span) {
        self.expect_silence();
        self.test.advance(SignedDuration::try_from(span).expect("hours or smaller units")).await;
    }

    /// Lets time pass up to this instant.
    pub async fn advance_to(&self, until: &str) {
        let until: Timestamp = until.parse().expect("an instant");
        self.expect_silence();
        self.test.advance(until.duration_since(self.now())).await;
    }

    /// The mail server stops answering, or is back.
    pub fn mail_server(&self, works: bool) {
        self.test.mail.fail((!works).then(|| SendError::temporary("connection refused")));
    }

    /// Webhooks are refused for this reason, or accepted again.
    pub fn webhooks(&self, refused: Option<SendError>) {
        self.test.webhooks.fail(refused);
    }

    /// What was posted to webhooks since the last look.
    pub fn posted(&self) -> Vec<platform::Webhook> {
        self.test.webhooks.take()
    }

    /// A person's mails.
    pub fn mailbox(&self, name: &str) -> Mailbox<'_> {
        Mailbox { world: self, address: format!("{name}@nordhaven.test") }
    }

    /// Nobody has received anything that no test asked for.
    #[track_caller]
    pub fn expect_silence(&self) {
        let unread = self.receive();
        assert!(
            unread.is_empty(),
            "at {}: nobody expected {:#?}",
            self.now(),
            unread.iter().map(|mail| (&mail.to, &mail.subject, &mail.text)).collect::<Vec<_>>()
        );
    }

    /// Drops messages that a test does not look at.
    pub fn ignore_messages(&self) {
        self.receive();
        self.unread.lock().expect("unread").clear();
    }

    fn receive(&self) -> Vec<Mail> {
        let mut unread = self.unread.lock().expect("unread");
        // What people are told about tickets is looked at by the desk's own tests.
        let pages = self.test.mail.take().into_iter().filter(|mail| !mail.message_id.starts_with("notification."));
        unread.extend(pages);
        unread.clone()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.expect_silence();
        }
    }
}

impl Mailbox<'_> {
    /// The oldest unread page about this alert, which must be there.
    #[track_caller]
    pub fn expect_page(&self, message: &str) -> Page {
        let unread = self.world.receive();
        let mine = |mail: &Mail| mail.to == self.address && mail.subject.contains(message);
        let Some(place) = unread.iter().position(mine) else {
            panic!(
                "at {}: {} has no page about {message:?}; unread: {:?}",
                self.world.now(),
                self.address,
                unread.iter().map(|mail| (&mail.to, &mail.subject)).collect::<Vec<_>>()
            );
        };
        Page(self.world.unread.lock().expect("unread").remove(place))
    }
}

impl Page {
    /// The path of the link that acknowledges.
    pub fn link(&self) -> String {
        let line = self.0.text.lines().find_map(|line| line.strip_prefix("Acknowledge: ")).expect("a link");
        line.strip_prefix("https://bridgewatch.test").expect("our address").to_owned()
    }
}

/// The id of an answer.
pub fn id(value: &Value) -> String {
    value["id"].as_str().expect("an id").to_owned()
}
