import { Button, Select, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { Calendar } from '../../api/types.ts';
import { OrderButtons } from '../../ui/OrderButtons.tsx';
import { QueryBar } from '../../ui/QueryBar.tsx';
import classes from './Sla.module.css';
import { freshKey, type GoalDraft } from './slas.ts';

interface Props {
  goals: readonly GoalDraft[];
  onChange: (goals: GoalDraft[]) => void;
  calendars: readonly Calendar[];
  errors: Record<string, string>;
  disabled: boolean;
}

/** The goals in their order: the first whose query matches a ticket is in force for it. */
export function SlaGoals({ goals, onChange, calendars, errors, disabled }: Props) {
  const change = (index: number, part: Partial<GoalDraft>) =>
    onChange(goals.map((each, at) => (at === index ? { ...each, ...part } : each)));
  return (
    <div className="stack" style={{ gap: 8 }}>
      {goals.map((goal, index) => {
        const path = `definition.goals[${index}]`;
        const named = goal.key || `goal ${index + 1}`;
        return (
          <fieldset key={index} className={classes.goal} aria-label={`Goal ${index + 1}`}>
            <header>
              <span className="cnt">{index + 1}</span>
              <span className="t2 xs cut">{goal.query.trim() ? 'tickets that match' : 'every ticket'}</span>
              <span className="end row" style={{ gap: 2 }}>
                <OrderButtons
                  items={goals}
                  index={index}
                  onChange={onChange}
                  labels={{
                    earlier: `Try ${named} earlier`,
                    later: `Try ${named} later`,
                    remove: `Remove ${named}`,
                  }}
                  disabled={disabled}
                />
              </span>
            </header>
            <QueryBar
              label={`Which tickets, goal ${index + 1}`}
              path="/tickets/query"
              value={goal.query}
              placeholder="Every ticket, or a query such as: priority = P1"
              onType={(query) => change(index, { query })}
              onRun={(query) => change(index, { query })}
              error={errors[`${path}.query`]}
              disabled={disabled}
            />
            <div className={classes.facts}>
              <TextInput
                label="Target"
                placeholder="4h"
                value={goal.target}
                onChange={(event) => change(index, { target: event.currentTarget.value })}
                error={errors[`${path}.target_min`]}
                disabled={disabled}
                required
              />
              <TextInput
                label="Key"
                value={goal.key}
                onChange={(event) => change(index, { key: event.currentTarget.value })}
                error={errors[`${path}.key`]}
                disabled={disabled}
                required
              />
              <Select
                label="Calendar"
                data={[
                  { value: '', label: 'Around the clock' },
                  ...calendars.map(({ key, name }) => ({ value: key, label: name })),
                  ...(goal.calendar && !calendars.some(({ key }) => key === goal.calendar)
                    ? [{ value: goal.calendar, label: goal.calendar }]
                    : []),
                ]}
                value={goal.calendar ?? ''}
                onChange={(calendar) => change(index, { calendar: calendar || null })}
                error={errors[`${path}.calendar`]}
                disabled={disabled}
                allowDeselect={false}
              />
              <Select
                label="Counts from"
                data={[
                  { value: 'cycle_start', label: 'the start of the clock' },
                  { value: 'change', label: 'when this goal takes over' },
                ]}
                value={goal.from}
                onChange={(from) => from && change(index, { from: from as GoalDraft['from'] })}
                disabled={disabled}
                allowDeselect={false}
              />
            </div>
            {errors[path] && (
              <p className="c-critical xs" role="alert">
                {errors[path]}
              </p>
            )}
          </fieldset>
        );
      })}
      {errors['definition.goals'] && <p className="c-critical xs">{errors['definition.goals']}</p>}
      <div>
        <Button
          variant="default"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          disabled={disabled}
          onClick={() =>
            onChange([
              ...goals,
              {
                key: freshKey(goals),
                query: '',
                target: '8h',
                calendar: goals[goals.length - 1]?.calendar ?? null,
                from: 'cycle_start',
              },
            ])
          }
        >
          Add a goal
        </Button>
      </div>
    </div>
  );
}
