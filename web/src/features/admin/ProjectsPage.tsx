import { Button, Drawer } from '@mantine/core';
import { IconFolders, IconLock, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import type { Project } from '../../api/types.ts';
import { useCan } from '../../lib/session.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ProjectForm } from './ProjectForm.tsx';
import { ProjectPanel } from './ProjectPanel.tsx';
import { projectsQuery } from './queries.ts';

const route = getRouteApi('/shell/admin/projects');

const columns: ColumnDef<Project>[] = [
  { id: 'key', header: 'Key', cell: ({ row }) => <span className="key">{row.original.key}</span> },
  {
    id: 'name',
    header: 'Name',
    cell: ({ row: { original: project } }) => (
      <span className="icon-text b">
        {project.name}
        {project.private && (
          <span className="tag line">
            <IconLock aria-hidden="true" /> Private
          </span>
        )}
      </span>
    ),
    meta: { grow: true },
  },
  {
    id: 'kind',
    header: 'New tickets are',
    cell: ({ row }) => (row.original.default_kind === 'incident' ? 'Incidents' : 'Requests'),
    meta: { hidePhone: true },
  },
  { id: 'members', header: 'Members', cell: ({ row }) => row.original.members.length, meta: { align: 'right' } },
];

/** Projects hold tickets and say who may see and work on them. */
export function ProjectsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/admin/projects' });
  const projects = useQuery(projectsQuery);
  const mayCreate = useCan('projects:manage');
  const open = (project: string | undefined) => void navigate({ search: project ? { project } : {} });
  const create = () => void navigate({ search: { create: true } });
  return (
    <>
      <PageHeader
        title="Projects"
        actions={
          <ActionButton
            variant="filled"
            action={{ name: 'create', allowed: mayCreate, reason: 'You miss the permission projects:manage' }}
            leftSection={<IconPlus size={16} />}
            shortcut="C"
            label="New project"
            onClick={create}
          >
            New project
          </ActionButton>
        }
      />
      <div className="page-body">
        <section className="panel" aria-label="Projects">
          <QueryState query={projects} what="the projects">
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState
                  title="There is no project"
                  icon={IconFolders}
                  action={
                    mayCreate && (
                      <Button variant="default" onClick={create}>
                        New project
                      </Button>
                    )
                  }
                >
                  Tickets live in projects; its key is the first part of theirs.
                </EmptyState>
              ) : (
                <DataTable
                  label="Projects"
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
      <Drawer opened={Boolean(search.project)} onClose={() => open(undefined)} title="Project" size={460}>
        {search.project && <ProjectPanel id={search.project} />}
      </Drawer>
      <Drawer
        opened={Boolean(search.create) && mayCreate}
        onClose={() => open(undefined)}
        title="New project"
        size={460}
      >
        <ProjectForm onDone={(project) => open(project.id)} />
      </Drawer>
    </>
  );
}
