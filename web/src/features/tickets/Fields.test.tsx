import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test } from 'vitest';
import type { Field, FieldBody, Ticket } from '../../api/types.ts';
import { renderPart, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
import { columnNames, columnsOf } from './columns.tsx';
import { Fields } from './Fields.tsx';

const fieldOf = (key: string, part: Partial<FieldBody>): Field => ({
  key,
  version: 1,
  definition: {
    name: key,
    kind: 'text',
    projects: [],
    ticket_kinds: [],
    required: false,
    customers: 'hidden',
    ...part,
  },
  used: true,
  actions: [],
});
const FIELDS = [
  fieldOf('cost', { name: 'Cost centre', kind: 'number', number: { unit: 'EUR' } }),
  fieldOf('site', { name: 'Site', kind: 'url' }),
  fieldOf('elsewhere', { name: 'Elsewhere', projects: ['another'] }),
];
const TICKET = {
  id: 't1',
  key: 'INC-7',
  kind: 'incident',
  project: { id: 'p', key: 'INC', name: 'Incidents' },
  fields: [
    { key: 'cost', name: 'Cost centre', kind: 'number', value: 4711, text: '4711 EUR' },
    { key: 'site', name: 'Site', kind: 'url', value: 'javascript:alert(1)', text: 'javascript:alert(1)' },
  ],
  actions: [{ name: 'edit', allowed: true }],
} as unknown as Ticket;

test('a value is changed where it stands; what is refused stays typed, with the reason beside it', async () => {
  let refuse = true;
  const sent: unknown[] = [];
  server.use(
    http.get('*/api/v1/fields', () => HttpResponse.json({ items: FIELDS })),
    http.patch('*/api/v1/tickets/t1', async ({ request }) => {
      sent.push(await request.json());
      return refuse
        ? HttpResponse.json(
            { detail: 'No.', errors: [{ field: 'fields.cost', message: 'At most 9999.' }] },
            { status: 422 },
          )
        : HttpResponse.json(TICKET);
    }),
  );
  renderPart(<Fields ticket={TICKET} />, sessionOf(['tickets:read', 'tickets:write']));
  await userEvent.click(await screen.findByRole('button', { name: 'Change Cost centre' }));
  const input = screen.getByRole<HTMLInputElement>('textbox', { name: 'Cost centre' });
  await userEvent.type(input, '2');
  await userEvent.keyboard('{Enter}');
  await screen.findByText('At most 9999.');
  expect(sent[0]).toEqual({ fields: { cost: 47112 } });
  refuse = false;
  await userEvent.clear(input);
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toEqual({ fields: { cost: null } });
  await screen.findByRole('button', { name: 'Change Cost centre' });
}, 60_000);

test('fields of other projects are not here, and no address runs anything', async () => {
  server.use(http.get('*/api/v1/fields', () => HttpResponse.json({ items: FIELDS })));
  renderPart(<Fields ticket={TICKET} />, sessionOf(['tickets:read']));
  const panel = await screen.findByText('Cost centre');
  expect(panel).toBeTruthy();
  expect(screen.queryByText('Elsewhere')).toBeNull();
  expect(screen.queryByRole('link')).toBeNull();
  expect(within(document.body).getByText('javascript:alert(1)')).toBeTruthy();
});

test('custom fields are columns, before the times', () => {
  expect(columnNames(FIELDS)).toMatchObject({ summary: 'Summary', 'field:cost': 'Cost centre' });
  const ids = columnsOf(['key', 'summary', 'field:cost', 'updated', 'field:gone'], false, FIELDS).map(({ id }) => id);
  expect(ids).toEqual(['key', 'summary', 'field:cost', 'updated']);
});
