import { expect, test } from '@playwright/test';
import { audit, auditBoth, complaints, settled, signIn } from '../lib/audit.ts';
import { ADMIN, AGENT, CUSTOMER } from '../lib/demo.ts';
import { Server } from '../lib/server.ts';

/** What people do in the console of the demo company, besides reading its screens. */

let server: Server;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  server = await Server.start({ demo: true });
});

test.afterAll(() => server?.stop());

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

test('the console works from the keyboard alone', async ({ page }) => {
  await page.goto(`${server.url}/sign-in`);
  await expect(page.getByLabel('Mail address')).toBeFocused();
  await page.keyboard.type(AGENT.email);
  await page.keyboard.press('Tab');
  await page.keyboard.type(AGENT.password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/home$/);
  await settled(page);
  await page.reload();
  await settled(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();

  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await expect(page).toHaveURL(/\/alerts$/);
  const rows = page.getByRole('table', { name: 'Alerts' }).locator('tbody tr[data-row]');
  await expect(rows.first()).toBeVisible();
  await page.keyboard.press('j');
  await expect(rows.first()).toBeFocused();
  await page.keyboard.press('x');
  await expect(page.getByRole('toolbar', { name: 'Selected alerts' })).toContainText('1 selected');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/alerts\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('region', { name: 'Who was notified, and why' })).toBeVisible();
  await page.keyboard.press('z');
  await expect(page.getByRole('menu')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await expect(page, 'Escape closes the menu only').toHaveURL(/\/alerts\/[0-9a-f-]{36}$/);

  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Acknowledge');
  await auditBoth(page, 'keyboard shortcuts');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(page, 'Escape closes the dialog only').toHaveURL(/\/alerts\/[0-9a-f-]{36}$/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('services');
  await expect(page.getByRole('dialog').getByLabel('Search or jump to')).toHaveValue('services');
  await auditBoth(page, 'the command palette');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/services$/);

  await page.goto(`${server.url}/tickets/new`);
  await settled(page);
  await page.getByRole('textbox', { name: 'Summary' }).focus();
  await page.keyboard.type('Written without a mouse');
  await page.keyboard.press('Control+Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Written without a mouse');
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
