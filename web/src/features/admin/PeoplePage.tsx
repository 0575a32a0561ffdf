import { Button, Drawer, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconPlus, IconSearch, IconUsers } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useRef, useState } from 'react';
import type { Person, Role } from '../../api/types.ts';
import { useCan } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { InviteForm } from './InviteForm.tsx';
import { PersonPanel } from './PersonPanel.tsx';
import { peopleQuery } from './queries.ts';
import { ROLES } from './roles.ts';

const route = getRouteApi('/shell/admin/people');

/** Invited, active or switched off: what a person's account is. */
export function AccountState({ person }: { person: Pick<Person, 'active' | 'invited'> }) {
  if (!person.active) return <StatusBadge tone="neutral">Switched off</StatusBadge>;
  if (person.invited) return <StatusBadge tone="warn">Invited</StatusBadge>;
  return <StatusBadge tone="ok">Active</StatusBadge>;
}

const columns: ColumnDef<Person>[] = [
  { id: 'name', header: 'Name', cell: ({ row }) => <PersonName person={row.original} /> },
  {
    id: 'email',
    header: 'Mail',
    cell: ({ row }) => <span className="t2">{row.original.email}</span>,
    meta: { hidePhone: true },
  },
  {
    id: 'role',
    header: 'Role',
    cell: ({ row }) => ROLES[row.original.role].label,
    meta: { hidePhone: true },
  },
  {
    id: 'teams',
    header: 'Teams',
    cell: ({ row }) => <span className="t2">{row.original.teams.map(({ name }) => name).join(', ')}</span>,
    meta: { grow: true, hidePhone: true },
  },
  { id: 'state', header: 'Account', cell: ({ row }) => <AccountState person={row.original} /> },
  {
    id: 'totp',
    header: 'Second step',
    cell: ({ row }) => (row.original.totp_enabled ? 'on' : <span className="t3">off</span>),
    meta: { hidePhone: true },
  },
  {
    id: 'seen',
    header: 'Last sign-in',
    cell: ({ row }) =>
      row.original.last_sign_in_at ? (
        <RelativeTime at={row.original.last_sign_in_at} short />
      ) : (
        <span className="t3">never</span>
      ),
    meta: { align: 'right', hidePhone: true },
  },
];

/** Everybody with an account; the chosen person opens beside the list. */
export function PeoplePage() {
  const { query, role, person, invite } = route.useSearch();
  const navigate = useNavigate({ from: '/admin/people' });
  const people = useInfiniteQuery(peopleQuery({ ...(query && { query }), ...(role && { role }) }));
  const mayInvite = useCan('people:manage');
  const [typed, setTyped] = useState(query ?? '');
  const field = useRef<HTMLInputElement>(null);
  const search = useDebouncedCallback((text: string) => {
    void navigate({ search: (old) => ({ ...old, query: text || undefined }), replace: true });
  }, 250);
  const open = (id: string | undefined) => void navigate({ search: (old) => ({ ...old, person: id }) });
  const setInvite = (on: boolean) => void navigate({ search: (old) => ({ ...old, invite: on || undefined }) });
  useShortcut('/', 'Search people', () => field.current?.focus());
  const rows = people.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <>
      <PageHeader
        title="People"
        actions={
          <ActionButton
            variant="filled"
            action={{ name: 'invite', allowed: mayInvite, reason: 'You miss the permission people:manage' }}
            leftSection={<IconPlus size={16} />}
            shortcut="C"
            label="Invite somebody"
            onClick={() => setInvite(true)}
          >
            Invite
          </ActionButton>
        }
      />
      <div className="page-body">
        <div className="row wrap">
          <TextInput
            ref={field}
            aria-label="Search people"
            placeholder="Name or mail"
            leftSection={<IconSearch size={15} />}
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              search(event.currentTarget.value);
            }}
            w={260}
          />
          <SegmentedControl
            aria-label="Role"
            value={role ?? 'all'}
            onChange={(value) =>
              void navigate({ search: (old) => ({ ...old, role: value === 'all' ? undefined : (value as Role) }) })
            }
            data={[
              { value: 'all', label: 'Everybody' },
              ...Object.entries(ROLES).map(([value, { plural }]) => ({ value, label: plural })),
            ]}
          />
        </div>
        <section className="panel" aria-label="People">
          <QueryState query={people} what="the people">
            {() =>
              rows.length === 0 ? (
                <EmptyState
                  title={query || role ? 'Nobody matches' : 'Nobody is here yet'}
                  icon={IconUsers}
                  action={
                    (query || role) && (
                      <Button
                        variant="default"
                        onClick={() => {
                          setTyped('');
                          void navigate({ search: {} });
                        }}
                      >
                        Clear the filter
                      </Button>
                    )
                  }
                >
                  {query || role ? 'Try another name or role.' : 'Invite the first colleague.'}
                </EmptyState>
              ) : (
                <DataTable
                  label="People"
                  rows={rows}
                  columns={columns}
                  rowId={(row) => row.id}
                  onOpen={(row) => open(row.id)}
                  hasMore={people.hasNextPage}
                  loadingMore={people.isFetchingNextPage}
                  onMore={() => void people.fetchNextPage()}
                />
              )
            }
          </QueryState>
        </section>
      </div>
      <Drawer opened={Boolean(person)} onClose={() => open(undefined)} title="Person" size={420}>
        {person && <PersonPanel id={person} />}
      </Drawer>
      <Drawer opened={Boolean(invite) && mayInvite} onClose={() => setInvite(false)} title="Invite somebody" size={420}>
        <InviteForm onDone={() => setInvite(false)} />
      </Drawer>
    </>
  );
}
