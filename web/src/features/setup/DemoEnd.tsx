import { Button, Group, Modal, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { DemoRemoved, RemoveDemo } from '../../api/types.ts';
import { api, errorText, formErrors } from '../../lib/api.ts';
import { useLeave } from '../../lib/leave.ts';
import { PASSWORD_MIN } from '../../lib/password.ts';
import { toastOk } from '../../lib/toast.ts';

function Form({ company, onClose }: { company: string; onClose: () => void }) {
  const leave = useLeave();
  const [confirm, setConfirm] = useState('');
  const [administrator, setAdministrator] = useState({ name: '', email: '', password: '' });
  const remove = useMutation({
    mutationFn: (body: RemoveDemo) => api.post<DemoRemoved>('/setup/remove-demo', body),
    onSuccess: async ({ people, tickets, alerts, services }) => {
      await leave();
      toastOk(
        `${company} is gone: ${people} people, ${services} services, ${alerts} alerts, ${tickets} tickets. Sign in with the new address.`,
      );
    },
  });
  const errors = formErrors(remove.error);
  const field = (name: keyof typeof administrator) => ({
    value: administrator[name],
    onChange: (event: React.ChangeEvent<HTMLInputElement>) => {
      const { value } = event.currentTarget;
      setAdministrator((before) => ({ ...before, [name]: value }));
    },
    error: errors[`administrator.${name}`],
    required: true,
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        remove.mutate({ confirm, administrator });
      }}
    >
      <p>
        <b>Everything in this database goes</b>, what you added yourself too: people, teams, services, tickets, alerts,
        files, integrations and their keys. All sessions end. It cannot be undone, except from a backup.
      </p>
      <p>You begin anew as the first administrator:</p>
      <TextInput label="Your name" autoComplete="name" data-autofocus {...field('name')} />
      <TextInput
        label="Mail address"
        description="You sign in with it, and pages go there."
        type="email"
        autoComplete="email"
        {...field('email')}
      />
      <PasswordInput
        label="Password"
        description={`At least ${PASSWORD_MIN} characters. A sentence is good.`}
        autoComplete="new-password"
        minLength={PASSWORD_MIN}
        {...field('password')}
      />
      <TextInput
        label={`Type ${company} to confirm`}
        value={confirm}
        onChange={(event) => setConfirm(event.currentTarget.value)}
        error={errors.confirm}
        autoComplete="off"
        required
      />
      {remove.isError && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {errorText(remove.error)}
        </p>
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose}>
          Keep {company}
        </Button>
        <Button type="submit" color="port" loading={remove.isPending} disabled={confirm.trim() !== company}>
          Remove everything
        </Button>
      </Group>
    </form>
  );
}

/** Says that the data is invented, and removes it in one action. */
export function DemoEnd({ company }: { company: string }) {
  const [asked, setAsked] = useState(false);
  return (
    <div className="note row wrap" style={{ justifyContent: 'space-between' }}>
      <span style={{ flex: '1 1 260px' }}>
        {company} is a made-up company: its people, alerts and tickets are invented. When you have seen enough, remove
        it and begin with your own organisation.
      </span>
      <Button variant="default" onClick={() => setAsked(true)}>
        Remove the demo…
      </Button>
      <Modal opened={asked} onClose={() => setAsked(false)} title={`Remove ${company} and begin anew`} centered>
        <Form company={company} onClose={() => setAsked(false)} />
      </Modal>
    </div>
  );
}
