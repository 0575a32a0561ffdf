import { ActionIcon, Button, Checkbox, Drawer, NumberInput, Select, TextInput } from '@mantine/core';
import { IconCalendarTime, IconPlus, IconX } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { ColumnDef } from '@tanstack/react-table';
import { useState } from 'react';
import type { Calendar, CalendarBody, CalendarPreview } from '../../api/types.ts';
import { ApiError, api, errorText, formErrors, serverNow } from '../../lib/api.ts';
import { useCan } from '../../lib/session.ts';
import { formatDayTime } from '../../lib/time.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { instantOf, minuteIn } from '../../lib/zone.ts';
import { ActionButton, findAction } from '../../ui/ActionButton.tsx';
import { Conflict, ConflictReason, type FieldWords } from '../../ui/Conflict.tsx';
import { DataTable } from '../../ui/DataTable.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { Moment } from '../../ui/Time.tsx';
import { DAYS, keyFrom, readHours, writeHours } from './hours.ts';
import { calendarsQuery, useChange } from './queries.ts';
import { Versions } from './Versions.tsx';

const route = getRouteApi('/shell/admin/calendars');

interface HolidayDraft {
  name: string;
  date: string;
  yearly: boolean;
  open: string;
}

const draftOf = (calendar: Calendar | undefined) => {
  const body = calendar?.definition;
  const week = body?.kind === 'business' ? body.week : undefined;
  return {
    name: body?.name ?? '',
    always: body?.kind === 'always',
    zone: body?.kind === 'business' ? body.time_zone : 'UTC',
    hours: DAYS.map((day, index) => (week ? writeHours(week[day]) : index < 5 && !calendar ? '08:00-16:00' : '')),
    holidays: (body?.kind === 'business' ? (body.holidays ?? []) : []).map(
      ({ name, date, yearly, open }): HolidayDraft => ({
        name,
        date,
        yearly: yearly ?? false,
        open: writeHours(open ?? []),
      }),
    ),
  };
};
type Draft = ReturnType<typeof draftOf>;
const WORDS: FieldWords<Draft> = {
  name: { label: 'Name', text: (value) => value },
  always: { label: 'Hours', text: (value) => (value ? 'around the clock' : 'business hours') },
  zone: { label: 'Time zone', text: (value) => value },
  hours: { label: 'Week', text: (value) => value.map((text, day) => `${DAYS[day]}: ${text || 'closed'}`).join('\n') },
  holidays: { label: 'Holidays', text: (value) => value.map(({ name, date }) => `${date} ${name}`).join('\n') },
};

/** The calendar as the server takes it. */
function bodyOf({ name, always, zone, hours, holidays }: Draft): CalendarBody {
  if (always) return { kind: 'always', name };
  const week = Object.fromEntries(DAYS.map((day, index) => [day, readHours(hours[index] ?? '')]));
  return {
    kind: 'business',
    name,
    time_zone: zone,
    week: week as Extract<CalendarBody, { kind: 'business' }>['week'],
    holidays: holidays.map((holiday) => ({ ...holiday, open: readHours(holiday.open) })),
  };
}

/** When so much business time is over, by what is typed. */
function Preview({ draft }: { draft: Draft }) {
  const [minutes, setMinutes] = useState<number | string>(240);
  const [start, setStart] = useState(() => minuteIn(serverNow(), draft.zone));
  const preview = useMutation({
    mutationFn: () =>
      api.post<CalendarPreview>('/calendars/preview', {
        definition: bodyOf(draft),
        start: new Date(instantOf(start, draft.zone)).toISOString(),
        duration_min: Number(minutes),
      }),
  });
  return (
    <fieldset className="stack" style={{ gap: 6 }}>
      <legend className="b">Try it</legend>
      <div className="row wrap" style={{ alignItems: 'flex-end' }}>
        <TextInput
          type="datetime-local"
          label="From"
          value={start}
          onChange={(event) => setStart(event.currentTarget.value)}
        />
        <NumberInput label="Minutes" min={1} value={minutes} onChange={setMinutes} w={100} />
        <Button variant="default" loading={preview.isPending} disabled={!start} onClick={() => preview.mutate()}>
          When is it due?
        </Button>
      </div>
      <div aria-live="polite">
        {preview.data && (
          <p className="note ok">
            <span>
              Due {formatDayTime(preview.data.due, draft.always ? undefined : draft.zone)}
              {draft.always ? '' : ` in ${draft.zone}`}.{' '}
              {preview.data.open_at_start ? 'It is open at the start.' : 'It is closed at the start.'}{' '}
              {preview.data.spans.length} open {preview.data.spans.length === 1 ? 'stretch' : 'stretches'}.
            </span>
          </p>
        )}
        {preview.isError && <p className="c-critical">{errorText(preview.error)}</p>}
      </div>
    </fieldset>
  );
}

function Form({ calendar, onDone }: { calendar?: Calendar; onDone: () => void }) {
  const edited = useVersioned(calendar, draftOf);
  const { draft, set } = edited;
  const may = calendar ? findAction(calendar.actions, 'edit') : undefined;
  const locked = may ? !may.allowed : false;
  const save = useChange('calendar', () =>
    api.put<Calendar>(`/calendars/${calendar?.key ?? keyFrom(draft.name)}`, bodyOf(draft), {
      ifMatch: edited.version ?? 0,
    }),
  );
  const remove = useChange('calendar', () => api.delete(`/calendars/${calendar?.key}`));
  const errors = formErrors(save.error);
  const stale = save.error instanceof ApiError && save.error.code === 'version_conflict';
  const change = (index: number, part: Partial<HolidayDraft>) =>
    set({ holidays: draft.holidays.map((each, at) => (at === index ? { ...each, ...part } : each)) });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined, {
          onSuccess: (saved) => {
            toastOk(`${saved.name} is saved; clocks that count by it are worked out anew`);
            onDone();
          },
        });
      }}
    >
      <TextInput
        label="Name"
        value={draft.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        disabled={locked}
        required
      />
      <Checkbox
        label="Around the clock"
        checked={draft.always}
        onChange={(event) => set({ always: event.currentTarget.checked })}
        disabled={locked}
      />
      {!draft.always && (
        <>
          <Select
            label="Time zone"
            data={[...new Set(['UTC', draft.zone, ...Intl.supportedValuesOf('timeZone')])]}
            value={draft.zone}
            onChange={(zone) => zone && set({ zone })}
            error={errors.time_zone}
            disabled={locked}
            searchable
            allowDeselect={false}
          />
          <fieldset className="stack" style={{ gap: 6 }}>
            <legend className="b">Open hours</legend>
            <p className="t3 xs">Such as 08:00-12:00, 13:00-16:00. Nothing is closed.</p>
            {DAYS.map((day, index) => (
              <TextInput
                key={day}
                label={`${day[0]?.toUpperCase()}${day.slice(1)}`}
                placeholder="closed"
                value={draft.hours[index] ?? ''}
                onChange={(event) => {
                  const text = event.currentTarget.value;
                  set({ hours: draft.hours.map((each, at) => (at === index ? text : each)) });
                }}
                disabled={locked}
              />
            ))}
          </fieldset>
          <fieldset className="stack" style={{ gap: 6 }}>
            <legend className="b">Holidays</legend>
            {draft.holidays.map((holiday, index) => (
              <div key={index} className="row wrap">
                <TextInput
                  type="date"
                  aria-label="Date"
                  value={holiday.date}
                  onChange={(event) => change(index, { date: event.currentTarget.value })}
                  disabled={locked}
                />
                <TextInput
                  aria-label="Name of the holiday"
                  value={holiday.name}
                  onChange={(event) => change(index, { name: event.currentTarget.value })}
                  disabled={locked}
                  className="grow"
                />
                <TextInput
                  aria-label="Open hours of the holiday"
                  placeholder="closed"
                  value={holiday.open}
                  onChange={(event) => change(index, { open: event.currentTarget.value })}
                  disabled={locked}
                  w={110}
                />
                <Checkbox
                  label="Yearly"
                  checked={holiday.yearly}
                  onChange={(event) => change(index, { yearly: event.currentTarget.checked })}
                  disabled={locked}
                />
                <ActionIcon
                  variant="subtle"
                  aria-label={`Remove ${holiday.name || 'the holiday'}`}
                  disabled={locked}
                  onClick={() => set({ holidays: draft.holidays.filter((_, at) => at !== index) })}
                >
                  <IconX size={14} />
                </ActionIcon>
              </div>
            ))}
            <div>
              <Button
                variant="default"
                size="compact-xs"
                leftSection={<IconPlus size={13} />}
                disabled={locked}
                onClick={() => set({ holidays: [...draft.holidays, { name: '', date: '', yearly: false, open: '' }] })}
              >
                Add a holiday
              </Button>
            </div>
          </fieldset>
        </>
      )}
      <Preview draft={draft} />
      {save.isError && !stale && (
        <p className="c-critical" role="alert">
          {errorText(save.error)} {Object.entries(errors).map(([field, message]) => `${field}: ${message} `)}
        </p>
      )}
      {stale && calendar && edited.clashes.length === 0 && (
        <p className="note" role="alert">
          Somebody else changed it meanwhile. Their changes are in the form now; save again.
        </p>
      )}
      {stale && !calendar && (
        <p className="c-critical" role="alert">
          There is a calendar of this name. Open that one, or choose another name.
        </p>
      )}
      <Conflict what="the calendar" edited={edited} words={WORDS} />
      {calendar && calendar.used_by.length > 0 && (
        <p className="t3 xs">Service levels count by it: {calendar.used_by.map(({ name }) => name).join(', ')}.</p>
      )}
      <div className="row wrap">
        <Button type="submit" loading={save.isPending} disabled={locked || edited.clashes.length > 0}>
          {calendar ? 'Save' : 'Create the calendar'}
        </Button>
        {locked && <span className="t3 xs">{may?.reason}</span>}
        <ConflictReason edited={edited} />
        {calendar && (
          <ActionButton
            action={findAction(calendar.actions, 'delete')}
            color="port"
            loading={remove.isPending}
            onClick={() =>
              remove.mutate(undefined, {
                onSuccess: onDone,
                onError: (error) => toastError(error, `${calendar.name} is still there`),
              })
            }
          >
            Delete
          </ActionButton>
        )}
      </div>
    </form>
  );
}

const columns: ColumnDef<Calendar>[] = [
  { id: 'name', header: 'Name', cell: ({ row }) => <span className="b">{row.original.name}</span> },
  {
    id: 'now',
    header: 'Now',
    cell: ({ row: { original: calendar } }) => (
      <span className={`tag ${calendar.open_now ? 'ok' : ''}`}>{calendar.open_now ? 'open' : 'closed'}</span>
    ),
  },
  {
    id: 'next',
    header: 'Changes',
    cell: ({ row }) => row.original.next_change && <Moment at={row.original.next_change} as="until" />,
    meta: { hidePhone: true },
  },
  {
    id: 'zone',
    header: 'Time zone',
    cell: ({ row: { original: calendar } }) => (
      <span className="t2">
        {calendar.definition.kind === 'business' ? calendar.definition.time_zone : 'around the clock'}
      </span>
    ),
    meta: { grow: true },
  },
  {
    id: 'used',
    header: 'Service levels',
    cell: ({ row }) => <span className="num">{row.original.used_by.length}</span>,
    meta: { align: 'right', hidePhone: true },
  },
];

/** The hours by which service levels count. */
export function CalendarsPage() {
  const search = route.useSearch();
  const navigate = useNavigate({ from: '/admin/calendars' });
  const calendars = useQuery(calendarsQuery);
  const mayManage = useCan('slas:manage');
  const open = (calendar: string | undefined) => void navigate({ search: calendar ? { calendar } : {} });
  const chosen = calendars.data?.items.find(({ key }) => key === search.calendar);
  const create = () => void navigate({ search: { create: true } });
  return (
    <>
      <PageHeader
        title="Calendars"
        actions={
          <ActionButton
            variant="filled"
            action={{ name: 'create', allowed: mayManage, reason: 'You miss the permission slas:manage' }}
            leftSection={<IconPlus size={16} />}
            shortcut="C"
            label="New calendar"
            onClick={create}
          >
            New calendar
          </ActionButton>
        }
      />
      <div className="page-body">
        <section className="panel" aria-label="Calendars">
          <QueryState query={calendars} what="the calendars">
            {({ items }) =>
              items.length === 0 ? (
                <EmptyState title="There is no calendar" icon={IconCalendarTime}>
                  Without one, service levels count around the clock.
                </EmptyState>
              ) : (
                <DataTable
                  label="Calendars"
                  rows={items}
                  columns={columns}
                  rowId={(row) => row.key}
                  onOpen={(row) => open(row.key)}
                />
              )
            }
          </QueryState>
        </section>
      </div>
      <Drawer
        opened={chosen !== undefined || (Boolean(search.create) && mayManage)}
        onClose={() => open(undefined)}
        title={chosen?.name ?? 'New calendar'}
        size={560}
      >
        <Form key={chosen?.key ?? 'new'} {...(chosen && { calendar: chosen })} onDone={() => open(undefined)} />
        {chosen && (
          <div style={{ marginTop: 14 }}>
            <Versions
              kind="calendar"
              of={chosen.key}
              what="this version"
              action={findAction(chosen.actions, 'edit')}
              onRestored={() => open(undefined)}
            />
          </div>
        )}
      </Drawer>
    </>
  );
}
