import { ActionIcon, Button, Select, Textarea, TextInput } from '@mantine/core';
import { IconPlus, IconRoute, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { RuleTest, ServiceRule, ServiceRules } from '../../api/types.ts';
import { ApiError, api, errorText, randomKey } from '../../lib/api.ts';
import { serviceChoices } from '../../lib/choices.ts';
import { useCan } from '../../lib/session.ts';
import { toastOk } from '../../lib/toast.ts';
import { useVersioned } from '../../lib/versioned.ts';
import { ActionButton } from '../../ui/ActionButton.tsx';
import { Conflict, type FieldWords } from '../../ui/Conflict.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { OrderButtons } from '../../ui/OrderButtons.tsx';
import { PageHeader } from '../../ui/PageHeader.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { rulesQuery, useServiceChange } from './queries.ts';
import classes from './Services.module.css';

type Condition = ServiceRule['conditions'][number];
interface Draft {
  /** Of the page only; a new rule has no id yet. */
  key: string;
  id?: string;
  name: string;
  service: { id: string; name: string } | null;
  conditions: Condition[];
}

const OPS = [
  { value: 'equals', label: 'is' },
  { value: 'matches', label: 'matches' },
  { value: 'exists', label: 'exists' },
];

const draftOf = (rule: ServiceRule): Draft => ({
  key: rule.id,
  id: rule.id,
  name: rule.name,
  service: rule.service ?? (rule.service_id ? { id: rule.service_id, name: 'a deleted service' } : null),
  conditions: rule.conditions,
});

const draftsOf = (rules: ServiceRules | undefined) => ({ rules: (rules?.rules ?? []).map(draftOf) });
const WORDS: FieldWords<ReturnType<typeof draftsOf>> = {
  rules: {
    label: 'Rules',
    text: (value) =>
      value
        .map(({ name, service, conditions }, index) => {
          const when = conditions.map(({ label, op, value: wanted }) =>
            op === 'exists' ? `${label} exists` : `${label} ${op === 'equals' ? 'is' : 'matches'} ${wanted ?? ''}`,
          );
          return `${index + 1}. ${name} leads to ${service?.name ?? 'nothing'} if ${when.join(' and ')}`;
        })
        .join('\n'),
  },
};

/** `service=payments-api` lines as labels; what has no `=` is reported. */
export function readLabels(text: string): { labels: Record<string, string>; wrong?: string } {
  const labels: Record<string, string> = {};
  for (const line of text.split(/[\n,]/).map((each) => each.trim())) {
    if (!line) continue;
    const at = line.indexOf('=');
    if (at < 1) return { labels, wrong: `“${line}” is not a label: write name=value.` };
    labels[line.slice(0, at).trim()] = line
      .slice(at + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1');
  }
  return { labels };
}

function RuleEditor({
  rule,
  number,
  hit,
  disabled,
  onChange,
  order,
}: {
  rule: Draft;
  number: number;
  hit: boolean;
  disabled: boolean;
  onChange: (next: Draft) => void;
  /** The buttons for its place. */
  order: React.ReactNode;
}) {
  const setCondition = (index: number, next: Condition) =>
    onChange({ ...rule, conditions: rule.conditions.map((each, at) => (at === index ? next : each)) });
  return (
    <li className={`${classes.rule}${hit ? ` ${classes.hit}` : ''}`} aria-label={`Rule ${number}: ${rule.name}`}>
      <span className={classes.number}>{number}</span>
      <div className="stack" style={{ gap: 6 }}>
        <div className="row wrap">
          <TextInput
            aria-label="Name of the rule"
            placeholder="Name"
            value={rule.name}
            onChange={(event) => onChange({ ...rule, name: event.currentTarget.value })}
            disabled={disabled}
            w={220}
          />
          <span className="t2">leads to</span>
          <RecordSelect
            aria-label="Service"
            placeholder="Service"
            source={serviceChoices}
            value={rule.service?.id}
            current={rule.service}
            onChange={(id, name) => onChange({ ...rule, service: id ? { id, name: name ?? '' } : null })}
            disabled={disabled}
            clearable={false}
            w={220}
          />
          {hit && <span className="tag ok">matches the test</span>}
        </div>
        {rule.conditions.map((condition, index) => (
          <div key={index} className={classes.condition}>
            <span className="t3" style={{ width: 30, lineHeight: '30px' }}>
              {index === 0 ? 'if' : 'and'}
            </span>
            <TextInput
              aria-label="Label"
              placeholder="label"
              value={condition.label}
              onChange={(event) => setCondition(index, { ...condition, label: event.currentTarget.value })}
              disabled={disabled}
              w={150}
            />
            <Select
              aria-label="Comparison"
              data={OPS}
              value={condition.op}
              onChange={(op) => op && setCondition(index, { ...condition, op: op as Condition['op'] })}
              disabled={disabled}
              allowDeselect={false}
              w={100}
            />
            {condition.op !== 'exists' && (
              <TextInput
                aria-label="Value"
                placeholder={condition.op === 'matches' ? 'payments-.*' : 'value'}
                value={condition.value ?? ''}
                onChange={(event) => setCondition(index, { ...condition, value: event.currentTarget.value })}
                disabled={disabled}
                w={200}
              />
            )}
            <ActionIcon
              variant="subtle"
              aria-label="Remove the condition"
              disabled={disabled || rule.conditions.length === 1}
              onClick={() => onChange({ ...rule, conditions: rule.conditions.filter((_, at) => at !== index) })}
            >
              <IconX size={14} />
            </ActionIcon>
          </div>
        ))}
        <div>
          <Button
            variant="subtle"
            size="compact-xs"
            leftSection={<IconPlus size={13} />}
            disabled={disabled}
            onClick={() =>
              onChange({ ...rule, conditions: [...rule.conditions, { label: '', op: 'equals', value: '' }] })
            }
          >
            And …
          </Button>
        </div>
      </div>
      <div className="row" style={{ gap: 2, alignItems: 'flex-start' }}>
        {order}
      </div>
    </li>
  );
}

/** Tries labels against the rules that are saved. */
function TestBox({ onHit, dirty }: { onHit: (rule: string | undefined) => void; dirty: boolean }) {
  const [text, setText] = useState('');
  const { labels, wrong } = readLabels(text);
  const test = useServiceChange(() => api.post<RuleTest>('/service-rules/test', { labels }));
  return (
    <section className="panel" aria-labelledby="rules-test">
      <header>
        <h2 id="rules-test">Test</h2>
      </header>
      <form
        className="pad stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!wrong) test.mutate(undefined, { onSuccess: ({ rule }) => onHit(rule?.id) });
        }}
      >
        <Textarea
          label="Labels of an alert"
          description="One name=value a line."
          placeholder={'service=payments-api\nseverity=critical'}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={wrong}
          autosize
          minRows={3}
          styles={{ input: { fontFamily: 'var(--bw-mono)' } }}
        />
        <div className="row">
          <Button type="submit" variant="default" loading={test.isPending} disabled={Boolean(wrong) || !text.trim()}>
            Test
          </Button>
          {dirty && <span className="t3 xs">Tests the saved rules, not your changes.</span>}
        </div>
        <div aria-live="polite">
          {test.data && (
            <p className={`note ${test.data.service ? 'ok' : 'warn'}`}>
              <span>
                <b className="b">{test.data.service?.name ?? 'No service'}</b>
                {test.data.rule && `, by the rule ${test.data.rule.name}`}. {test.data.reason}
              </span>
            </p>
          )}
          {test.isError && <p className="c-critical">{errorText(test.error)}</p>}
        </div>
      </form>
    </section>
  );
}

function Editor({ saved }: { saved: ServiceRules }) {
  const edited = useVersioned(saved, draftsOf);
  const { rules } = edited.draft;
  const dirty = edited.changed;
  const [hit, setHit] = useState<string>();
  const may = useCan('services:manage');
  const change = (next: Draft[]) => {
    edited.set({ rules: next });
    setHit(undefined);
  };
  const save = useServiceChange(() =>
    api.put<ServiceRules>(
      '/service-rules',
      {
        rules: rules.map(({ id, name, service, conditions }) => ({
          ...(id && { id }),
          name,
          service_id: service?.id,
          conditions: conditions.map(({ label, op, value }) => ({ label, op, ...(op !== 'exists' && { value }) })),
        })),
      },
      // Rules that were never saved have no version to quote.
      edited.version ? { ifMatch: edited.version } : {},
    ),
  );
  const add = () =>
    change([
      ...rules,
      { key: randomKey(), name: '', service: null, conditions: [{ label: 'service', op: 'equals', value: '' }] },
    ]);
  const incomplete = rules.some(({ name, service }) => !name.trim() || !service);
  const action = { name: 'save', allowed: may, reason: 'You miss the permission services:manage' };
  return (
    <>
      <PageHeader
        title="Service rules"
        crumbs={[
          <Link key="services" to="/services">
            Services
          </Link>,
          'Rules',
        ]}
        actions={
          <>
            {dirty && (
              <Button variant="default" onClick={edited.discard}>
                Discard
              </Button>
            )}
            <ActionButton
              action={
                !may
                  ? action
                  : !dirty
                    ? { name: 'save', allowed: false, reason: 'Nothing is changed' }
                    : edited.clashes.length > 0
                      ? { name: 'save', allowed: false, reason: 'First choose what stays' }
                      : incomplete
                        ? { name: 'save', allowed: false, reason: 'Every rule needs a name and a service' }
                        : action
              }
              variant="filled"
              loading={save.isPending}
              onClick={() =>
                save.mutate(undefined, {
                  onSuccess: (answer) => {
                    edited.set(draftsOf(answer));
                    toastOk('Saved; new alerts follow these rules');
                  },
                })
              }
            >
              Save
            </ActionButton>
          </>
        }
        meta={<span>The first rule whose conditions all hold names the service of an alert.</span>}
      />
      <div className="page-body">
        <Conflict what="the rules" edited={edited} words={WORDS} />
        {save.isError && (
          <p className="note critical" role="alert">
            {save.error instanceof ApiError && save.error.fields.length > 0
              ? save.error.fields.map(({ field, message }) => `${field}: ${message}`).join(' ')
              : errorText(save.error)}
          </p>
        )}
        <section className="panel" aria-label="Rules">
          {rules.length === 0 ? (
            <EmptyState
              title="There is no rule yet"
              icon={IconRoute}
              action={
                <ActionButton action={action} onClick={add}>
                  Add the first rule
                </ActionButton>
              }
            >
              Without rules no alert finds its service, so nobody is paged by service and no incident opens.
            </EmptyState>
          ) : (
            <ol>
              {rules.map((rule, index) => (
                <RuleEditor
                  key={rule.key}
                  rule={rule}
                  number={index + 1}
                  hit={hit !== undefined && hit === rule.id}
                  disabled={!may}
                  onChange={(next) => change(rules.map((each) => (each.key === rule.key ? next : each)))}
                  order={
                    <OrderButtons
                      items={rules}
                      index={index}
                      onChange={change}
                      labels={{
                        earlier: `Move rule ${index + 1} up`,
                        later: `Move rule ${index + 1} down`,
                        remove: `Remove rule ${index + 1}`,
                      }}
                      disabled={!may}
                    />
                  }
                />
              ))}
            </ol>
          )}
          {rules.length > 0 && (
            <div className="pad">
              <Button variant="default" leftSection={<IconPlus size={15} />} disabled={!may} onClick={add}>
                Add a rule
              </Button>
            </div>
          )}
        </section>
        <TestBox onHit={setHit} dirty={dirty} />
      </div>
    </>
  );
}

/** The ordered rules by which alerts find their service, with a box to try labels. */
export function RulesPage() {
  const rules = useQuery(rulesQuery);
  return (
    <QueryState query={rules} what="the rules" rows={6} screen>
      {(data) => <Editor saved={data} />}
    </QueryState>
  );
}
