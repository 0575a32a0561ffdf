import { Button, Checkbox, Modal, Radio, Select, TagsInput, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { BulkChange, Priority, Ticket } from '../../api/types.ts';
import { errorText, formErrors } from '../../lib/api.ts';
import { peopleChoices, teamChoices } from '../../lib/choices.ts';
import { useDraft } from '../../lib/draft.ts';
import { fieldsQuery, isBlank, isFor } from '../../lib/fields.ts';
import { worded } from '../../lib/text.ts';
import { FieldInput } from '../../ui/FieldInput.tsx';
import { RecordSelect } from '../../ui/RecordSelect.tsx';
import { stepsOf } from './bulk.ts';
import { PRIORITIES } from './words.ts';

export type BulkAsk = 'assign' | 'team' | 'priority' | 'labels' | 'status' | 'comment' | 'field';

const TITLES: Record<BulkAsk, string> = {
  assign: 'Assign',
  team: 'Team',
  priority: 'Priority',
  labels: 'Labels',
  status: 'Status',
  comment: 'Comment',
  field: 'Field',
};

interface FormProps {
  ask: BulkAsk;
  tickets: readonly Ticket[];
  /** Throws what the server refuses as a whole. */
  onSend: (change: BulkChange) => Promise<void>;
}

function Form({ ask, tickets, onSend }: FormProps) {
  const [record, setRecord] = useState<string | null>(null);
  const [nobody, setNobody] = useState(false);
  const [priority, setPriority] = useState<string | null>(null);
  const [add, setAdd] = useState<string[]>([]);
  const [remove, setRemove] = useState<string[]>([]);
  const [step, setStep] = useState<string | null>(null);
  const [resolution, setResolution] = useState<string | null>(null);
  const [audience, setAudience] = useState('internal');
  const [text, setText, clearText] = useDraft('tickets-bulk-comment');
  const [field, setField] = useState<string | null>(null);
  const [value, setValue] = useState<unknown>(null);
  const [error, setError] = useState<unknown>();
  const [sending, setSending] = useState(false);
  const errors = formErrors(error);
  const steps = stepsOf(tickets);
  const chosen = steps.find(({ name }) => name === step);
  const fields = (useQuery({ ...fieldsQuery, enabled: ask === 'field' }).data?.items ?? []).filter(({ definition }) =>
    tickets.some(({ project, kind }) => isFor(definition, project.id, kind)),
  );
  const definition = fields.find(({ key }) => key === field)?.definition;
  const labels = [...new Set(tickets.flatMap((ticket) => ticket.labels))].toSorted();
  const comment = text.trim() ? { comment: { text: text.trim(), internal: audience === 'internal' } } : {};

  const change = (): BulkChange | undefined => {
    switch (ask) {
      case 'assign':
        return nobody ? { assignee_id: null } : record ? { assignee_id: record } : undefined;
      case 'team':
        return nobody ? { team_id: null } : record ? { team_id: record } : undefined;
      case 'priority':
        return priority ? { priority: priority as Priority } : undefined;
      case 'labels':
        return add.length + remove.length > 0
          ? { ...(add.length > 0 && { add_labels: add }), ...(remove.length > 0 && { remove_labels: remove }) }
          : undefined;
      case 'status':
        return chosen && (resolution || !chosen.requiresResolution)
          ? { transition: chosen.name, ...(chosen.requiresResolution && resolution && { resolution }), ...comment }
          : undefined;
      case 'field':
        return field && (nobody || !isBlank(value)) ? { fields: { [field]: nobody ? null : value } } : undefined;
      case 'comment':
        return comment.comment ? comment : undefined;
    }
  };
  const ready = change();
  const placed = ['change.assignee_id', 'change.team_id', 'change.priority', 'change.add_labels', 'change.resolution'];
  const writing = (
    <>
      <Textarea
        label="Comment"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        autosize
        minRows={3}
        maxRows={12}
        required={ask === 'comment'}
        {...(ask === 'comment' && { 'data-autofocus': true })}
      />
      <Radio.Group aria-label="Who reads the comment" value={audience} onChange={setAudience}>
        <div className="row wrap" style={{ gap: 14 }}>
          <Radio value="internal" label="Internal note" />
          <Radio value="public" label="The reporters can read it" />
        </div>
      </Radio.Group>
    </>
  );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!ready) return;
        setSending(true);
        setError(undefined);
        onSend(ready).then(
          () => {
            if (ready.comment) clearText();
          },
          (cause: unknown) => {
            setSending(false);
            setError(cause);
          },
        );
      }}
    >
      {(ask === 'assign' || ask === 'team') && (
        <>
          <RecordSelect
            label={ask === 'assign' ? 'Assignee' : 'Team'}
            source={ask === 'assign' ? peopleChoices : teamChoices}
            value={record}
            onChange={setRecord}
            disabled={nobody}
            error={errors[ask === 'assign' ? 'change.assignee_id' : 'change.team_id']}
            data-autofocus
          />
          <Checkbox
            label={ask === 'assign' ? 'Nobody: take the assignee away' : 'None: take the team away'}
            checked={nobody}
            onChange={(event) => setNobody(event.currentTarget.checked)}
          />
        </>
      )}
      {ask === 'priority' && (
        <Select
          label="Priority"
          description="Set by hand: it no longer follows impact and urgency."
          data={PRIORITIES}
          value={priority}
          onChange={setPriority}
          error={errors['change.priority']}
          allowDeselect={false}
          data-autofocus
        />
      )}
      {ask === 'labels' && (
        <>
          <TagsInput
            label="Add"
            placeholder="Type a label, then Enter"
            value={add}
            onChange={setAdd}
            error={errors['change.add_labels']}
            data-autofocus
          />
          <TagsInput label="Take away" data={labels} value={remove} onChange={setRemove} />
        </>
      )}
      {ask === 'status' && (
        <>
          <Select
            label="Step"
            data={steps.map(({ name, count }) => ({
              value: name,
              label: count === tickets.length ? name : `${name} (${count} of ${tickets.length} can)`,
            }))}
            value={step}
            onChange={(name) => {
              setStep(name);
              setResolution(steps.find((each) => each.name === name)?.resolutions[0] ?? null);
            }}
            nothingFoundMessage="No step is open to these tickets"
            allowDeselect={false}
            data-autofocus
          />
          {chosen?.requiresResolution && (
            <Select
              label="Resolution"
              data={chosen.resolutions.map((value) => ({ value, label: worded(value) }))}
              value={resolution}
              onChange={setResolution}
              error={errors['change.resolution']}
              allowDeselect={false}
              required
            />
          )}
          {chosen && writing}
        </>
      )}
      {ask === 'field' && (
        <>
          <Select
            label="Field"
            data={fields.map(({ key, definition: { name } }) => ({ value: key, label: name }))}
            value={field}
            onChange={(key) => {
              setField(key);
              setValue(fields.find((each) => each.key === key)?.definition.kind === 'checkbox' ? false : null);
            }}
            nothingFoundMessage="These tickets have no custom field"
            placeholder={fields.length === 0 ? 'These tickets have no custom field' : 'Choose the field'}
            allowDeselect={false}
            searchable
            data-autofocus
          />
          {definition && (
            <>
              <FieldInput
                key={field}
                field={{ ...definition, required: false }}
                value={value}
                onChange={setValue}
                disabled={nobody}
                error={errors[`change.fields.${field}`] ?? errors[`fields.${field}`]}
              />
              <Checkbox
                label="Empty it"
                checked={nobody}
                onChange={(event) => setNobody(event.currentTarget.checked)}
              />
            </>
          )}
        </>
      )}
      {ask === 'comment' && writing}
      {error !== undefined && !placed.some((field) => errors[field]) && (
        <p className="c-critical" role="alert">
          {[errorText(error), ...Object.values(errors)].join(' ')}
        </p>
      )}
      <div className="row">
        <Button type="submit" loading={sending} disabled={!ready}>
          {tickets.length === 1 ? 'Change the ticket' : `Change ${tickets.length} tickets`}
        </Button>
      </div>
    </form>
  );
}

/** Asks what is to change about the selected tickets. */
export function BulkForm({
  ask,
  onClose,
  ...form
}: Omit<FormProps, 'ask'> & { ask: BulkAsk | undefined; onClose: () => void }) {
  const count = form.tickets.length;
  return (
    <Modal
      opened={ask !== undefined && count > 0}
      onClose={onClose}
      title={ask && `${TITLES[ask]}: ${count === 1 ? form.tickets[0]?.key : `${count} tickets`}`}
      centered
      size="sm"
    >
      {ask && <Form key={ask} ask={ask} {...form} />}
    </Modal>
  );
}
