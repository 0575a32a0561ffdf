import { fireEvent, render } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { listenForShortcuts, setSingleKeys, useShortcut } from './shortcuts.ts';

function Page({ run, keys }: { run: () => void; keys: string }) {
  useShortcut(keys, 'Test', run);
  return <input aria-label="text" />;
}
const stop = listenForShortcuts();
afterEach(() => setSingleKeys(true));
test.sequential('a key runs while its page is shown', () => {
  const run = vi.fn();
  const { unmount } = render(<Page run={run} keys="A" />);
  fireEvent.keyDown(document.body, { key: 'a' });
  expect(run).toHaveBeenCalledOnce();
  unmount();
  fireEvent.keyDown(document.body, { key: 'a' });
  expect(run).toHaveBeenCalledOnce();
});

test('G and a letter go together', () => {
  const run = vi.fn();
  render(<Page run={run} keys="G A" />);
  fireEvent.keyDown(document.body, { key: 'a' });
  expect(run).not.toHaveBeenCalled();
  fireEvent.keyDown(document.body, { key: 'g' });
  fireEvent.keyDown(document.body, { key: 'a' });
  expect(run).toHaveBeenCalledOnce();
});

test('Esc that closes what is open above the page does nothing more', () => {
  const run = vi.fn();
  render(<Page run={run} keys="Esc" />);
  const dialog = document.body.appendChild(document.createElement('div'));
  dialog.setAttribute('role', 'dialog');
  const close = () => dialog.remove();
  window.addEventListener('keydown', close, { capture: true, once: true });
  fireEvent.keyDown(document.body, { key: 'Escape' });
  expect(run).not.toHaveBeenCalled();
  fireEvent.keyDown(document.body, { key: 'Escape' });
  expect(run).toHaveBeenCalledOnce();
});

test('typing, Ctrl and the switch in the profile keep keys from running', () => {
  const run = vi.fn();
  const { getByLabelText } = render(<Page run={run} keys="A" />);
  fireEvent.keyDown(getByLabelText('text'), { key: 'a' });
  fireEvent.keyDown(document.body, { key: 'a', ctrlKey: true });
  setSingleKeys(false);
  fireEvent.keyDown(document.body, { key: 'a' });
  expect(run).not.toHaveBeenCalled();
  stop();
});
