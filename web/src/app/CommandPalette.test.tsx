import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { expect, test, vi } from 'vitest';
import { renderPart } from '../test/render.tsx';
import { server } from '../test/server.ts';
import { CommandPalette } from './CommandPalette.tsx';

test('what is typed after Ctrl K before the field is there goes into it, and not to the page', async () => {
  server.use(http.get('*/api/v1/tickets', () => HttpResponse.json({ items: [] })));
  const page = vi.fn<(key: string) => void>();
  const listen = (event: KeyboardEvent) => !event.ctrlKey && page(event.key);
  window.addEventListener('keydown', listen);
  const help = vi.fn();
  renderPart(<CommandPalette groups={[]} onHelp={help} />);
  await vi.waitFor(() => expect(document.querySelector('.mantine-Spotlight-root')).not.toBeNull());
  // At once, as a slow machine takes fast typing: nothing is rendered in between.
  fireEvent.keyDown(document.body, { key: 'k', code: 'KeyK', ctrlKey: true });
  fireEvent.keyDown(document.body, { key: 's' });
  fireEvent.keyDown(document.body, { key: 'h' });
  // The frame of a dialog may have the focus before the field has.
  const frame = document.body.appendChild(document.createElement('section'));
  frame.setAttribute('role', 'dialog');
  fireEvent.keyDown(frame, { key: 'o' });
  frame.remove();
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Search or jump to' });
  await vi.waitFor(() => expect(document.activeElement).toBe(field));
  expect(field.value).toBe('sho');
  expect(page).not.toHaveBeenCalledWith('s');
  // The first match is chosen, as if the field had been there from the beginning.
  await userEvent.keyboard('{Enter}');
  expect(help).toHaveBeenCalledOnce();
  window.removeEventListener('keydown', listen);
});

test('typing goes on behind what was typed before the field was there', async () => {
  server.use(http.get('*/api/v1/tickets', () => HttpResponse.json({ items: [] })));
  renderPart(<CommandPalette groups={[]} onHelp={() => {}} />);
  await vi.waitFor(() => expect(document.querySelector('.mantine-Spotlight-root')).not.toBeNull());
  fireEvent.keyDown(document.body, { key: 'k', code: 'KeyK', ctrlKey: true });
  for (const key of 'ser') fireEvent.keyDown(document.body, { key });
  const field = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Search or jump to' });
  await vi.waitFor(() => expect(document.activeElement).toBe(field));
  await userEvent.keyboard('v');
  expect(field.value).toBe('serv');
});
