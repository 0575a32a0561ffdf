import { Button, Modal, MultiSelect, Select, TextInput } from '@mantine/core';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiToken, Me } from '../../api/types.ts';
import { api, errorText, formErrors, serverNow } from '../../lib/api.ts';
import { formatDate, millis } from '../../lib/time.ts';
import { toastError } from '../../lib/toast.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { CopyField } from '../../ui/CopyField.tsx';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { QueryState } from '../../ui/QueryState.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import { tokensQuery, useOwn } from './queries.ts';

const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
  { value: 'never', label: 'No end' },
];

function NewToken({ me, onClose }: { me: Me; onClose: () => void }) {
  const [name, setName] = useState('');
  const [permissions, setPermissions] = useState<string[]>([]);
  const [lifetime, setLifetime] = useState<string>('90');
  const [team, setTeam] = useState<string | null>(null);
  const create = useOwn('tokens', () =>
    api.post<ApiToken & { secret: string }>('/me/tokens', {
      name,
      permissions,
      ...(team && { team_id: team }),
      ...(lifetime !== 'never' && { expires_at: new Date(serverNow() + Number(lifetime) * 86_400_000).toISOString() }),
    }),
  );
  const errors = formErrors(create.error);
  if (create.data) {
    return (
      <div className="stack">
        <div className="note warn" role="status">
          Copy the token now. Only its hash is stored, so it is never shown again.
        </div>
        <CopyField value={create.data.secret} label="token" />
        <div>
          <Button onClick={onClose}>I have copied it</Button>
        </div>
      </div>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(undefined);
      }}
    >
      <TextInput
        label="Name"
        description="What uses it, such as a script or a server."
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={errors.name}
        data-autofocus
        required
      />
      <MultiSelect
        label="Permissions"
        description="At most your own. Less is safer."
        data={[...me.permissions].sort()}
        value={permissions}
        onChange={setPermissions}
        error={errors.permissions}
        searchable
        withAsterisk
      />
      {me.teams.length > 0 && (
        <Select
          label="Only for a team"
          data={me.teams.map(({ id, name: label }) => ({ value: id, label }))}
          value={team}
          onChange={setTeam}
          error={errors.team_id}
          placeholder="everything that you may see"
          clearable
        />
      )}
      <Select
        label="Valid for"
        data={LIFETIMES}
        value={lifetime}
        onChange={(value) => setLifetime(value ?? '90')}
        error={errors.expires_at}
      />
      {create.isError && Object.keys(errors).length === 0 && (
        <p className="c-critical" role="alert">
          {errorText(create.error)}
        </p>
      )}
      <div className="row">
        <Button type="submit" loading={create.isPending} disabled={permissions.length === 0}>
          Create the token
        </Button>
        {permissions.length === 0 && <span className="t3 xs">Choose at least one permission.</span>}
      </div>
    </form>
  );
}

function Row({ token }: { token: ApiToken }) {
  const [asking, setAsking] = useState(false);
  const remove = useOwn('tokens', () => api.delete(`/me/tokens/${token.id}`));
  const expired = token.expires_at ? millis(token.expires_at) < serverNow() : false;
  return (
    <li className="row wrap" style={{ padding: '6px 0' }}>
      <div className="grow" style={{ flexBasis: 260 }}>
        <div className="row">
          <span className="b cut">{token.name}</span>
          <span className="mono t3">{token.prefix}…</span>
          {expired && <StatusBadge tone="neutral">Expired</StatusBadge>}
        </div>
        <div className="t3 xs">
          {token.permissions.join(', ')}
          {token.team && `, only ${token.team.name}`}
        </div>
      </div>
      <span className="t3 xs">
        {token.last_used_at ? (
          <>
            used <RelativeTime at={token.last_used_at} />
          </>
        ) : (
          'never used'
        )}
        {token.expires_at && `, until ${formatDate(token.expires_at)}`}
      </span>
      <Button size="compact-sm" variant="default" onClick={() => setAsking(true)} aria-label={`Revoke ${token.name}`}>
        Revoke
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={`Revoke ${token.name}?`}
        confirm="Revoke"
        loading={remove.isPending}
        onConfirm={() =>
          remove.mutate(undefined, { onSuccess: () => setAsking(false), onError: (error) => toastError(error) })
        }
      >
        Whatever uses this token is refused from now on. This cannot be undone; what it did stays.
      </ConfirmDialog>
    </li>
  );
}

/** What programs may do in one's name. */
export function Tokens({ me }: { me: Me }) {
  const tokens = useQuery(tokensQuery);
  const [adding, setAdding] = useState(false);
  return (
    <section className="panel" aria-labelledby="tokens">
      <header>
        <h2 id="tokens">API tokens</h2>
        <Button
          className="end"
          size="compact-sm"
          variant="default"
          leftSection={<IconPlus size={14} />}
          onClick={() => setAdding(true)}
        >
          New token
        </Button>
      </header>
      <QueryState query={tokens} what="your tokens" rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState title="No token" icon={IconKey}>
              A token lets a script or a server act as you, with the permissions that you choose.
            </EmptyState>
          ) : (
            <ul className="pad">
              {items.map((token) => (
                <Row key={token.id} token={token} />
              ))}
            </ul>
          )
        }
      </QueryState>
      <Modal opened={adding} onClose={() => setAdding(false)} title="New API token" closeOnClickOutside={false}>
        <NewToken me={me} onClose={() => setAdding(false)} />
      </Modal>
    </section>
  );
}
