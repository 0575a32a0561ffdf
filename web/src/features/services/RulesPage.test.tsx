import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
import { readLabels } from './RulesPage.tsx';

const rule = (id: string, value: string) => ({
  id,
  name: `Rule ${id}`,
  service: { id: `s-${id}`, name: `Service ${id}` },
  conditions: [{ label: 'service', op: 'equals', value }],
});

test('labels are read line by line', () => {
  expect(readLabels('service=payments-api\nseverity="critical"')).toEqual({
    labels: { service: 'payments-api', severity: 'critical' },
  });
  expect(readLabels('oops').wrong).toContain('oops');
});

test('moving a rule and saving sends the new order with the version it was made on', async () => {
  let body: { rules: { id: string }[] } | undefined;
  let match: string | null = null;
  server.use(
    http.get('*/api/v1/service-rules', () =>
      HttpResponse.json({ version: 4, rules: [rule('a', 'x'), rule('b', 'y')] }),
    ),
    http.get('*/api/v1/services', () => HttpResponse.json({ items: [] })),
    http.put('*/api/v1/service-rules', async ({ request }) => {
      body = (await request.json()) as typeof body;
      match = request.headers.get('If-Match');
      return HttpResponse.json({ version: 5, rules: [rule('b', 'y'), rule('a', 'x')] });
    }),
  );
  renderApp('/services/rules', sessionOf(['services:read', 'services:manage']));
  await userEvent.click(await screen.findByRole('button', { name: 'Move rule 2 up' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(body?.rules.map(({ id }) => id)).toEqual(['b', 'a']));
  expect(match).toBe('"4"');
});
