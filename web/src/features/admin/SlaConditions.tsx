import { ActionIcon, Button, Select } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import type { Choice } from '../../lib/choices.ts';
import classes from './Sla.module.css';
import { CATEGORIES, STATES, type StateMatch, type Status, TRIGGERS, type Trigger } from './slas.ts';

interface Shared {
  /** Such as `definition.start`: the places of the server's refusals. */
  path: string;
  errors: Record<string, string>;
  disabled: boolean;
  statuses: readonly Status[];
}

/** The choices, with the present one among them even when it is not known any more. */
const withPresent = (choices: readonly Choice[], present: string | undefined): Choice[] =>
  present && !choices.some(({ value }) => value === present)
    ? [...choices, { value: present, label: present }]
    : [...choices];

const optionsOf = (words: Record<string, string>) => Object.entries(words).map(([value, label]) => ({ value, label }));

function List<T>({
  title,
  explains,
  items,
  fresh,
  onChange,
  path,
  errors,
  disabled,
  children,
}: Shared & {
  title: string;
  explains: string;
  items: readonly T[];
  /** What a new condition says first. */
  fresh: T;
  onChange: (items: T[]) => void;
  children: (item: T, change: (next: T) => void, error: string | undefined, label: string) => React.ReactNode;
}) {
  return (
    <fieldset className="stack" style={{ gap: 6 }}>
      <legend className="b">{title}</legend>
      <p className="t3 xs">{explains}</p>
      {items.map((item, index) => {
        const label = `${title}, condition ${index + 1}`;
        return (
          <div key={index} className={classes.condition}>
            <div>
              {children(
                item,
                (next) => onChange(items.map((each, at) => (at === index ? next : each))),
                errors[`${path}[${index}]`],
                label,
              )}
            </div>
            <ActionIcon
              variant="subtle"
              aria-label={`Remove ${label}`}
              disabled={disabled}
              onClick={() => onChange(items.filter((_, at) => at !== index))}
            >
              <IconX size={14} />
            </ActionIcon>
          </div>
        );
      })}
      {errors[path] && <p className="c-critical xs">{errors[path]}</p>}
      <div>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          aria-label={`Add a condition: ${title}`}
          disabled={disabled}
          onClick={() => onChange([...items, fresh])}
        >
          Add a condition
        </Button>
      </div>
    </fieldset>
  );
}

/** What starts or stops the clock: any of these. */
export function Triggers({
  title,
  explains,
  items,
  onChange,
  ...shared
}: Shared & { title: string; explains: string; items: readonly Trigger[]; onChange: (items: Trigger[]) => void }) {
  const statuses = shared.statuses.map(({ key, name }) => ({ value: key, label: name }));
  return (
    <List
      {...shared}
      title={title}
      explains={explains}
      items={items}
      fresh={{ event: 'created' } as Trigger}
      onChange={onChange}
    >
      {(item, change, error, label) => (
        <>
          <Select
            aria-label={label}
            data={optionsOf(TRIGGERS)}
            value={item.event}
            error={error}
            onChange={(event) =>
              event &&
              change((event === 'status_entered' ? { event, status: statuses[0]?.value ?? '' } : { event }) as Trigger)
            }
            disabled={shared.disabled}
            allowDeselect={false}
            searchable
          />
          {item.event === 'status_entered' && (
            <Select
              aria-label={`${label}, status`}
              data={withPresent(statuses, item.status)}
              value={item.status}
              error={shared.errors[`${shared.path}[${items.indexOf(item)}].status`]}
              onChange={(status) => status && change({ event: 'status_entered', status })}
              disabled={shared.disabled}
              allowDeselect={false}
            />
          )}
        </>
      )}
    </List>
  );
}

/** What pauses the clock while it holds: any of these. */
export function States({
  items,
  onChange,
  teams,
  ...shared
}: Shared & { items: readonly StateMatch[]; onChange: (items: StateMatch[]) => void; teams: readonly Choice[] }) {
  const statuses = shared.statuses.map(({ key, name }) => ({ value: key, label: name }));
  const freshOf = (state: StateMatch['state']): StateMatch => {
    if (state === 'status') return { state, status: statuses[0]?.value ?? '' };
    if (state === 'category') return { state, category: 'waiting' };
    if (state === 'team_is_not') return { state, team: teams[0]?.value ?? '' };
    return { state };
  };
  return (
    <List
      {...shared}
      title="Pause"
      explains="It stands still while any of these holds."
      items={items}
      fresh={freshOf('category')}
      onChange={onChange}
    >
      {(item, change, error, label) => (
        <>
          <Select
            aria-label={label}
            data={optionsOf(STATES)}
            value={item.state}
            error={error}
            onChange={(state) => state && change(freshOf(state as StateMatch['state']))}
            disabled={shared.disabled}
            allowDeselect={false}
            searchable
          />
          {item.state === 'category' && (
            <Select
              aria-label={`${label}, kind of status`}
              data={CATEGORIES}
              value={item.category}
              onChange={(category) =>
                category && change({ state: 'category', category: category as (typeof item)['category'] })
              }
              disabled={shared.disabled}
              allowDeselect={false}
            />
          )}
          {item.state === 'status' && (
            <Select
              aria-label={`${label}, status`}
              data={withPresent(statuses, item.status)}
              value={item.status}
              error={shared.errors[`${shared.path}[${items.indexOf(item)}].status`]}
              onChange={(status) => status && change({ state: 'status', status })}
              disabled={shared.disabled}
              allowDeselect={false}
            />
          )}
          {item.state === 'team_is_not' && (
            <Select
              aria-label={`${label}, team`}
              data={withPresent(teams, item.team)}
              value={item.team}
              error={shared.errors[`${shared.path}[${items.indexOf(item)}].team`]}
              onChange={(team) => team && change({ state: 'team_is_not', team })}
              disabled={shared.disabled}
              allowDeselect={false}
              searchable
            />
          )}
        </>
      )}
    </List>
  );
}
