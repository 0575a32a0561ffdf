import { Button, Checkbox, Menu, Modal, MultiSelect, Popover, Radio, TextInput } from '@mantine/core';
import { IconChevronDown, IconColumns3, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Queue } from '../api/types.ts';
import { ApiError, api, errorText, formErrors } from '../lib/api.ts';
import { teamChoices } from '../lib/choices.ts';
import { type QueueOver, useQueueChange } from '../lib/queues.ts';
import { toastError, toastOk } from '../lib/toast.ts';
import { useVersioned } from '../lib/versioned.ts';
import { ActionButton, findAction } from './ActionButton.tsx';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { Conflict, ConflictReason, type FieldWords } from './Conflict.tsx';

interface ColumnsProps {
  columns: readonly string[];
  onChange: (next: string[]) => void;
  /** The names of all that one may choose, in the order of the list. */
  all: Record<string, string>;
  usual: readonly string[];
  /** What a row is: it stays in sight. */
  fixed: string;
}

export function ColumnsMenu({ columns, onChange, all, usual, fixed }: ColumnsProps) {
  return (
    <Popover position="bottom-end" withinPortal returnFocus>
      <Popover.Target>
        <Button className="hide-phone" variant="subtle" leftSection={<IconColumns3 size={16} />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <fieldset className="stack" style={{ gap: 6 }}>
          <legend className="b">Columns</legend>
          {Object.entries(all).map(([id, label]) => (
            <Checkbox
              key={id}
              label={label}
              checked={columns.includes(id)}
              disabled={id === fixed}
              onChange={(event) =>
                onChange(
                  Object.keys(all).filter((each) =>
                    each === id ? event.currentTarget.checked : columns.includes(each),
                  ),
                )
              }
            />
          ))}
          <Button variant="default" size="compact-xs" onClick={() => onChange([...usual])}>
            The usual ones
          </Button>
        </fieldset>
      </Popover.Dropdown>
    </Popover>
  );
}

const draftOf = (queue: Queue | undefined) => ({
  name: queue?.name ?? '',
  visibility: queue?.visibility ?? ('private' as const),
  teams: queue?.teams ?? [],
});
const WORDS: FieldWords<ReturnType<typeof draftOf>> = {
  name: { label: 'Name', text: (value) => value },
  visibility: { label: 'Who sees it', text: (value) => value },
  teams: { label: 'Teams', text: (value) => value.map(({ name }) => name).join(', ') },
};

/** Names and shares a queue: a new one of this query, or the one given. */
function QueueForm({
  over,
  queue,
  query,
  columns,
  onDone,
}: {
  over: QueueOver;
  queue?: Queue;
  query: string;
  columns: readonly string[];
  onDone: (queue: Queue) => void;
}) {
  const edited = useVersioned(queue, draftOf);
  const { name, visibility, teams } = edited.draft;
  const choices = useQuery(teamChoices('')).data ?? [];
  const save = useQueueChange(over, () => {
    const body = { name: name.trim(), visibility, team_ids: visibility === 'teams' ? teams.map(({ id }) => id) : [] };
    return queue
      ? api.patch<Queue>(`/queues/${queue.id}`, body, { ifMatch: edited.version ?? queue.version })
      : api.post<Queue>('/queues', { ...body, query, columns, ...(over !== 'tickets' && { over }) });
  });
  const errors = formErrors(save.error);
  const stale = save.error instanceof ApiError && save.error.code === 'version_conflict';
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, { onSuccess: onDone });
      }}
    >
      <TextInput
        label="Name"
        value={name}
        onChange={(event) => edited.set({ name: event.currentTarget.value })}
        error={errors.name}
        required
        data-autofocus
      />
      <Radio.Group
        label="Who sees it"
        value={visibility}
        onChange={(value) => edited.set({ visibility: value as Queue['visibility'] })}
        error={errors.visibility}
      >
        <div className="stack" style={{ gap: 6 }}>
          <Radio value="private" label="Only me" />
          <Radio value="teams" label="Teams" description="Those you are in; any, if you manage projects." />
          <Radio value="everyone" label="Everyone" description="Needs the right to manage projects." />
        </div>
      </Radio.Group>
      {visibility === 'teams' && (
        <MultiSelect
          label="Teams"
          data={[
            ...choices,
            ...teams
              .filter(({ id }) => !choices.some(({ value }) => value === id))
              .map((team) => ({ value: team.id, label: team.name })),
          ]}
          value={teams.map(({ id }) => id)}
          onChange={(ids) =>
            edited.set({
              teams: ids.map((id) => ({ id, name: choices.find(({ value }) => value === id)?.label ?? id })),
            })
          }
          error={errors.team_ids ?? errors.teams}
          searchable
          required
        />
      )}
      {save.isError && !stale && Object.keys(errors).every((field) => !['name', 'visibility'].includes(field)) && (
        <p className="c-critical" role="alert">
          {[errorText(save.error), ...Object.values(errors)].join(' ')}
        </p>
      )}
      <Conflict what="the queue" edited={edited} words={WORDS} />
      <div className="row">
        <Button type="submit" loading={save.isPending} disabled={edited.clashes.length > 0 || !name.trim()}>
          {queue ? 'Save' : 'Save the queue'}
        </Button>
        <ConflictReason edited={edited} />
      </div>
    </form>
  );
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const shownOf = (queue: Queue | undefined) => ({ query: queue?.query ?? '', columns: queue?.columns ?? [] });
type Shown = ReturnType<typeof shownOf>;
interface SaveProps {
  over: QueueOver;
  queue: Queue;
  query: string;
  columns: readonly string[];
  /** The names of the columns. */
  names: Record<string, string>;
  onSaved: (queue: Queue) => void;
  /** Somebody else's query or columns are wanted instead of those in sight. */
  onTheirs: (fields: readonly (keyof Shown)[]) => void;
}

/**
 * Saves the query and the columns in sight, on the version of the queue that they were made from: it is drawn as long
 * as they differ. Where somebody else changed the same, both stand side by side first.
 */
function SaveShown({ over, queue, query, columns, names, onSaved, onTheirs }: SaveProps) {
  const edited = useVersioned(queue, shownOf);
  const mine: Shown = { query, columns: [...columns] };
  // What is in sight is the draft: it lives in the address.
  if (!same(edited.draft, mine)) edited.set(mine);
  const save = useQueueChange(over, () =>
    api.patch<Queue>(`/queues/${queue.id}`, mine, { ifMatch: edited.version ?? queue.version }),
  );
  const stale = save.error instanceof ApiError && save.error.code === 'version_conflict';
  const clashes = edited.clashes.length > 0;
  return (
    <>
      <ActionButton
        action={findAction(queue.actions, 'edit')}
        reason="tooltip"
        loading={save.isPending}
        onClick={() => {
          if (clashes) return;
          save.mutate(undefined, {
            onSuccess: (saved) => {
              toastOk(`${saved.name} is saved`);
              onSaved(saved);
            },
            onError: (error) => {
              if (!(error instanceof ApiError && error.code === 'version_conflict'))
                toastError(error, `${queue.name} is unchanged`);
            },
          });
        }}
      >
        Save
      </ActionButton>
      <ConflictReason edited={edited} />
      {(clashes || stale) && (
        <div style={{ flexBasis: '100%', order: 1 }}>
          {clashes ? (
            <Conflict
              what="the queue"
              edited={{
                ...edited,
                resolve: (theirs) => {
                  edited.resolve(theirs);
                  save.reset();
                  onTheirs(theirs);
                },
              }}
              words={{
                query: { label: 'Query', text: (value) => <span className="mono">{value}</span> },
                columns: { label: 'Columns', text: (value) => value.map((id) => names[id] ?? id).join(', ') },
              }}
            />
          ) : (
            <p className="note" role="alert">
              Somebody else changed the queue meanwhile. Save again to keep your query.
            </p>
          )}
        </div>
      )}
    </>
  );
}

interface Props {
  over: QueueOver;
  queue: Queue | undefined;
  query: string;
  columns: readonly string[];
  /** The query or the columns differ from those of the queue. */
  changed: boolean;
  /** The names of the columns. */
  names: Record<string, string>;
  onSaved: (queue: Queue) => void;
  /** The query or the columns of the queue itself are wanted again. */
  onTheirs: (fields: readonly ('query' | 'columns')[]) => void;
  onGone: () => void;
}

/** Save, save as, share, delete: what becomes of the query in sight. */
export function QueueTools({ over, queue, query, columns, changed, names, onSaved, onTheirs, onGone }: Props) {
  const [open, setOpen] = useState<'new' | 'edit' | 'delete'>();
  const may = findAction(queue?.actions, 'edit');
  const mayDelete = findAction(queue?.actions, 'delete');
  const remove = useQueueChange(over, (of: Queue) => api.delete(`/queues/${of.id}`));
  return (
    <div className="row wrap">
      {queue && changed && (
        <SaveShown
          over={over}
          queue={queue}
          query={query}
          columns={columns}
          names={names}
          onSaved={onSaved}
          onTheirs={onTheirs}
        />
      )}
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={14} />}>
            Queue
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen('new')}>Save as a new queue …</Menu.Item>
          {queue && (
            <>
              <Menu.Item disabled={!may?.allowed} onClick={() => setOpen('edit')}>
                Rename or share …{!may?.allowed && <div className="xs t3">{may?.reason}</div>}
              </Menu.Item>
              <Menu.Item disabled={!mayDelete?.allowed} color="port" onClick={() => setOpen('delete')}>
                Delete …
              </Menu.Item>
            </>
          )}
          <Menu.Item
            leftSection={<IconCopy size={14} />}
            onClick={() => void navigator.clipboard?.writeText(location.href).then(() => toastOk('The link is copied'))}
          >
            Copy the link
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal
        opened={open === 'new' || open === 'edit'}
        onClose={() => setOpen(undefined)}
        title={open === 'edit' ? 'Queue' : 'New queue'}
        centered
        size="sm"
      >
        {open && (
          <QueueForm
            over={over}
            {...(open === 'edit' && queue && { queue })}
            query={query}
            columns={columns}
            onDone={(saved) => {
              setOpen(undefined);
              toastOk(`${saved.name} is saved`);
              if (open === 'new') onSaved(saved);
            }}
          />
        )}
      </Modal>
      {queue && (
        <ConfirmDialog
          opened={open === 'delete'}
          onClose={() => setOpen(undefined)}
          onConfirm={() =>
            remove.mutate(queue, {
              onSuccess: () => {
                setOpen(undefined);
                toastOk(`${queue.name} is deleted`);
                onGone();
              },
              onError: (error) => toastError(error, `${queue.name} is still there`),
            })
          }
          title={`Delete ${queue.name}?`}
          confirm="Delete the queue"
          loading={remove.isPending}
        >
          The saved query goes, for everybody who sees it. Its {over} stay as they are.
        </ConfirmDialog>
      )}
    </div>
  );
}
