import { Button, Drawer, Tabs } from '@mantine/core';
import { IconAlertTriangle, IconCalendarOff, IconPlus, IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { EscalationPolicy, Schedule } from '../../api/types.ts';
import { useCan, useMe } from '../../lib/session.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PersonName } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import { PolicyForm } from './PolicyForm.tsx';
import { gapsQuery, policiesQuery, schedulesQuery } from './queries.ts';
import { ScheduleForm } from './ScheduleForm.tsx';
import { StepList } from './StepList.tsx';

const route = getRouteApi('/shell/oncall');

const byName = <T extends { name: string }>(records: readonly T[]) =>
  records.toSorted((a, b) => a.name.localeCompare(b.name));

function ScheduleCard({ schedule, gap, meId }: { schedule: Schedule; gap: string | undefined; meId: string }) {
  return (
    <section className="panel" aria-label={schedule.name}>
      <header>
        <h2>
          <Link to="/oncall/$id" params={{ id: schedule.id }}>
            {schedule.name}
          </Link>
        </h2>
        <span className="t3 cut">{[schedule.team?.name, schedule.time_zone].filter(Boolean).join(', ')}</span>
      </header>
      <ul className="lines pad">
        {schedule.on_call.length === 0 && (
          <li className="c-critical b">
            <IconAlertTriangle size={16} aria-hidden="true" /> Nobody is on call now
          </li>
        )}
        {schedule.on_call.map(({ person, rotation, because, until }) => (
          <li key={`${person.id} ${rotation}`} style={{ flexWrap: 'wrap', gap: '2px 8px' }}>
            {person.id === meId && <span className="lamp" title="You are on watch" />}
            <PersonName person={person} you={meId} />
            <span className="t3 xs" style={{ flexBasis: '100%' }}>
              {because === 'override' ? `${rotation}, by an override` : rotation}
              {until && (
                <>
                  {' '}
                  until <Moment at={until} as="until" />
                </>
              )}
            </span>
          </li>
        ))}
        {gap && (
          <li className="c-warn">
            <IconAlertTriangle size={16} aria-hidden="true" />
            <span>
              Nobody from <Moment at={gap} />
            </span>
          </li>
        )}
      </ul>
    </section>
  );
}

function Schedules({ onCreate }: { onCreate: (() => void) | undefined }) {
  const me = useMe();
  const schedules = useQuery(schedulesQuery);
  const gaps = useQuery(gapsQuery);
  return (
    <QueryState query={schedules} what="the schedules">
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState
            title="Nobody can be paged"
            alarm
            icon={IconCalendarOff}
            action={
              onCreate && (
                <Button variant="default" onClick={onCreate}>
                  New schedule
                </Button>
              )
            }
          >
            There is no schedule. A schedule says who is on call, in turns.
          </EmptyState>
        ) : (
          <div className="columns-3">
            {byName(items).map((schedule) => (
              <ScheduleCard
                key={schedule.id}
                schedule={schedule}
                meId={me.id}
                gap={gaps.data?.items.find((entry) => entry.schedule.id === schedule.id)?.gaps[0]?.from}
              />
            ))}
          </div>
        )
      }
    </QueryState>
  );
}

function PolicyCard({ policy }: { policy: EscalationPolicy }) {
  return (
    <section className="panel" aria-label={policy.name}>
      <header>
        <h2>
          <Link to="/oncall/policies/$id" params={{ id: policy.id }}>
            {policy.name}
          </Link>
        </h2>
        <span className="t3 cut">
          version {policy.document_version}
          {policy.team && `, ${policy.team.name}`}
        </span>
      </header>
      <div className="pad">
        <StepList policy={policy} />
      </div>
    </section>
  );
}

function Policies({ onCreate }: { onCreate: (() => void) | undefined }) {
  const policies = useQuery(policiesQuery);
  return (
    <QueryState query={policies} what="the escalation policies">
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState
            title="There is no escalation policy"
            icon={IconRoute}
            action={
              onCreate && (
                <Button variant="default" onClick={onCreate}>
                  New policy
                </Button>
              )
            }
          >
            A policy says who is paged first, and who next while nobody acknowledges.
          </EmptyState>
        ) : (
          <div className="columns-2">
            {byName(items).map((policy) => (
              <PolicyCard key={policy.id} policy={policy} />
            ))}
          </div>
        )
      }
    </QueryState>
  );
}

/** Who is on call everywhere, and by which policies pages travel. */
export function OnCallPage() {
  const { tab = 'schedules', create } = route.useSearch();
  const navigate = useNavigate({ from: '/oncall' });
  const may = useCan('oncall:manage');
  const set = (search: { tab?: 'policies' | undefined; create?: boolean | undefined }) => void navigate({ search });
  const here = tab === 'policies' ? { tab } : {};
  const start = () => set({ ...here, create: true });
  const stop = () => set(here);
  return (
    <Tabs value={tab} onChange={(value) => set(value === 'policies' ? { tab: 'policies' } : {})}>
      <PageHeader
        title="On-call"
        actions={
          <ActionButton
            variant="filled"
            action={{ name: 'create', allowed: may, reason: 'You miss the permission oncall:manage' }}
            leftSection={<IconPlus size={16} />}
            shortcut="C"
            label={tab === 'policies' ? 'New policy' : 'New schedule'}
            onClick={start}
          >
            {tab === 'policies' ? 'New policy' : 'New schedule'}
          </ActionButton>
        }
        tabs={
          <Tabs.List>
            <Tabs.Tab value="schedules">Schedules</Tabs.Tab>
            <Tabs.Tab value="policies">Escalation policies</Tabs.Tab>
          </Tabs.List>
        }
      />
      <div className="page-body">
        <Tabs.Panel value="schedules">
          <Schedules onCreate={may ? start : undefined} />
        </Tabs.Panel>
        <Tabs.Panel value="policies">
          <Policies onCreate={may ? start : undefined} />
        </Tabs.Panel>
      </div>
      <Drawer
        opened={Boolean(create) && may}
        onClose={stop}
        title={tab === 'policies' ? 'New escalation policy' : 'New schedule'}
        size={640}
        closeOnClickOutside={false}
      >
        {tab === 'policies' ? (
          <PolicyForm onDone={(policy) => void navigate({ to: '/oncall/policies/$id', params: { id: policy.id } })} />
        ) : (
          <ScheduleForm onDone={(schedule) => void navigate({ to: '/oncall/$id', params: { id: schedule.id } })} />
        )}
      </Drawer>
    </Tabs>
  );
}
