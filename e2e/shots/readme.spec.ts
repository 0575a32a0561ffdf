import { join, resolve } from 'node:path';
import { test } from '@playwright/test';
import { settled, signIn } from '../lib/audit.ts';
import { ADMIN } from '../lib/demo.ts';
import { Server } from '../lib/server.ts';

const folder = resolve(import.meta.dirname, '../../docs/img');

test('pictures of the demo company', async ({ page }) => {
  const server = await Server.start({ demo: true });
  try {
    const api = server.api(ADMIN.email);
    const first = async (path: string) => (await api.get<{ items: { id: string }[] }>(path)).items[0]?.id;
    const me = await first(`/people?query=${encodeURIComponent(ADMIN.email)}`);
    for (const { id } of (await api.get<{ items: { id: string }[] }>('/tickets?kind=incident&status_category=open')).items) {
      await api.call('PATCH', `/tickets/${id}`, { assignee_id: me });
    }
    await page.goto(`${server.url}/sign-in`);
    await signIn(page, ADMIN);
    await settled(page);
    await page.getByRole('button', { name: 'Put it away' }).click();
    await page.getByRole('heading', { name: 'Time to resolve' }).waitFor();
    await settled(page);
    await page.screenshot({ path: join(folder, 'home.png') });
    await page.goto(`${server.url}/alerts/${await first('/alerts?status=open&priority=P1&limit=1')}`);
    await settled(page);
    await page.screenshot({ path: join(folder, 'alert.png') });
  } finally {
    server.stop();
  }
});
