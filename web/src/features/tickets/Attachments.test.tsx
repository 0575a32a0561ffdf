import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dropAllUploads } from '../../lib/uploads.ts';
import { renderApp, sessionOf } from '../../test/render.tsx';
import { server } from '../../test/server.ts';
import type { Attachment } from './attachments.ts';
import { TICKET } from './fixture.ts';

const AGENT = sessionOf(['tickets:read', 'tickets:write']);
const attachment = (id: string, facts: Partial<Attachment> = {}): Attachment => ({
  id,
  name: `${id}.png`,
  media_type: 'image/png',
  size: 2048,
  internal: false,
  created_at: '2026-05-21T00:58:00Z',
  created_by: { id: 'jonas', name: 'Jonas Berg' },
  thumbnail: true,
  comment_id: null,
  actions: [{ name: 'delete', allowed: true }],
  ...facts,
});
const picture = (name = 'pool.png') => new File(['bytes'], name, { type: 'image/png' });

let files: Attachment[];
let comments: unknown[];
/** What the part `internal` of each upload said. The names of files do not get through the network of a test. */
let sent: (string | undefined)[];

afterEach(dropAllUploads);

beforeEach(() => {
  localStorage.clear();
  files = [];
  comments = [];
  sent = [];
  server.use(
    http.get('*/api/v1/tickets/OPS-12', () => HttpResponse.json(TICKET)),
    http.get('*/api/v1/tickets/OPS-12/activity', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/tickets/OPS-12/attachments', () => HttpResponse.json({ items: files })),
    http.post('*/api/v1/tickets/:id/attachments', async ({ request }) => {
      sent.push(/name="internal"\r\n\r\n(\w+)/.exec(await request.text())?.[1]);
      const made = attachment(`new-${sent.length}`);
      files.push(made);
      return HttpResponse.json(made, { status: 201 });
    }),
    http.post('*/api/v1/tickets/:id/comments', async ({ request }) => {
      comments.push(await request.json());
      return HttpResponse.json({}, { status: 201 });
    }),
    http.get('*/api/v1/links', () => HttpResponse.json({ items: [] })),
    http.get('*/api/v1/:choices', () => HttpResponse.json({ items: [] })),
  );
});

async function open(address = '/tickets/OPS-12') {
  const app = renderApp(address, AGENT);
  await screen.findByRole('heading', { name: 'Attachments' });
  return app;
}
const reply = () => screen.findByRole('textbox', { name: 'Reply' });

test('files of a reply are internal until it is sent, and go with it', async () => {
  await open();
  await userEvent.keyboard('r');
  await userEvent.upload(screen.getByLabelText('Files of the comment'), [picture('a.png'), picture('b.png')]);
  await waitFor(() => expect(screen.getAllByText('Goes with what you write')).toHaveLength(2));
  expect(sent).toEqual(['true', 'true']);
  const button = screen.getByRole('button', { name: /Send the reply/ });
  expect(button).toHaveProperty('disabled', true);
  // What waits here is not listed among the files of the ticket.
  expect(screen.queryByRole('list', { name: 'Attachments' })).toBeNull();
  await userEvent.type(await reply(), 'Two pictures{Control>}{Enter}{/Control}');
  await waitFor(() =>
    expect(comments).toEqual([{ body: 'Two pictures', visibility: 'public', attachment_ids: ['new-1', 'new-2'] }]),
  );
  await waitFor(() => expect(screen.queryByRole('list', { name: 'Files of this comment' })).toBeNull());
});

test('a pasted picture gets a name; a text that comes with a picture stays a text', async () => {
  await open();
  await userEvent.keyboard('n');
  const field = await screen.findByRole('textbox', { name: 'Internal note' });
  const paste = (types: string[]) =>
    fireEvent.paste(field, { clipboardData: { files: [picture('image.png')], types, getData: () => '' } });
  paste(['text/plain', 'Files']);
  paste(['Files']);
  await screen.findByText('Goes with what you write');
  expect(sent).toHaveLength(1);
  const line = screen.getByRole('list', { name: 'Files of this comment' });
  server.use(http.delete('*/api/v1/attachments/new-1', () => new HttpResponse(null, { status: 204 })));
  await userEvent.click(within(line).getByRole('button', { name: /^Remove Pasted/ }));
  await waitFor(() => expect(screen.queryByRole('list', { name: 'Files of this comment' })).toBeNull());
});

test('a refusal says why and offers no second attempt; a failure does, and holds the comment back', async () => {
  let answer = 413;
  let attempts: (string | null)[] = [];
  server.use(
    http.post('*/api/v1/tickets/:id/attachments', async ({ request }) => {
      attempts.push(request.headers.get('Idempotency-Key'));
      if (answer === 413) {
        return HttpResponse.json({ code: 'too_large', detail: 'a file may have 25 MiB at most' }, { status: 413 });
      }
      if (answer === 503) return HttpResponse.json({ detail: 'the store is away' }, { status: 503 });
      return HttpResponse.json(attachment('later'), { status: 201 });
    }),
  );
  await open();
  await userEvent.type(screen.getByRole('textbox', { name: 'Internal note' }), 'See the file');
  const button = screen.getByRole('button', { name: /Add the note/ });
  await userEvent.upload(screen.getByLabelText('Files of the comment'), picture());
  await screen.findByText('A file may have 25 MiB at most.');
  expect(screen.queryByRole('button', { name: /again/ })).toBeNull();
  expect(button).toHaveProperty('disabled', true);
  await userEvent.click(screen.getByRole('button', { name: 'Remove pool.png' }));
  expect(button).toHaveProperty('disabled', false);

  answer = 503;
  attempts = [];
  await userEvent.upload(screen.getByLabelText('Files of the comment'), picture());
  await screen.findByText(/The store is away/);
  answer = 201;
  await userEvent.click(screen.getByRole('button', { name: 'Try pool.png again' }));
  await screen.findByText('Goes with what you write');
  // The same key, so that a file that did arrive is not stored twice.
  expect(attempts[1]).toBe(attempts[0]);
  expect(button).toHaveProperty('disabled', false);
});

test('an upload under way is cancelled', async () => {
  const abort = vi.spyOn(XMLHttpRequest.prototype, 'abort');
  let waits = 0;
  server.use(
    http.post('*/api/v1/tickets/:id/attachments', () => {
      waits += 1;
      return new Promise<never>(() => {});
    }),
  );
  await open();
  await userEvent.upload(screen.getByLabelText('Files of the comment'), picture());
  await waitFor(() => expect(waits).toBe(1));
  expect(abort).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Cancel pool.png' }));
  await waitFor(() => expect(screen.queryByText('pool.png')).toBeNull());
  expect(abort).toHaveBeenCalledOnce();
});

test('files dropped on the ticket go to the comment', async () => {
  await open();
  const target = screen.getByRole('heading', { name: 'Attachments' });
  fireEvent.dragEnter(target, { dataTransfer: { types: ['Files'] } });
  expect(screen.getByText('Let go to attach to what you write')).toBeTruthy();
  fireEvent.drop(target, { dataTransfer: { types: ['Files'], files: [picture('dropped.png')] } });
  await screen.findByText('Goes with what you write');
  expect(screen.queryByText('Let go to attach to what you write')).toBeNull();
  expect(screen.getByText('dropped.png')).toBeTruthy();
  expect(sent).toEqual(['true']);
});

test('the list says who, what and for whom; a picture opens by its address; deleting asks first', async () => {
  files = [
    attachment('one', { internal: true }),
    attachment('log', {
      name: 'server.log',
      media_type: 'text/plain',
      thumbnail: false,
      actions: [{ name: 'delete', allowed: false, reason: 'only its author may delete it' }],
    }),
  ];
  let deleted = '';
  server.use(
    http.delete('*/api/v1/attachments/:id', ({ params }) => {
      deleted = String(params.id);
      files = files.filter(({ id }) => id !== params.id);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const { router } = await open('/tickets/OPS-12?file=one');
  const large = await screen.findByRole('dialog', { name: 'one.png' });
  expect(within(large).getByRole('img', { name: 'one.png' }).getAttribute('src')).toBe(
    '/api/v1/attachments/one/content',
  );
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(router.state.location.search).toEqual({}));
  const [first, second] = within(await screen.findByRole('list', { name: 'Attachments' })).getAllByRole('listitem');
  expect(first?.textContent).toContain('Internal');
  expect(first?.textContent).toContain('2.0 KB');
  expect(first?.textContent).toContain('Jonas Berg');
  expect(second?.textContent).not.toContain('Internal');
  await userEvent.click(screen.getByRole('button', { name: 'Delete server.log' }));
  expect(screen.queryByRole('dialog')).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Delete one.png' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Delete the file' }));
  await waitFor(() => expect(screen.queryByText('one.png')).toBeNull());
  expect(deleted).toBe('one');
});

test('what a comment brought stands under it', async () => {
  server.use(
    http.get('*/api/v1/tickets/OPS-12/activity', () =>
      HttpResponse.json({
        items: [
          {
            type: 'comment',
            id: 'c1',
            at: '2026-05-21T00:58:00Z',
            author: { kind: 'person', id: 'jonas', name: 'Jonas Berg' },
            body: 'The graph.',
            visibility: 'public',
            attachments: [attachment('graph', { comment_id: 'c1' })],
          },
        ],
      }),
    ),
  );
  await open();
  const comment = await screen.findByRole('article');
  expect(within(comment).getByRole('link', { name: 'Download graph.png' }).getAttribute('href')).toBe(
    '/api/v1/attachments/graph/content',
  );
});
