import { Button, Drawer } from '@mantine/core';
import { IconLock, IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import type { Team } from '../../api/types.ts';
import { useCan } from '../../lib/session.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PersonAvatar } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { teamsQuery } from './queries.ts';
import { TeamForm } from './TeamForm.tsx';
import { TeamPanel } from './TeamPanel.tsx';

const route = getRouteApi('/shell/admin/teams');

const columns: ColumnDef<Team>[] = [
  {
    id: 'name',
    header: 'Name',
    cell: ({ row: { original: team } }) => (
      <span className="icon-text b">
        {team.name}
        {team.private && (
          <span className="tag line">
            <IconLock aria-hidden="true" /> Private
          </span>
        )}
      </span>
    ),
  },
  {
    id: 'description',
    header: 'What it does',
    cell: ({ row }) => <span className="t2">{row.original.description}</span>,
    meta: { grow: true, hidePhone: true },
  },
  {
    id: 'members',
    header: 'Members',
    cell: ({ row: { original: team } }) => (
      <span className="icon-text">
        <span style={{ display: 'inline-flex' }} className="hide-phone">
          {team.members.slice(0, 5).map(({ person }) => (
            <PersonAvatar key={person.id} name={person.name} />
          ))}
        </span>
        <span className="num">{team.members.length}</span>
      </span>
    ),
  },
  {
    id: 'zone',
    header: 'Time zone',
    cell: ({ row }) => <span className="t2">{row.original.time_zone}</span>,
    meta: { hidePhone: true },
  },
];

/** The teams that one may see; the chosen one opens beside the list. */
export function TeamsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/admin/teams' });
  const teams = useQuery(teamsQuery);
  const mayCreate = useCan('teams:manage');
  const open = (team: string | undefined) => void navigate({ search: team ? { team } : {} });
  const create = () => void navigate({ search: { create: true } });
  return (
    <>
      <PageHeader
        title="Teams"
        actions={
          <ActionButton
            variant="filled"
            action={{ name: 'create', allowed: mayCreate, reason: 'You miss the permission teams:manage' }}
            leftSection={<IconPlus size={16} />}
            shortcut="C"
            label="New team"
            onClick={create}
          >
            New team
          </ActionButton>
        }
      />
      <div className="page-body">
        <section className="panel" aria-label="Teams">
          <QueryState query={teams} what="the teams">
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState
                  title="There is no team"
                  icon={IconUsersGroup}
                  action={
                    mayCreate && (
                      <Button variant="default" onClick={create}>
                        New team
                      </Button>
                    )
                  }
                >
                  Teams own services, are on call together, and can be given tickets.
                </EmptyState>
              ) : (
                <DataTable
                  label="Teams"
                  rows={items}
                  columns={columns}
                  rowId={(row) => row.id}
                  onOpen={(row) => open(row.id)}
                />
              )
            }
          </QueryState>
        </section>
      </div>
      <Drawer opened={Boolean(search.team)} onClose={() => open(undefined)} title="Team" size={460}>
        {search.team && <TeamPanel id={search.team} onGone={() => open(undefined)} />}
      </Drawer>
      <Drawer opened={Boolean(search.create) && mayCreate} onClose={() => open(undefined)} title="New team" size={460}>
        <TeamForm onDone={(team) => open(team.id)} />
      </Drawer>
    </>
  );
}
