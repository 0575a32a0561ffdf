import { Button, Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { type ColumnDef, flexRender, getCoreRowModel, type RowData, useReactTable } from '@tanstack/react-table';
import { Fragment, useRef, useState } from 'react';
import { useShortcut } from '../lib/shortcuts.ts';
import classes from './DataTable.module.css';

declare module '@tanstack/react-table' {
  interface ColumnMeta<TData extends RowData, TValue> {
    align?: 'right';
    /** Takes the space that is left and cuts what does not fit. */
    grow?: boolean;
    /** Not shown on phones. */
    hidePhone?: boolean;
    /** Field that the server sorts by; makes the head a button. */
    sort?: string;
    width?: number;
  }
}

interface Props<T> {
  /** Read out as the table's name. */
  label: string;
  rows: readonly T[];
  // biome-ignore lint/suspicious/noExplicitAny: columns of one table have values of different types
  columns: ColumnDef<T, any>[];
  rowId: (row: T) => string;
  /** For the label of a row's check box. */
  rowName?: (row: T) => string;
  /** Enter, or a click on the row. Give the row a real link too. */
  onOpen?: (row: T) => void;
  /** With both, rows can be selected: X, and the check boxes, which reach over several rows with Shift. */
  selected?: ReadonlySet<string>;
  onSelect?: (selected: ReadonlySet<string>) => void;
  /** The server's sort, such as `-created`. */
  sort?: string | undefined;
  onSort?: (sort: string) => void;
  /** Draws "Show more" while the server has another page. */
  hasMore?: boolean;
  loadingMore?: boolean;
  onMore?: () => void;
  /** Number of all rows, when the server counts them. */
  total?: number;
  /** Rows of several lines. */
  comfort?: boolean;
  rowClass?: (row: T) => string | undefined;
  /** Heading of the group that a row belongs to; rows must come in the order of their groups. */
  groupOf?: (row: T) => string;
  /** The row that J and K moved to, for keys of the page that act on it. */
  onCursor?: (row: T | undefined) => void;
}

/** Real rows over TanStack Table. J and K move, X selects, Enter opens. */
export function DataTable<T>(props: Props<T>) {
  const { label, rows, columns, rowId, onOpen, selected, onSelect, sort, onSort } = props;
  const [cursor, setCursor] = useState(-1);
  const body = useRef<HTMLTableSectionElement>(null);
  const table = useReactTable({ data: rows as T[], columns, getRowId: rowId, getCoreRowModel: getCoreRowModel() });
  const canSelect = selected !== undefined && onSelect !== undefined;
  const all = table.getRowModel().rows;
  const at = Math.min(cursor, all.length - 1);

  const move = (to: number) => {
    const next = Math.max(0, Math.min(all.length - 1, to));
    setCursor(next);
    props.onCursor?.(all[next]?.original);
    const row = body.current?.querySelectorAll('tr[data-row]').item(next);
    if (row instanceof HTMLElement) {
      row.focus({ preventScroll: true });
      row.scrollIntoView?.({ block: 'nearest' });
    }
  };
  /** The row toggled last, from which Shift reaches; and whether Shift was held when a check box was clicked. */
  const anchor = useRef<string>(undefined);
  const shift = useRef(false);
  const toggle = (id: string, reach = false) => {
    if (!canSelect) return;
    const next = new Set(selected);
    const on = !next.has(id);
    const [from, to] = [all.findIndex((row) => row.id === anchor.current), all.findIndex((row) => row.id === id)];
    const many = reach && from >= 0 && to >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : undefined;
    // A row that Shift reaches gets the state of the row from which it reaches.
    const state = many && anchor.current !== undefined ? selected.has(anchor.current) : on;
    for (const each of many?.map((row) => row.id) ?? [id]) {
      if (state) next.add(each);
      else next.delete(each);
    }
    anchor.current = id;
    onSelect(next);
  };
  useShortcut('J', 'Next row', () => move(at + 1), { group: 'Lists' });
  useShortcut('K', 'Previous row', () => move(at - 1), { group: 'Lists' });
  useShortcut('X', 'Select the row', () => all[at] && toggle(all[at].id), { group: 'Lists', enabled: canSelect });
  useShortcut('Enter', 'Open the row', () => all[at] && onOpen?.(all[at].original), {
    group: 'Lists',
    enabled: Boolean(onOpen),
  });

  const chosen = canSelect ? all.filter((row) => selected.has(row.id)).length : 0;
  return (
    <div className={classes.scroll}>
      <table
        className={`${classes.table}${props.comfort ? ` ${classes.comfort}` : ''}`}
        aria-label={label}
        aria-rowcount={props.total ?? -1}
      >
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id}>
              {canSelect && (
                <th className={classes.check}>
                  <Checkbox
                    aria-label={`Select all, ${chosen} of ${all.length} selected`}
                    checked={chosen > 0 && chosen === all.length}
                    indeterminate={chosen > 0 && chosen < all.length}
                    onChange={() => onSelect(chosen === all.length ? new Set() : new Set(all.map((row) => row.id)))}
                  />
                </th>
              )}
              {group.headers.map((header) => {
                const meta = header.column.columnDef.meta;
                const name = flexRender(header.column.columnDef.header, header.getContext());
                const field = meta?.sort;
                const direction =
                  field && sort === field ? 'ascending' : field && sort === `-${field}` ? 'descending' : undefined;
                return (
                  <th
                    key={header.id}
                    aria-sort={direction}
                    className={[
                      meta?.align === 'right' && classes.right,
                      meta?.hidePhone && 'hide-phone',
                      meta?.grow && classes.grow,
                    ]
                      .filter(Boolean)
                      .join(' ')}
                    style={meta?.width ? { width: meta.width } : undefined}
                  >
                    {field && onSort ? (
                      <button
                        type="button"
                        className={`${classes.sort}${direction ? ` ${classes.sorted}` : ''}`}
                        onClick={() => onSort(direction === 'descending' ? field : `-${field}`)}
                      >
                        {name}
                        {direction === 'ascending' && <IconArrowUp size={13} aria-hidden="true" />}
                        {direction === 'descending' && <IconArrowDown size={13} aria-hidden="true" />}
                      </button>
                    ) : (
                      name
                    )}
                  </th>
                );
              })}
            </tr>
          ))}
        </thead>
        <tbody ref={body}>
          {all.map((row, index) => {
            const isSelected = canSelect && selected.has(row.id);
            const group = props.groupOf?.(row.original);
            const before = all[index - 1];
            const starts = group !== undefined && (!before || props.groupOf?.(before.original) !== group);
            const line = (
              <tr
                key={row.id}
                data-row
                tabIndex={index === at ? 0 : -1}
                aria-selected={canSelect ? isSelected : undefined}
                className={[
                  isSelected && classes.selected,
                  index === at && classes.current,
                  onOpen && classes.openable,
                  props.rowClass?.(row.original),
                ]
                  .filter(Boolean)
                  .join(' ')}
                onMouseDown={(event) => {
                  // Shift would mark the text between the two rows.
                  if (canSelect && event.shiftKey) event.preventDefault();
                }}
                onClick={(event) => {
                  setCursor(index);
                  props.onCursor?.(row.original);
                  const inner = event.target instanceof Element && event.target.closest('a, button, input, label');
                  if (!inner && canSelect && event.shiftKey) toggle(row.id, true);
                  else if (!inner && !window.getSelection()?.toString()) onOpen?.(row.original);
                }}
              >
                {canSelect && (
                  <td className={classes.check}>
                    <Checkbox
                      aria-label={`Select ${props.rowName?.(row.original) ?? row.id}`}
                      checked={isSelected}
                      onClick={(event) => {
                        shift.current = event.shiftKey;
                      }}
                      onChange={() => toggle(row.id, shift.current)}
                    />
                  </td>
                )}
                {row.getVisibleCells().map((cell) => {
                  const meta = cell.column.columnDef.meta;
                  return (
                    <td
                      key={cell.id}
                      className={[
                        meta?.align === 'right' && `${classes.right} num`,
                        meta?.grow && classes.grow,
                        meta?.hidePhone && 'hide-phone',
                      ]
                        .filter(Boolean)
                        .join(' ')}
                    >
                      {flexRender(cell.column.columnDef.cell, cell.getContext())}
                    </td>
                  );
                })}
              </tr>
            );
            if (!starts) return line;
            return (
              <Fragment key={row.id}>
                <tr className={classes.group}>
                  <th colSpan={columns.length + (canSelect ? 1 : 0)} scope="rowgroup">
                    {group}{' '}
                    <span className="cnt">
                      {all.filter((other) => props.groupOf?.(other.original) === group).length}
                    </span>
                  </th>
                </tr>
                {line}
              </Fragment>
            );
          })}
        </tbody>
      </table>
      {props.hasMore && (
        <div className={classes.more}>
          <Button variant="default" loading={props.loadingMore ?? false} onClick={props.onMore}>
            Show more
          </Button>
        </div>
      )}
    </div>
  );
}
