import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
import { auditWords } from './queries.ts';

test('the list says who changed what, and filters by what the address says', async () => {
  const asked: URLSearchParams[] = [];
  server.use(
    http.get('*/api/v1/audit', ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({
        items: [
          {
            id: 'e1',
            at: '2026-05-21T00:00:00Z',
            kind: 'TicketEdited',
            actor: { kind: 'person', id: 'p1', name: 'Ana Lindqvist' },
            origin: 'web',
            record: { kind: 'ticket', id: 't1', key: 'INC-7', title: 'Card payments failing' },
            record_version: 3,
            changes: [{ field: 'urgency', before: 'low', after: 'high' }],
            data: {},
          },
        ],
      });
    }),
    http.get('*/api/v1/people', () => HttpResponse.json({ items: [] })),
  );
  renderApp('/admin/audit?record_kind=ticket', sessionOf(['audit:read']));
  const list = await screen.findByRole('region', { name: 'Changes' });
  expect((await within(list).findByRole('link', { name: 'INC-7' })).getAttribute('href')).toBe('/tickets/INC-7');
  expect(within(list).getByText('Ana Lindqvist')).toBeTruthy();
  expect(within(list).getByText(/Urgency/).textContent).toMatch(/low.*high/);
  expect(asked[0]?.get('record_kind')).toBe('ticket');
  const file = screen.getByRole('link', { name: 'CSV' });
  expect(file.getAttribute('href')).toBe('/api/v1/audit/export?record_kind=ticket&format=csv');
});

test('a day is its hours in the browser, and the last day counts whole', () => {
  const words = auditWords({ from: '2026-05-21', to: '2026-05-21' });
  expect(Date.parse(words.to as string) - Date.parse(words.from as string)).toBe(24 * 3600 * 1000);
});

test('what a person may do is asked and answered with its grounds', async () => {
  const person = {
    id: 'p1',
    name: 'Ana Lindqvist',
    email: 'ana@nordhaven.example',
    role: 'agent',
    active: true,
    invited: false,
    time_zone: 'UTC',
    teams: [],
    totp_enabled: false,
    version: 1,
    actions: [],
  };
  server.use(
    http.get('*/api/v1/people', () => HttpResponse.json({ items: [person] })),
    http.get('*/api/v1/people/p1', () => HttpResponse.json(person)),
    http.get('*/api/v1/people/p1/access', ({ request }) => {
      expect(new URL(request.url).searchParams.get('permission')).toBe('tickets:write');
      return HttpResponse.json({
        allowed: false,
        because: [
          { holds: true, text: 'Ana Lindqvist is an agent; agents have the permission tickets:write.' },
          { holds: false, text: 'SEC-1: You are a viewer in this project.' },
        ],
      });
    }),
  );
  renderApp('/admin/people?person=p1', sessionOf(['people:read', 'audit:read', 'tickets:write'], { role: 'admin' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Ask' }));
  expect(await screen.findByText('No.')).toBeTruthy();
  expect(screen.getByText('SEC-1: You are a viewer in this project.')).toBeTruthy();
});
