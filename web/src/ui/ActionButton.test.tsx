import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { renderPart } from '../test/render.tsx';
import { ActionButton } from './ActionButton.tsx';

test('a refused action stands there with its reason and does nothing', async () => {
  const run = vi.fn();
  renderPart(
    <ActionButton action={{ name: 'close', allowed: false, reason: 'Somebody closed it already' }} onClick={run}>
      Close
    </ActionButton>,
  );
  const button = await screen.findByRole('button', { name: 'Close' });
  expect(button.getAttribute('aria-disabled')).toBe('true');
  const reason = document.getElementById(button.getAttribute('aria-describedby') ?? '');
  expect(reason?.textContent).toBe('Somebody closed it already.');
  await userEvent.click(button, { pointerEventsCheck: 0 });
  expect(run).not.toHaveBeenCalled();
});

test('an action that the server does not list is not drawn', async () => {
  renderPart(
    <>
      <ActionButton action={undefined} onClick={() => {}}>
        Close
      </ActionButton>
      <p>shown</p>
    </>,
  );
  await screen.findByText('shown');
  expect(screen.queryByRole('button', { name: 'Close' })).toBeNull();
});
