import { Anchor, Button, Select, TextInput } from '@mantine/core';
import { IconDownload, IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { AuditEntry } from '../../api/types.ts';
import { actorName, sentence } from '../../lib/text.ts';
import { Changes, happened } from '../../ui/Changes.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { Filters } from '../../ui/Filters.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { ShowMore } from '../../ui/ShowMore.tsx';
import { Moment } from '../../ui/Time.tsx';
import classes from './Audit.module.css';
import { PersonChoice } from './PersonChoice.tsx';
import { type AuditFilter, auditQuery, auditWords } from './queries.ts';

const route = getRouteApi('/shell/admin/audit');

const RECORDS = [
  'ticket',
  'alert',
  'service',
  'schedule',
  'escalation_policy',
  'integration',
  'person',
  'team',
  'project',
  'document',
  'link',
  'token',
  'session',
  'server',
];

/** What an entry is about, as a way to it where it has a page. */
function Record({ record }: { record: AuditEntry['record'] }) {
  const name = record.key ?? record.title;
  const { id } = record;
  // A session or token has no name, and its id tells people nothing: it stands among the facts.
  if (!name) return null;
  switch (record.kind) {
    case 'ticket':
      return (
        <Link to="/tickets/$key" params={{ key: record.key ?? id }}>
          {name}
        </Link>
      );
    case 'alert':
      return (
        <Link to="/alerts/$id" params={{ id }}>
          {record.title ?? name}
        </Link>
      );
    case 'service':
      return (
        <Link to="/services/$id" params={{ id }}>
          {name}
        </Link>
      );
    case 'integration':
      return (
        <Link to="/integrations/$id" params={{ id }}>
          {name}
        </Link>
      );
    case 'person':
      return (
        <Link to="/admin/people" search={{ person: id }}>
          {name}
        </Link>
      );
    case 'team':
      return (
        <Link to="/admin/teams" search={{ team: id }}>
          {name}
        </Link>
      );
    default:
      return name;
  }
}

function Entry({ entry }: { entry: AuditEntry }) {
  return (
    <li className={classes.entry}>
      <span className="t3 xs">
        <Moment at={entry.at} />
      </span>
      <div className={classes.what}>
        <b className="b">{actorName(entry.actor)}</b> <span className="t2">{happened(entry.kind)}</span>{' '}
        <Record record={entry.record} />
        <span className="t3 xs"> through {entry.origin}</span>
        <Changes changes={entry.changes} />
        <details className="xs">
          <summary className="t3">All facts</summary>
          <pre className="mono">
            {JSON.stringify(
              { record: entry.record.id, request: entry.request_id, version: entry.record_version, facts: entry.data },
              null,
              2,
            )}
          </pre>
        </details>
      </div>
    </li>
  );
}

/** Every change of everything: who, what, from what to what, when and from where. */
export function AuditPage() {
  const filter = route.useSearch();
  const navigate = useNavigate({ from: '/admin/audit' });
  const set = (part: AuditFilter) => void navigate({ search: { ...filter, ...part }, replace: true });
  const entries = useInfiniteQuery(auditQuery(filter));
  const active = [filter.record_kind, filter.origin, filter.from, filter.to].filter(Boolean).length;
  const exported = (format: 'csv' | 'ndjson') =>
    `/api/v1/audit/export?${new URLSearchParams({ ...auditWords(filter), format }).toString()}`;
  return (
    <>
      <PageHeader
        title="Audit"
        actions={
          <>
            <Button
              component="a"
              href={exported('csv')}
              download
              variant="default"
              leftSection={<IconDownload size={15} />}
            >
              CSV
            </Button>
            <Button component="a" href={exported('ndjson')} download variant="default" className="not-phone">
              JSON lines
            </Button>
          </>
        }
      />
      <div className="page-body">
        <Filters
          active={active}
          first={
            <PersonChoice
              label="Who"
              value={filter.actor ?? null}
              onChange={(actor) => set({ actor: actor ?? undefined })}
            />
          }
        >
          <Select
            aria-label="Kind of record"
            placeholder="Kind of record"
            data={RECORDS.map((value) => ({ value, label: sentence(value.replaceAll('_', ' ')) }))}
            value={filter.record_kind ?? null}
            onChange={(kind) => set({ record_kind: kind ?? undefined })}
            clearable
          />
          <Select
            aria-label="Through"
            placeholder="Through"
            data={['web', 'api', 'cli', 'integration', 'system'].map((value) => ({ value, label: value }))}
            value={filter.origin ?? null}
            onChange={(origin) => set({ origin: origin ?? undefined })}
            clearable
          />
          <TextInput
            aria-label="From this day"
            type="date"
            leftSection={<span className="t3 xs">from</span>}
            leftSectionWidth={44}
            value={filter.from ?? ''}
            onChange={(event) => set({ from: event.currentTarget.value || undefined })}
          />
          <TextInput
            aria-label="To the end of this day"
            type="date"
            leftSection={<span className="t3 xs">to</span>}
            leftSectionWidth={30}
            value={filter.to ?? ''}
            onChange={(event) => set({ to: event.currentTarget.value || undefined })}
          />
        </Filters>
        <section className="panel" aria-label="Changes">
          <QueryState query={entries} what="the audit list" rows={8}>
            {({ pages }) => {
              const items = pages.flatMap((page) => page.items);
              if (items.length === 0) {
                return (
                  <EmptyState title="No change fits" icon={IconHistory}>
                    Everything that anybody or anything changes stands here. Widen the filter to see more.
                    {Object.values(filter).some(Boolean) && (
                      <div>
                        <Anchor component="button" type="button" onClick={() => void navigate({ search: {} })}>
                          Take all filters away
                        </Anchor>
                      </div>
                    )}
                  </EmptyState>
                );
              }
              return (
                <>
                  <ol className={classes.list}>
                    {items.map((entry) => (
                      <Entry key={entry.id} entry={entry} />
                    ))}
                  </ol>
                  <ShowMore query={entries} />
                </>
              );
            }}
          </QueryState>
        </section>
      </div>
    </>
  );
}
