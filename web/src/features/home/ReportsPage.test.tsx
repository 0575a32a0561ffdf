import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
// The screen is a lazy chunk with the charts; here it is there from the start.
import './ReportsPage.tsx';
import { lastDays, readReportsSearch, spanOf, ticketQuery } from './drill.ts';

function answers() {
  const asked: Record<string, URLSearchParams[]> = {};
  const note = (name: string, request: Request) => {
    asked[name] = [...(asked[name] ?? []), new URL(request.url).searchParams];
  };
  server.use(
    http.get('*/api/v1/reports/slas', ({ request }) => {
      note('slas', request);
      return HttpResponse.json({
        slas: [
          { key: 'resolution', name: 'Time to resolution', met: 3, breached: 1, met_percent: 75, mean_elapsed_s: 3600 },
        ],
        series: [{ at: '2026-05-21T00:00:00Z', met: 3, breached: 1 }],
      });
    }),
    http.get('*/api/v1/reports/slas/tickets', ({ request }) => {
      note('cycles', request);
      return HttpResponse.json({
        items: [
          {
            id: 't1',
            key: 'INC-7',
            summary: 'Card payments failing',
            sla: 'resolution',
            cycle: 2,
            ended_at: '2026-05-21T10:00:00Z',
            elapsed_s: 4500,
            target_s: 3600,
            remaining_s: -900,
          },
        ],
      });
    }),
    http.get('*/api/v1/reports/alerts', () =>
      HttpResponse.json({
        acknowledged: 2,
        created: 3,
        mtta_s: 90,
        series: [{ at: '2026-05-21T00:00:00Z', acknowledged: 2, created: 3, mtta_s: 90 }],
      }),
    ),
    http.get('*/api/v1/reports/alerts/records', ({ request }) => {
      note('alerts', request);
      const second = new URL(request.url).searchParams.get('cursor');
      const one = (id: string, title: string) => ({ id, title, opened_at: '2026-05-21T10:00:00Z', seconds: 90 });
      return HttpResponse.json(
        second ? { items: [one('a2', 'Disk full')] } : { items: [one('a1', 'Tills offline')], next: 'more' },
      );
    }),
    http.get('*/api/v1/reports/tickets', () =>
      HttpResponse.json({
        resolved: 1,
        opened: 0,
        mttr_s: 7200,
        series: [{ at: '2026-05-21T00:00:00Z', resolved: 1, opened: 0, mttr_s: 7200 }],
      }),
    ),
    http.get('*/api/v1/tickets', ({ request }) => {
      note('tickets', request);
      return HttpResponse.json({
        items: [
          {
            id: 't2',
            key: 'REQ-4',
            summary: 'New laptop',
            status: { key: 'resolved', name: 'Resolved', category: 'done' },
            created_at: '2026-05-21T08:00:00Z',
            resolved_at: '2026-05-21T10:00:00Z',
          },
        ],
      });
    }),
    http.get('*/api/v1/slas', () => HttpResponse.json({ items: [{ key: 'resolution', name: 'Time to resolution' }] })),
    http.get('*/api/v1/:choices', () => HttpResponse.json({ items: [] })),
  );
  return asked;
}
const session = sessionOf(['reports:read', 'tickets:read', 'alerts:read']);

test('a number of a service level leads to its tickets, with the filters of the address', async () => {
  const asked = answers();
  const { router } = renderApp('/reports?days=30&project=p1', session);
  await userEvent.click(await screen.findByRole('link', { name: '1 breached, Time to resolution' }));
  expect(router.state.location.search).toEqual({ days: 30, project: 'p1', drill: 'breached', of: 'resolution' });
  const panel = await screen.findByRole('dialog', { name: 'Time to resolution: breached in the last 30 days' });
  const link = await within(panel).findByRole('link', { name: /INC-7/ });
  expect(link.getAttribute('href')).toBe('/tickets/INC-7?tab=clocks');
  expect(panel.textContent).toContain('15 min over');
  expect(Object.fromEntries(asked.cycles?.[0] ?? [])).toMatchObject({
    project: 'p1',
    sla: 'resolution',
    outcome: 'breached',
  });
  expect(Object.fromEntries(asked.slas?.[0] ?? [])).toMatchObject({ project: 'p1', bucket: 'day' });
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(router.state.location.search).toEqual({ days: 30, project: 'p1' }));
});

test('each cell of the table of a chart leads to the alerts of its day, page by page', async () => {
  const asked = answers();
  renderApp('/reports', session);
  const table = await screen.findByRole('table', { name: 'Time to acknowledge by day', hidden: true });
  const cell = within(table).getByRole('link', { name: '2 alerts acknowledged on 21 May', hidden: true });
  await userEvent.click(cell);
  const panel = await screen.findByRole('dialog', { name: 'Alerts acknowledged on 21 May 2026' });
  await within(panel).findByRole('link', { name: 'Tills offline' });
  await userEvent.click(within(panel).getByRole('button', { name: 'Show more' }));
  expect((await within(panel).findByRole('link', { name: 'Disk full' })).getAttribute('href')).toBe('/alerts/a2');
  expect(Object.fromEntries(asked.alerts?.[0] ?? [])).toMatchObject({
    measure: 'mtta',
    from: '2026-05-21T00:00:00.000Z',
    to: '2026-05-22T00:00:00.000Z',
  });
});

test('a deep link opens the tickets behind a mean, and nought leads nowhere', async () => {
  const asked = answers();
  renderApp('/reports?drill=resolved&at=2026-05-21', session);
  const panel = await screen.findByRole('dialog', { name: 'Tickets resolved on 21 May 2026' });
  await within(panel).findByRole('link', { name: /REQ-4/ });
  expect(panel.textContent).toContain('2 h');
  const query = asked.tickets?.[0]?.get('query');
  expect(query).toBe('resolved >= 2026-05-21T00:00:00Z AND resolved < 2026-05-22T00:00:00Z ORDER BY resolved DESC');
  expect(screen.queryByRole('link', { name: /tickets opened/, hidden: true })).toBeNull();
});

test('without the permission nothing is asked for', async () => {
  renderApp('/reports?drill=resolved', sessionOf(['tickets:read']));
  await screen.findByText('You may not see reports');
});

test('days are whole ones of UTC, up to the end of today', () => {
  const now = Date.parse('2026-05-21T15:00:00Z');
  expect(lastDays(7, now)).toEqual({ from: '2026-05-15T00:00:00.000Z', to: '2026-05-22T00:00:00.000Z' });
  expect(spanOf({ at: '2026-02-28' })).toEqual({ from: '2026-02-28T00:00:00.000Z', to: '2026-03-01T00:00:00.000Z' });
  expect(ticketQuery('opened', spanOf({ at: '2026-02-28' }))).toContain('created < 2026-03-01T00:00:00Z');
});

test('an address says only what there is', () => {
  expect(readReportsSearch({ days: '90', drill: 'raised', at: '2026-05-21', of: 'x' })).toMatchObject({ days: 90 });
  expect(readReportsSearch({ days: 12, drill: 'all', at: '2026-13-45', project: 5 })).toEqual({
    days: undefined,
    project: undefined,
    sla: undefined,
    drill: undefined,
    at: undefined,
    of: undefined,
  });
});
