import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test, vi } from 'vitest';
import { renderPart } from '../test/render.tsx';
import { server } from '../test/server.ts';
import { QueryBar } from './QueryBar.tsx';

/** Knows `status` and not `stats`, as the server would; counts characters, not UTF-16 units. */
function answers() {
  server.use(
    http.post('*/api/v1/tickets/query/check', async ({ request }) => {
      const { query } = (await request.json()) as { query: string };
      const position = [...query.slice(0, query.indexOf('stats'))].length;
      return HttpResponse.json(
        query.includes('stats')
          ? { problems: [{ position, length: 5, message: 'there is no field stats', suggestions: ['status'] }] }
          : { canonical: query.trim().replace(/\band\b/g, 'AND'), problems: [] },
      );
    }),
    http.post('*/api/v1/tickets/query/complete', async ({ request }) => {
      const { text, cursor } = (await request.json()) as { text: string; cursor: number };
      const before = [...text].slice(0, cursor).join('');
      const word = /\S*$/.exec(before)?.[0] ?? '';
      const items = ['status', 'statusCategory', 'summary'].filter((name) => name.startsWith(word));
      return HttpResponse.json({
        from: cursor - [...word].length,
        to: cursor,
        items: items.map((label) => ({ label, insert: label, kind: 'field' })),
      });
    }),
  );
}

function show(value = '') {
  answers();
  const onRun = vi.fn<(canonical: string) => void>();
  const shown = renderPart(<QueryBar label="Query" path="/tickets/query" value={value} onRun={onRun} />);
  return { onRun, ...shown };
}
const field = () => screen.findByRole<HTMLTextAreaElement>('combobox', { name: 'Query' });

test('a problem is underlined at its characters, after one of two units too, and its suggestion mends it', async () => {
  const { onRun, container } = show('summary ~ "🔥" and stats = x');
  const input = await field();
  await screen.findByText(/Character 19: .*no field stats/i);
  const wrong = [...container.querySelectorAll('[data-wrong]')].map((each) => each.textContent).join('');
  expect(wrong).toBe('stats');
  expect(input.getAttribute('aria-invalid')).toBe('true');
  await userEvent.type(input, '{Enter}');
  expect(onRun).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole('button', { name: 'Use status' }));
  expect(input.value).toBe('summary ~ "🔥" and status = x');
  await waitFor(() => expect(screen.queryByText(/no field/)).toBeNull());
  await userEvent.type(input, '{Enter}');
  await waitFor(() => expect(onRun).toHaveBeenCalledWith('summary ~ "🔥" AND status = x'));
});

test('who types on after a taken completion types behind it', async () => {
  show();
  const input = await field();
  await userEvent.type(input, 'x = y and sta');
  await screen.findByRole('option', { name: /statusCategory/ });
  await userEvent.keyboard('{Tab} =');
  await new Promise(requestAnimationFrame);
  await userEvent.keyboard(' z');
  expect(input.value).toBe('x = y and status = z');
});

test('completion by keyboard: arrows choose, Enter takes, Escape closes, Enter alone runs', async () => {
  const { onRun } = show();
  const input = await field();
  await userEvent.type(input, '🔥 sta');
  await screen.findByRole('option', { name: /^status field/ });
  await userEvent.keyboard('{ArrowDown}{ArrowDown}');
  const second = screen.getByRole('option', { name: /statusCategory/ });
  expect(second.getAttribute('aria-selected')).toBe('true');
  expect(input.getAttribute('aria-activedescendant')).toBe(second.id);
  await userEvent.keyboard('{Enter}');
  expect(input.value).toBe('🔥 statusCategory');
  expect(onRun).not.toHaveBeenCalled();
  await userEvent.type(input, ' sum');
  await screen.findByRole('option', { name: /summary/ });
  await userEvent.keyboard('{Tab}');
  expect(input.value).toBe('🔥 statusCategory summary');
  expect(document.activeElement).toBe(input);
  await userEvent.type(input, ' sta');
  await screen.findByRole('option', { name: /^status field/ });
  await userEvent.keyboard('{Escape}');
  expect(screen.queryByRole('option')).toBeNull();
  expect(document.activeElement).toBe(input);
  await userEvent.keyboard('{Enter}');
  await waitFor(() => expect(onRun).toHaveBeenCalledWith('🔥 statusCategory summary sta'));
});
