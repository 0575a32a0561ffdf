import { expect, type Page, test } from '@playwright/test';
import { audit, complaints, settled, signIn } from '../lib/audit.ts';
import { type Api, Server } from '../lib/server.ts';

/**
 * The story in the browser: the first administrator sets the server up, a monitor fires, the alert arrives live and
 * pages, is acknowledged, has opened an incident, in which the agent comments and sees the alert's count rise; the
 * monitor resolves, the agent resolves, and the home page knows how long it all took.
 */

const ADMIN = { name: 'Mara Osei', email: 'mara.osei@nordhaven.example', password: 'a-lamp-at-the-bow-of-the-ship' };
const SUMMARY = 'Checkout answers 5xx';

let server: Server;

test.beforeAll(async () => {
  server = await Server.start();
});

test.afterAll(() => server?.stop());

async function setUp(page: Page): Promise<void> {
  await page.goto(await server.printed(/(https?:\/\/\S*\/setup\?token=[\w-]+)/));
  await settled(page);
  await audit(page, 'set-up');
  await page.getByLabel('Your name').fill(ADMIN.name);
  await page.getByLabel('Mail address').fill(ADMIN.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(ADMIN.password);
  await page.getByRole('button', { name: 'Create the administrator' }).click();
  await expect(page).toHaveURL(/\/home$/);
}

/** A tier 1 service whose alerts page the administrator and open an incident, and a monitor; gives its key. */
async function company(api: Api): Promise<string> {
  const [me] = (await api.get<{ items: { id: string }[] }>('/people?limit=1')).items;
  const policy = await api.post<{ id: string }>('/escalation-policies', {
    name: 'Checkout 24x7',
    steps: [
      { delay_min: 0, condition: 'if_not_acked', notify: { kind: 'person', id: me?.id } },
      { delay_min: 5, condition: 'if_not_acked', notify: { kind: 'person', id: me?.id } },
    ],
  });
  const service = await api.post<{ id: string }>('/services', {
    name: 'Checkout',
    tier: 1,
    escalation_policy_id: policy.id,
  });
  const projects = await api.get<{ items: unknown[] }>('/projects');
  if (projects.items.length === 0) await api.post('/projects', { key: 'INC', name: 'Incidents' });
  const conditions = [{ label: 'service', op: 'equals', value: 'checkout' }];
  await api.put('/service-rules', { rules: [{ name: 'By label', service_id: service.id, conditions }] });
  return (await api.post<{ key: string }>('/integrations', { kind: 'alertmanager', name: 'Prometheus' })).key;
}

/** What Alertmanager sends, in version 4 of its webhook, for one alert. */
async function send(key: string, status: 'firing' | 'resolved'): Promise<void> {
  const labels = { alertname: 'CheckoutErrors', service: 'checkout', severity: 'critical' };
  const annotations = { summary: SUMMARY };
  const response = await fetch(`${server.url}/in/v1/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({
      version: '4',
      groupKey: '{}:{alertname="CheckoutErrors"}',
      truncatedAlerts: 0,
      status,
      receiver: 'bridgewatch',
      groupLabels: { alertname: 'CheckoutErrors' },
      commonLabels: labels,
      commonAnnotations: annotations,
      externalURL: 'http://127.0.0.1:9093',
      alerts: [
        {
          status,
          labels,
          annotations,
          startsAt: '2026-03-02T09:00:00Z',
          endsAt: status === 'resolved' ? '2026-03-02T09:30:00Z' : '0001-01-01T00:00:00Z',
          generatorURL: 'http://127.0.0.1/graph',
          fingerprint: 'c0ffee0123456789',
        },
      ],
    }),
  });
  expect(response.status, await response.text()).toBe(202);
}

test('an alert becomes a page, an acknowledgement and an incident that an agent resolves', async ({ page }) => {
  const problems = complaints(page);
  await setUp(page);

  await test.step('sign out and in again', async () => {
    problems.length = 0;
    await page.getByRole('button', { name: /profile, theme, sign out/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/sign-in$/);
    await audit(page, 'sign-in');
    await signIn(page, ADMIN);
  });

  const api = server.api(ADMIN.email);
  const key = await company(api);

  await test.step('the alert arrives on the open list by itself', async () => {
    await page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link', { name: 'Alerts' }).click();
    await expect(page.getByRole('heading', { name: 'All quiet' })).toBeVisible();
    await audit(page, 'alerts, none');
    await send(key, 'firing');
    await expect(page.getByRole('link', { name: SUMMARY })).toBeVisible();
    await audit(page, 'alerts, one');
  });

  await test.step('it says who is paged, why, and what comes next', async () => {
    await page.getByRole('link', { name: SUMMARY }).click();
    await expect(page.getByRole('region', { name: 'You are being paged' })).toContainText('Step 2');
    const trail = page.getByRole('region', { name: 'Who was notified, and why' });
    await expect(trail.getByText(/^Mail sent/)).toBeVisible();
    await expect(trail).toContainText('Opened an incident');
    await settled(page);
    await audit(page, 'the alert, paging');
    const link = await server.mailed(/Acknowledge: (http\S+\/ack\/\S+)/);
    const other = await page.context().newPage();
    await other.goto(link);
    await expect(other.getByRole('heading', { level: 1 })).toContainText(SUMMARY);
    await audit(other, 'the signed link');
    await other.close();
    // A mail scanner that follows the link changes nothing.
    await expect(page.getByRole('region', { name: 'You are being paged' })).toBeVisible();
  });

  await test.step('the count rises on the open page, a key acknowledges', async () => {
    const signal = page.getByRole('region', { name: 'Signal' });
    await expect(signal).toContainText('1event');
    await send(key, 'firing');
    await send(key, 'firing');
    await expect(signal).toContainText('3events, one alert');
    await page.keyboard.press('a');
    await expect(page.getByRole('region', { name: 'Acknowledged' })).toContainText('You acknowledged it');
    await settled(page);
    await audit(page, 'the alert, acknowledged');
  });

  await test.step('in its incident the agent comments and sees the count rise', async () => {
    await page.getByRole('link', { name: /^[A-Z]+-1$/ }).first().click();
    // The alert bears the same heading and takes notes by the same key: wait for what only the incident has.
    await expect(page.getByRole('form', { name: 'Comment' })).toBeVisible();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(SUMMARY);
    await settled(page);
    await page.keyboard.press('n');
    await expect(page.getByRole('textbox', { name: 'Internal note' })).toBeFocused();
    await page.keyboard.type('Rolling back the last release.');
    await page.keyboard.press('Control+Enter');
    await expect(page.getByRole('article').filter({ hasText: 'Rolling back the last release.' })).toBeVisible();
    const context = page.getByRole('complementary', { name: 'Context' });
    await expect(context).toContainText('3 events');
    await send(key, 'firing');
    await expect(context).toContainText('4 events');
    await audit(page, 'the incident');
  });

  await test.step('the monitor resolves, the agent resolves', async () => {
    await send(key, 'resolved');
    await expect(page.getByRole('complementary', { name: 'Context' })).toContainText('closed');
    await page.getByRole('button', { name: 'Status: Open' }).click();
    await page.getByRole('menuitem', { name: 'Start', exact: true }).click();
    await page.getByRole('button', { name: 'Status: In progress' }).click();
    await page.getByRole('menuitem', { name: 'Resolve' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resolve' });
    await dialog.getByLabel('Comment').fill('The release is rolled back.');
    await settled(page);
    await audit(page, 'the incident, resolving');
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await expect(page.getByRole('button', { name: 'Status: Resolved' })).toBeVisible();
  });

  await test.step('the home page knows how long it took', async () => {
    await page.getByRole('link', { name: 'Home', exact: true }).first().click();
    for (const name of ['Time to acknowledge', 'Time to resolve']) {
      await expect(page.getByRole('region', { name })).toContainText(/\d+ s\s*mean|\d+ min/);
    }
    await expect(page.getByRole('region', { name: 'Time to acknowledge' })).toContainText('1 acknowledged, 1 raised');
    await expect(page.getByRole('region', { name: 'Time to resolve' })).toContainText('1 resolved, 1 opened');
    await settled(page);
    await audit(page, 'home');
  });

  expect(problems, 'what the browser complained about').toEqual([]);
});
