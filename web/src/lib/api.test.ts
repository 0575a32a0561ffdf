import { HttpResponse, http } from 'msw';
import { afterEach, expect, test, vi } from 'vitest';
import { server } from '../test/server.ts';
import { ApiError, api, formErrors, setCsrfToken, setSignedOutHandler } from './api.ts';

afterEach(() => setCsrfToken(undefined));

test('a POST carries the CSRF token and a fresh idempotency key; a GET neither', async () => {
  const seen: Headers[] = [];
  server.use(
    http.all('*/api/v1/tickets', ({ request }) => {
      seen.push(request.headers);
      return HttpResponse.json({ items: [] });
    }),
  );
  setCsrfToken('secret');
  await api.post('/tickets', { summary: 'x' });
  await api.post('/tickets', { summary: 'x' });
  await api.get('/tickets');
  expect(seen[0]?.get('X-CSRF-Token')).toBe('secret');
  expect(seen[0]?.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
  expect(seen[0]?.get('Idempotency-Key')).not.toBe(seen[1]?.get('Idempotency-Key'));
  expect(seen[2]?.get('X-CSRF-Token')).toBeNull();
  expect(seen[2]?.get('Idempotency-Key')).toBeNull();
});

test('a conditional write quotes the version', async () => {
  let match: string | null = null;
  server.use(
    http.patch('*/api/v1/tickets/1', ({ request }) => {
      match = request.headers.get('If-Match');
      return HttpResponse.json({ version: 8 });
    }),
  );
  await api.patch('/tickets/1', {}, { ifMatch: 7 });
  expect(match).toBe('"7"');
});

test('a problem document becomes an error with code, fields and reference', async () => {
  server.use(
    http.post('*/api/v1/teams', () =>
      HttpResponse.json(
        {
          title: 'Invalid',
          status: 422,
          code: 'invalid',
          detail: 'The name is taken.',
          request_id: 'r1',
          errors: [{ field: 'name', message: 'There is a team of this name.' }],
        },
        { status: 422 },
      ),
    ),
  );
  const error = await api.post('/teams', {}).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({ status: 422, code: 'invalid', message: 'The name is taken.', requestId: 'r1' });
  expect(formErrors(error)).toEqual({ name: 'There is a team of this name.' });
});

test('a session that ended is reported once per answer, and only when there was one', async () => {
  const signedOut = vi.fn();
  setSignedOutHandler(signedOut);
  server.use(http.get('*/api/v1/alerts', () => HttpResponse.json({ code: 'unauthenticated' }, { status: 401 })));
  await api.get('/alerts').catch(() => {});
  expect(signedOut).not.toHaveBeenCalled();
  setCsrfToken('secret');
  await api.get('/alerts').catch(() => {});
  expect(signedOut).toHaveBeenCalledOnce();
});

test('no answer is an error of its own', async () => {
  server.use(http.get('*/api/v1/alerts', () => HttpResponse.error()));
  await expect(api.get('/alerts')).rejects.toMatchObject({ status: 0, code: 'unreachable' });
});
