import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { Sla } from '../../api/types.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';

const yes = (name: string) => ({ name, allowed: true });
const SLA: Sla = {
  key: 'resolution',
  version: 3,
  name: 'Time to resolution',
  projects: [],
  definition: {
    name: 'Time to resolution',
    agreement: { kind: 'service_level' },
    start: [{ event: 'created' }],
    pause: [{ state: 'category', category: 'waiting' }],
    stop: [{ event: 'resolution_set' }],
    on_reopen: 'continue',
    goals: [
      { key: 'p1', query: 'priority = P1', target_min: 240, counts_from: 'cycle_start' },
      { key: 'rest', query: '', target_min: 480, calendar: 'office', counts_from: 'cycle_start' },
    ],
    thresholds: [{ kind: 'percent', percent: 75 }],
  },
  recompute: { pending: 3, total: 12 },
  actions: [yes('edit'), yes('delete')],
};
const ACTOR = { kind: 'person' as const, name: 'Amara Okafor' };

type Put = { body: { definition: Sla['definition']; projects: string[] }; match: string | null };

function answers(stored: Sla, put: (sent: Put) => Response) {
  const state = { sla: stored };
  const sent: Put[] = [];
  server.use(
    http.get('*/api/v1/slas', () => HttpResponse.json({ items: [state.sla] })),
    http.get('*/api/v1/slas/resolution', () => HttpResponse.json(state.sla)),
    http.put('*/api/v1/slas/:key', async ({ request }) => {
      const one = { body: (await request.json()) as Put['body'], match: request.headers.get('If-Match') };
      sent.push(one);
      return put(one);
    }),
    http.get('*/api/v1/calendars', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/queues', () =>
      HttpResponse.json({ items: [{ id: 'q1', name: 'Late', query: '"time to resolution" = breached()' }] }),
    ),
    http.get('*/api/v1/documents/workflow/default', () =>
      HttpResponse.json({ body: { statuses: [{ key: 'open', name: 'Open' }] } }),
    ),
    http.get('*/api/v1/documents/sla/resolution/versions', () =>
      HttpResponse.json({
        items: [3, 2].map((version) => ({ version, schema: 1, at: '2026-05-21T00:00:00Z', actor: ACTOR })),
      }),
    ),
    http.get('*/api/v1/documents/sla/resolution/versions/:version', ({ params }) =>
      HttpResponse.json({
        kind: 'sla',
        key: 'resolution',
        version: Number(params.version),
        schema: 1,
        at: '2026-05-21T00:00:00Z',
        actor: ACTOR,
        body: { projects: [], definition: { ...SLA.definition, name: params.version === '2' ? 'Fix time' : SLA.name } },
      }),
    ),
    http.post('*/api/v1/tickets/query/check', async ({ request }) =>
      HttpResponse.json({ canonical: ((await request.json()) as { query: string }).query, problems: [] }),
    ),
    http.post('*/api/v1/tickets/query/complete', () => HttpResponse.json({ from: 0, to: 0, items: [] })),
    http.get('*/api/v1/:choices', () => HttpResponse.json({ items: [] })),
  );
  return { state, sent };
}
const session = sessionOf(['tickets:read', 'slas:manage'], { role: 'admin' });

test('a goal is changed on the version that was read, and the rest goes back as it came', async () => {
  const { sent } = answers(SLA, () => HttpResponse.json({ ...SLA, version: 4 }));
  renderApp('/admin/slas/resolution', session);
  const goal = await screen.findByRole('group', { name: 'Goal 1' });
  const target = within(goal).getByRole('textbox', { name: /Target/ });
  await userEvent.clear(target);
  await userEvent.type(target, '1h 30m');
  await userEvent.type(within(goal).getByRole('combobox', { name: /Which tickets/ }), '5');
  await userEvent.click(screen.getByRole('button', { name: 'Try rest earlier' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent).toHaveLength(1));
  const [p1, rest] = SLA.definition.goals;
  expect(sent[0]).toEqual({
    match: '"3"',
    body: {
      projects: [],
      definition: {
        ...SLA.definition,
        goals: [rest, { ...p1, target_min: 90, query: 'priority = P15' }],
      },
    },
  });
});

test('what the server refuses stands at its field, and what has no field is said below', async () => {
  answers(SLA, () =>
    HttpResponse.json(
      {
        detail: 'No.',
        errors: [
          { field: 'definition.goals[1].query', message: 'at character 1: there is no field prio' },
          { field: 'definition.pause', message: 'The clock would never run.' },
          { field: 'key', message: 'A key has 1 to 60 characters.' },
        ],
      },
      { status: 422 },
    ),
  );
  renderApp('/admin/slas/resolution', session);
  await userEvent.click(await screen.findByRole('button', { name: 'Save' }));
  const goal = await screen.findByRole('group', { name: 'Goal 2' });
  await within(goal).findByText(/there is no field prio/);
  expect(within(screen.getByRole('group', { name: 'Pause' })).getByText('The clock would never run.')).toBeTruthy();
  expect(screen.getByText(/key: A key has 1 to 60 characters/)).toBeTruthy();
  // The places move with the goals, so the marks go.
  await userEvent.click(screen.getByRole('button', { name: 'Remove p1' }));
  expect(screen.queryByText(/there is no field prio/)).toBeNull();
});

test('two people who changed the same part see both, and nothing is lost', async () => {
  const { state, sent } = answers(SLA, ({ match }) => {
    if (match === '"4"') return HttpResponse.json({ ...state.sla, version: 5 });
    state.sla = { ...SLA, version: 4, definition: { ...SLA.definition, name: 'Fix time' } };
    return HttpResponse.json({ code: 'version_conflict', detail: 'It is at version 4.' }, { status: 412 });
  });
  renderApp('/admin/slas/resolution', session);
  const name = await screen.findByRole('textbox', { name: /Name/ });
  await userEvent.type(name, ' of tickets');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await screen.findByText(/Somebody else changed the service level/);
  await userEvent.click(screen.getByRole('button', { name: 'Go on with these' }));
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]?.match).toBe('"4"');
  expect(sent[1]?.body.definition.name).toBe('Time to resolution of tickets');
});

test('how far its clocks are, who asks for it, and an old version that comes back', async () => {
  answers(SLA, () => HttpResponse.json(SLA));
  let restored = false;
  server.use(
    http.post('*/api/v1/documents/sla/resolution/versions/2/restore', () => {
      restored = true;
      return HttpResponse.json({});
    }),
  );
  renderApp('/admin/slas/resolution', session);
  const bar = await screen.findByRole('progressbar', { name: 'Clocks worked out anew' });
  expect(bar.getAttribute('aria-valuenow')).toBe('9');
  expect((await screen.findByRole('link', { name: 'Late' })).getAttribute('href')).toBe('/tickets?queue=q1');
  await userEvent.click(await screen.findByText(/^Version 2/));
  await screen.findByText(/Definition\.name/);
  await userEvent.click(await screen.findByRole('button', { name: 'Restore this version' }));
  await waitFor(() => expect(restored).toBe(true));
});

test('a new one begins with what most have, and does not overwrite one of the same name', async () => {
  const { sent } = answers(SLA, () =>
    HttpResponse.json({ code: 'version_conflict', detail: 'It exists.' }, { status: 412 }),
  );
  renderApp('/admin/slas?create=true', session);
  await userEvent.type(await screen.findByRole('textbox', { name: /Name/ }), 'Resolution');
  await userEvent.click(screen.getByRole('button', { name: 'Create the service level' }));
  await screen.findByText(/There is a service level of this name/);
  expect(sent[0]?.match).toBe('"0"');
  expect(sent[0]?.body.definition).toMatchObject({
    start: [{ event: 'created' }],
    goals: [{ query: '', target_min: 480 }],
  });
});

test('without the permission everything is shown and nothing can be changed', async () => {
  const no = (name: string) => ({ name, allowed: false, reason: 'This needs the permission slas:manage.' });
  answers({ ...SLA, actions: [no('edit'), no('delete')] }, () => HttpResponse.json(SLA));
  renderApp('/admin/slas/resolution', sessionOf(['tickets:read']));
  await screen.findByText('This needs the permission slas:manage.', { selector: '.t3' });
  expect(screen.getByRole('button', { name: 'Save' }).hasAttribute('disabled')).toBe(true);
  expect(screen.getByRole('textbox', { name: /Name/ }).hasAttribute('disabled')).toBe(true);
});
