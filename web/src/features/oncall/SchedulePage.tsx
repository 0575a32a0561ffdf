import { ActionIcon, Button, Drawer, SegmentedControl } from '@mantine/core';
import { IconAlertTriangle, IconChevronLeft, IconChevronRight, IconReplace } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Schedule, Timeline } from '../../api/types.ts';
import { api } from '../../lib/api.ts';
import { useNow } from '../../lib/clock.ts';
import { useMe } from '../../lib/session.ts';
import { useShortcut } from '../../lib/shortcuts.ts';
import { formatDate, formatDayTime } from '../../lib/time.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { addDays, dateIn, instantOf, weekday } from '../../lib/zone.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { PersonAvatar } from '../../ui/PersonAvatar.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import classes from './OnCall.module.css';
import { OverrideForm } from './OverrideForm.tsx';
import { scheduleQuery, timelineQuery, useOnCallChange } from './queries.ts';
import { ScheduleForm } from './ScheduleForm.tsx';
import { TimelineView } from './Timeline.tsx';

const route = getRouteApi('/shell/oncall/$id');
type Override = Timeline['overrides'][number];

function NowCards({
  schedule,
  gap,
  meId,
}: {
  schedule: Schedule;
  gap: { from: string; to: string } | undefined;
  meId: string;
}) {
  return (
    <div className={classes.cards}>
      {schedule.on_call.map(({ person, rotation, because, until }) => (
        <section
          key={`${person.id} ${rotation}`}
          className={`panel ${classes.card}${person.id === meId ? ` ${classes.mine}` : ''}`}
          aria-label={`${rotation} now`}
        >
          <PersonAvatar name={person.name} size="lg" />
          <div>
            <div className="t3 xs">{rotation} now</div>
            <div>
              <b className="sb">{person.name}</b>
              {person.id === meId && <span className="t2"> that is you</span>}
            </div>
            <div className="t2 xs">
              {until ? (
                <>
                  until <Moment at={until} as="until" />
                </>
              ) : (
                'no change ahead'
              )}
              {because === 'override' && ', by an override'}
            </div>
          </div>
        </section>
      ))}
      {schedule.on_call.length === 0 && (
        <section className={`panel ${classes.card} ${classes.alarm}`} aria-label="Nobody is on call now">
          <IconAlertTriangle className="m-critical" aria-hidden="true" />
          <b className="c-critical">Nobody is on call now</b>
        </section>
      )}
      {gap && (
        <section className={`panel ${classes.card} ${classes.alarm}`} aria-label="A gap">
          <IconAlertTriangle className="m-critical" aria-hidden="true" />
          <div>
            <b className="c-critical">Nobody is on call</b>
            <div className="t2 xs">
              {formatDayTime(gap.from, schedule.time_zone)} to {formatDayTime(gap.to, schedule.time_zone)}
            </div>
          </div>
        </section>
      )}
    </div>
  );
}

function View({ schedule }: { schedule: Schedule }) {
  const me = useMe();
  const { from, days = 14 } = route.useSearch();
  const navigate = useNavigate({ from: '/oncall/$id' });
  const zone = schedule.time_zone;
  const today = dateIn(useNow(60), zone);
  const first = from ?? addDays(today, 1 - weekday(today));
  const timeline = useQuery({
    ...timelineQuery(
      schedule.id,
      new Date(instantOf(first, zone)).toISOString(),
      new Date(instantOf(addDays(first, days), zone)).toISOString(),
    ),
    placeholderData: keepPreviousData,
  });
  const [editing, setEditing] = useState(false);
  const [covering, setCovering] = useState(false);
  const [dropping, setDropping] = useState<Override>();
  const [deleting, setDeleting] = useState(false);
  const drop = useOnCallChange((id: string) => api.delete(`/schedules/${schedule.id}/overrides/${id}`));
  const remove = useOnCallChange(() =>
    api.delete(`/schedules/${schedule.id}`, undefined, { ifMatch: schedule.version }),
  );
  const go = (date: string | undefined) => void navigate({ search: (old) => ({ ...old, from: date }) });
  useShortcut('T', 'Today', () => go(undefined));
  return (
    <>
      <PageHeader
        title={schedule.name}
        crumbs={[
          <Link key="all" to="/oncall">
            On-call
          </Link>,
          'Schedule',
        ]}
        after={
          <>
            {schedule.team && <span className="tag line">{schedule.team.name}</span>}
            <span className="tag line">{zone}</span>
          </>
        }
        actions={
          <>
            <ActionButton
              action={findAction(schedule.actions, 'override')}
              leftSection={<IconReplace size={16} />}
              shortcut="O"
              label="Add an override"
              onClick={() => setCovering(true)}
            >
              Add override
            </ActionButton>
            <ActionButton
              action={findAction(schedule.actions, 'edit')}
              reason="tooltip"
              shortcut="E"
              label="Edit the schedule"
              onClick={() => setEditing(true)}
            >
              Edit
            </ActionButton>
            <ActionButton
              action={findAction(schedule.actions, 'delete')}
              reason="tooltip"
              onClick={() => setDeleting(true)}
            >
              Delete
            </ActionButton>
          </>
        }
        meta={schedule.description && <span>{schedule.description}</span>}
      />
      <div className="page-body">
        <NowCards schedule={schedule} meId={me.id} gap={timeline.data?.gaps[0]} />
        <section className="panel" aria-label="Who is on call when">
          <header style={{ flexWrap: 'wrap' }}>
            <h2 className="num">
              {formatDate(`${first}T12:00Z`, 'UTC').replace(/ \d{4}$/, '')} to{' '}
              {formatDate(`${addDays(first, days - 1)}T12:00Z`, 'UTC')}
            </h2>
            <ActionIcon aria-label="Earlier" onClick={() => go(addDays(first, -days))}>
              <IconChevronLeft size={16} />
            </ActionIcon>
            <Button size="compact-sm" variant="subtle" color="ink" onClick={() => go(undefined)}>
              Today
            </Button>
            <ActionIcon aria-label="Later" onClick={() => go(addDays(first, days))}>
              <IconChevronRight size={16} />
            </ActionIcon>
            <span className="end t3 xs">times in {zone}</span>
            <SegmentedControl
              aria-label="How much to show"
              value={String(days)}
              onChange={(value) => void navigate({ search: (old) => ({ ...old, days: Number(value) }) })}
              data={[
                { value: '7', label: 'Week' },
                { value: '14', label: '2 weeks' },
                { value: '28', label: '4 weeks' },
              ]}
            />
          </header>
          <QueryState query={timeline} what="the timeline" rows={5}>
            {(data) => (
              <TimelineView
                timeline={data}
                zone={zone}
                first={first}
                days={days}
                {...(findAction(schedule.actions, 'override')?.allowed && { onOverride: setDropping })}
              />
            )}
          </QueryState>
        </section>
      </div>
      <Drawer
        opened={editing}
        onClose={() => setEditing(false)}
        title="Edit the schedule"
        size={640}
        closeOnClickOutside={false}
      >
        <ScheduleForm schedule={schedule} onDone={() => setEditing(false)} />
      </Drawer>
      <Drawer opened={covering} onClose={() => setCovering(false)} title="Add an override" size={420}>
        <OverrideForm schedule={schedule} onDone={() => setCovering(false)} />
      </Drawer>
      <ConfirmDialog
        opened={dropping !== undefined}
        onClose={() => setDropping(undefined)}
        title="Remove this override?"
        confirm="Remove the override"
        loading={drop.isPending}
        onConfirm={() =>
          dropping &&
          drop.mutate(dropping.id, {
            onSuccess: () => {
              setDropping(undefined);
              toastOk('The rotation holds again');
            },
            onError: (error) => toastError(error, 'The override is still there'),
          })
        }
      >
        {dropping && (
          <>
            {dropping.person?.name} is no longer on call from {formatDayTime(dropping.from, zone)} to{' '}
            {formatDayTime(dropping.to, zone)}; the rotation holds again. Pages that were sent stay.
          </>
        )}
      </ConfirmDialog>
      <ConfirmDialog
        opened={deleting}
        onClose={() => setDeleting(false)}
        title={`Delete ${schedule.name}?`}
        confirm="Delete the schedule"
        loading={remove.isPending}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => void navigate({ to: '/oncall' }),
            onError: (error) => toastError(error, 'The schedule is still there'),
          })
        }
      >
        Nobody is on call by it any more, and escalation steps that name it reach nobody. Its history stays.
      </ConfirmDialog>
    </>
  );
}

/** One schedule: who is on call now, the timeline, and what it is made from. */
export function SchedulePage() {
  const { id } = route.useParams();
  const schedule = useQuery(scheduleQuery(id));
  return (
    <QueryState query={schedule} what="the schedule" rows={8} screen>
      {(data) => <View schedule={data} />}
    </QueryState>
  );
}
