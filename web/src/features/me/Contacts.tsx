import { Button, Group, SegmentedControl, TextInput } from '@mantine/core';
import { IconMail, IconTrash, IconWebhook } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Contact } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { contactsQuery, useOwn } from './queries.ts';

const KINDS = {
  mail: { Icon: IconMail, label: 'Mail', placeholder: 'you@example.org' },
  webhook: { Icon: IconWebhook, label: 'Webhook', placeholder: 'https://' },
} as const;

function Verify({ contact }: { contact: Contact }) {
  const [code, setCode] = useState('');
  const verify = useOwn('contacts', (value: string) => api.post(`/me/contacts/${contact.id}/verify`, { code: value }));
  const resend = useOwn('contacts', () => api.post(`/me/contacts/${contact.id}/send-code`));
  return (
    <form
      className="row wrap"
      style={{ width: '100%', paddingBottom: 8 }}
      onSubmit={(event) => {
        event.preventDefault();
        verify.mutate(code.trim(), { onSuccess: () => toastOk(`${contact.address} is verified`) });
      }}
    >
      <TextInput
        aria-label={`Code sent to ${contact.address}`}
        placeholder="Code from the mail"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        error={verify.isError ? errorText(verify.error) : undefined}
        autoComplete="one-time-code"
        required
      />
      <Button type="submit" variant="default" loading={verify.isPending}>
        Verify
      </Button>
      <Button
        variant="subtle"
        loading={resend.isPending}
        onClick={() =>
          resend.mutate(undefined, {
            onSuccess: () => toastOk('A new code is on its way'),
            onError: (error) => toastError(error),
          })
        }
      >
        Send the code again
      </Button>
    </form>
  );
}

function Row({ contact }: { contact: Contact }) {
  const { Icon, label } = KINDS[contact.kind];
  const [asking, setAsking] = useState(false);
  const test = useOwn('contacts', () => api.post(`/me/contacts/${contact.id}/test`));
  const remove = useOwn('contacts', () => api.delete(`/me/contacts/${contact.id}`));
  return (
    <li className="row wrap" style={{ minHeight: 36 }}>
      <Icon size={16} stroke={1.75} aria-label={label} />
      <span className="cut grow" style={{ flexBasis: 180 }}>
        {contact.address}
      </span>
      {contact.verified ? (
        <StatusBadge tone="ok">Verified</StatusBadge>
      ) : (
        <StatusBadge tone="warn">Not verified, never paged</StatusBadge>
      )}
      {contact.verified && (
        <Button
          size="compact-sm"
          variant="default"
          loading={test.isPending}
          onClick={() =>
            test.mutate(undefined, {
              onSuccess: () => toastOk(`A test message to ${contact.address} is on its way`),
              onError: (error) => toastError(error, 'No test was sent'),
            })
          }
        >
          Send a test
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="subtle"
        color="ink"
        aria-label={`Remove ${contact.address}`}
        onClick={() => setAsking(true)}
      >
        <IconTrash size={15} aria-hidden="true" />
      </Button>
      {!contact.verified && contact.kind === 'mail' && <Verify contact={contact} />}
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title="Remove this contact?"
        confirm="Remove"
        loading={remove.isPending}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => setAsking(false),
            onError: (error) => toastError(error, 'The contact is still there'),
          })
        }
      >
        Pages no longer go to <b>{contact.address}</b>. If one of your rules names it, change the rules first.
      </ConfirmDialog>
    </li>
  );
}

/** Where pages may go. Only verified contacts are used. */
export function Contacts() {
  const contacts = useQuery(contactsQuery);
  const [kind, setKind] = useState<'mail' | 'webhook'>('mail');
  const [address, setAddress] = useState('');
  const add = useOwn('contacts', () => api.post<Contact>('/me/contacts', { kind, address: address.trim() }));
  return (
    <section className="panel" aria-labelledby="contacts">
      <header>
        <h2 id="contacts">How you are reached</h2>
      </header>
      <QueryState query={contacts} what="your contacts" rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="You cannot be paged" alarm>
              Add a mail address or a webhook below.
            </EmptyState>
          ) : (
            <ul className="pad">
              {items.map((contact) => (
                <Row key={contact.id} contact={contact} />
              ))}
            </ul>
          )
        }
      </QueryState>
      <form
        className="pad row wrap"
        style={{ borderTop: '1px solid var(--bw-line)', alignItems: 'flex-start' }}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate(undefined, {
            onSuccess: (contact) => {
              setAddress('');
              toastOk(
                contact.verified
                  ? `${contact.address} answered and is verified`
                  : `A code was sent to ${contact.address}`,
              );
            },
          });
        }}
      >
        <SegmentedControl
          aria-label="Kind of contact"
          value={kind}
          onChange={(value) => setKind(value as 'mail' | 'webhook')}
          data={[
            { value: 'mail', label: 'Mail' },
            { value: 'webhook', label: 'Webhook' },
          ]}
        />
        <Group gap={8} wrap="nowrap" align="flex-start" style={{ flex: 1, minWidth: 240 }}>
          <TextInput
            style={{ flex: 1 }}
            aria-label={kind === 'mail' ? 'Mail address' : 'Address of the webhook'}
            type={kind === 'mail' ? 'email' : 'url'}
            placeholder={KINDS[kind].placeholder}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            error={add.isError ? (formErrors(add.error).address ?? errorText(add.error)) : undefined}
            required
          />
          <Button type="submit" variant="default" loading={add.isPending}>
            Add
          </Button>
        </Group>
      </form>
    </section>
  );
}
