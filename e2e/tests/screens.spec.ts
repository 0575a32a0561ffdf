import { expect, type Page, test } from '@playwright/test';
import { auditBoth, complaints, fits, settled, signIn } from '../lib/audit.ts';
import { ADMIN, AGENT } from '../lib/demo.ts';
import { Server } from '../lib/server.ts';

/** Every screen of the demo company: it opens by its address, complains about nothing, passes axe, fits a phone. */

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
  const [ticket, open, closed, schedule, policy, service, integration, person, team, project, queue, calendar, sla, alertQueue] = await Promise.all([
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
    first('queues'),
    first('calendars'),
    first('slas'),
    first('queues', 'over=alerts'),
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
      '/reports',
      '/reports?drill=ended',
      '/reports?drill=resolved&days=30',
      '/tickets',
      '/tickets?text=nothing+has+these+words',
      '/tickets?query=priority+%3D+P1+ORDER+BY+created+DESC',
      `/tickets?queue=${queue?.id}`,
      '/tickets/new',
      `/tickets/${ticket?.key}`,
      `/tickets/${ticket?.key}?tab=history`,
      `/tickets/${ticket?.key}?tab=clocks`,
      '/alerts',
      '/alerts?status=all',
      '/alerts?query=priority+%3D+P1+ORDER+BY+created+DESC',
      `/alerts?queue=${alertQueue?.id}`,
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
      '/admin/audit',
      '/admin/calendars',
      `/admin/calendars?calendar=${calendar?.key}`,
      '/admin/calendars?create=true',
      '/admin/slas',
      `/admin/slas/${sla?.key}`,
      '/admin/slas?create=true',
      '/admin/fields',
      '/admin/fields?create=true',
      '/admin/setup',
      '/admin/jobs',
      '/admin/jobs?state=pending',
      '/me',
      '/me?tab=notifications',
      '/me?tab=security',
      '/me?tab=tokens',
      '/me/notifications',
      '/me/notifications?view=all',
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
