import { expect, type Page, test } from '@playwright/test';
import { audit, auditBoth, complaints, fits, settled, signIn } from '../lib/audit.ts';
import { Server } from '../lib/server.ts';

/** Every screen of the demo company: it opens by its address, complains about nothing, passes axe, fits a phone. */

const ADMIN = { email: 'amara.okafor@nordhaven.example', password: 'nordhaven-at-night' };
const AGENT = { email: 'jonas.berg@nordhaven.example', password: ADMIN.password };
const CUSTOMER = { email: 'ingrid.solberg@nordhaven.example', password: ADMIN.password };

let server: Server;
let inside: string[];
let outside: string[];

test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await Server.start({ demo: true });
  [inside, outside] = await addresses();
});

test.afterAll(() => server?.stop());

/** The screens, with a record of the demo where one is needed: those of the console, and those before sign-in. */
async function addresses(): Promise<[string[], string[]]> {
  const api = server.api(ADMIN.email);
  const first = async (path: string, query = '') =>
    (await api.get<{ items: { id: string; key: string }[] }>(`/${path}?limit=1&${query}`)).items[0];
  const [ticket, open, closed, schedule, policy, service, integration, person, team, project] = await Promise.all([
    first('tickets', 'kind=incident'),
    first('alerts', 'status=open&priority=P1'),
    first('alerts', 'status=closed'),
    first('schedules'),
    first('escalation-policies'),
    first('services'),
    first('integrations'),
    first('people'),
    first('teams'),
    first('projects'),
  ]);
  await api.post('/people/invitations', { email: 'kari.nes@nordhaven.example', name: 'Kari Nes', role: 'agent' });
  await fetch(`${server.url}/api/v1/password-resets`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: AGENT.email }),
  });
  return [
    [
      '/home',
      '/tickets',
      '/tickets?text=nothing+has+these+words',
      '/tickets/new',
      `/tickets/${ticket?.key}`,
      `/tickets/${ticket?.key}?tab=history`,
      '/alerts',
      '/alerts?status=all',
      '/alerts?create=alert',
      `/alerts/${open?.id}`,
      `/alerts/${closed?.id}`,
      '/oncall',
      '/oncall?create=true',
      '/oncall?tab=policies',
      '/oncall?tab=policies&create=true',
      `/oncall/${schedule?.id}`,
      `/oncall/policies/${policy?.id}`,
      '/services',
      '/services?create=true',
      '/services/rules',
      '/services/incidents',
      `/services/${service?.id}`,
      `/services/${service?.id}?edit=true`,
      '/integrations',
      '/integrations?create=true',
      `/integrations/${integration?.id}`,
      '/admin/people',
      `/admin/people?person=${person?.id}`,
      '/admin/people?invite=true',
      '/admin/teams',
      `/admin/teams?team=${team?.id}`,
      '/admin/teams?create=true',
      '/admin/projects',
      `/admin/projects?project=${project?.id}`,
      '/admin/projects?create=true',
      '/admin/jobs',
      '/admin/jobs?state=pending',
      '/me',
      '/me?tab=notifications',
      '/me?tab=security',
      '/me?tab=tokens',
      '/nowhere',
    ],
    [
      '/sign-in',
      '/forgot',
      '/setup',
      new URL(await server.mailed(/(http\S+\/invite\/\S+)/)).pathname,
      new URL(await server.mailed(/(http\S+\/reset\/\S+)/)).pathname,
    ],
  ];
}

async function open(page: Page, address: string): Promise<void> {
  await page.goto(server.url + address);
  await settled(page);
  await expect.soft(page.getByText(/could not load|something went wrong/i), `${address} shows an error`).toHaveCount(0);
  expect.soft(await page.title(), `${address} has a title`).toMatch(/. - Bridgewatch$/);
}

/** In light, in dark, and as narrow as a phone. */
async function visit(page: Page, address: string): Promise<void> {
  await open(page, address);
  await auditBoth(page, address);
  await page.setViewportSize({ width: 390, height: 844 });
  await fits(page, address);
  await page.setViewportSize({ width: 1440, height: 900 });
}

test('every screen, in light and dark, wide and narrow', async ({ page }) => {
  test.setTimeout(600_000);
  for (const address of outside) await visit(page, address);
  await page.goto(`${server.url}/sign-in`);
  await signIn(page, ADMIN);
  const problems = complaints(page);
  for (const address of inside) await visit(page, address);
  expect(problems, 'what the browser complained about').toEqual([]);
});

test('a customer sees their own work, and is told what they may not see', async ({ page }) => {
  await page.goto(`${server.url}/sign-in`);
  await signIn(page, CUSTOMER);
  const problems = complaints(page);
  await settled(page);
  await audit(page, 'home of a customer');
  await expect(page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link')).toHaveText([
    /Bridgewatch/,
    /Home/,
    /Tickets/,
  ]);
  await page.getByRole('link', { name: 'All tickets' }).click();
  await page.getByRole('button', { name: /New ticket/ }).click();
  await settled(page);
  await audit(page, 'a new request');
  await page.getByRole('textbox', { name: 'Summary' }).fill('A lamp for the desk by the window');
  await page.getByRole('button', { name: /Create the request/ }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('A lamp for the desk by the window');
  await settled(page);
  await audit(page, 'a request, as the customer sees it');
  expect(problems, 'what the browser complained about').toEqual([]);
  for (const address of ['/alerts', '/services', '/admin/people', '/admin/jobs', '/oncall', '/integrations']) {
    await page.goto(server.url + address);
    await expect(page.getByRole('heading', { name: /^You may not see/ })).toBeVisible();
    await audit(page, `${address} without permission`);
  }
});

test('a link into the console leads there after sign-in', async ({ page }) => {
  await page.goto(`${server.url}/alerts?status=closed`);
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('Mail address').fill(AGENT.email);
  await page.getByRole('textbox', { name: 'Password' }).fill(AGENT.password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/alerts\?status=closed$/);
  await expect(page.getByRole('table', { name: 'Alerts' })).toBeVisible();
});

test('two people edit a service: the second sees both versions and loses nothing', async ({ browser }) => {
  const api = server.api(ADMIN.email);
  const service = await api.post<{ id: string; version: number }>('/services', { name: 'Gift cards', tier: 3 });
  const page = await browser.newPage();
  await page.goto(`${server.url}/sign-in`);
  await signIn(page, ADMIN);
  await page.goto(`${server.url}/services/${service.id}?edit=true`);
  const form = page.getByRole('dialog');
  await form.getByLabel('What it does').fill('Sells and redeems gift cards');
  await api.call('PATCH', `/services/${service.id}`, { description: 'Vouchers', tier: 2 });
  const conflict = form.getByRole('alert');
  await expect(conflict).toContainText('Somebody else changed the service');
  await expect(conflict).toContainText('Vouchers');
  await expect(conflict).toContainText('Sells and redeems gift cards');
  await expect(form.getByRole('button', { name: 'Save' })).toBeDisabled();
  await audit(page, 'a conflict');
  await form.getByRole('button', { name: 'Go on with these' }).click();
  await expect(form.getByLabel('What it does')).toHaveValue('Sells and redeems gift cards');
  await form.getByRole('button', { name: 'Save' }).click();
  await expect(form).toHaveCount(0);
  const saved = await api.get<{ description: string; tier: number }>(`/services/${service.id}`);
  expect(saved).toMatchObject({ description: 'Sells and redeems gift cards', tier: 2 });
  await page.close();
});
