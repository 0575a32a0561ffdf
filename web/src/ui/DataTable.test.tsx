import { fireEvent, screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { listenForShortcuts } from '../lib/shortcuts.ts';
import { renderPart } from '../test/render.tsx';
import { DataTable } from './DataTable.tsx';

const rows = [
  { id: 'a', name: 'Amara' },
  { id: 'b', name: 'Jonas' },
  { id: 'c', name: 'Cleo' },
];

function List({ onOpen, onSort }: { onOpen: (name: string) => void; onSort: (sort: string) => void }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  return (
    <DataTable
      label="People"
      rows={rows}
      columns={[{ id: 'name', header: 'Name', cell: ({ row }) => row.original.name, meta: { sort: 'name' } }]}
      rowId={(row) => row.id}
      rowName={(row) => row.name}
      onOpen={(row) => onOpen(row.name)}
      selected={selected}
      onSelect={setSelected}
      sort="-name"
      onSort={onSort}
    />
  );
}

const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

test('J and K move, X selects, Enter opens; heads sort', async () => {
  const stop = listenForShortcuts();
  const onOpen = vi.fn();
  const onSort = vi.fn();
  renderPart(<List onOpen={onOpen} onSort={onSort} />);
  await screen.findByRole('table', { name: 'People' });
  press('j');
  press('j');
  press('j');
  press('k');
  press('x');
  expect(screen.getByRole('checkbox', { name: 'Select Jonas' })).toHaveProperty('checked', true);
  press('Enter');
  expect(onOpen).toHaveBeenCalledExactlyOnceWith('Jonas');
  expect(screen.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('descending');
  fireEvent.click(screen.getByRole('button', { name: 'Name' }));
  expect(onSort).toHaveBeenCalledExactlyOnceWith('name');
  stop();
});

test('Shift reaches from the row toggled last, on check boxes and on rows', async () => {
  const onOpen = vi.fn();
  renderPart(<List onOpen={onOpen} onSort={vi.fn()} />);
  const all = () => screen.getByRole('checkbox', { name: /Select all/ }).getAttribute('aria-label');
  fireEvent.click(await screen.findByRole('checkbox', { name: 'Select Amara' }));
  fireEvent.click(screen.getByRole('checkbox', { name: 'Select Cleo' }), { shiftKey: true });
  expect(all()).toContain('3 of 3');
  // The whole row does the same, and does not open.
  fireEvent.click(screen.getByRole('checkbox', { name: 'Select Amara' }));
  fireEvent.click(screen.getByText('Cleo'), { shiftKey: true });
  expect(all()).toContain('0 of 3');
  expect(onOpen).not.toHaveBeenCalled();
});
