import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Me } from '../../api/types.ts';
import { api, errorText } from '../../lib/api.ts';
import { toastOk } from '../../lib/toast.ts';
import { CopyField } from '../../ui/CopyField.tsx';
import { StatusBadge } from '../../ui/StatusBadge.tsx';
import { useRefreshSession } from './queries.ts';

interface Enrolment {
  secret: string;
  otpauth_url: string;
  qr_svg: string;
}

function Problem({ error }: { error: unknown }) {
  if (!error) return null;
  return (
    <p className="c-critical" role="alert">
      {errorText(error)}
    </p>
  );
}

function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  return (
    <div className="stack">
      <div className="note warn" role="status">
        Keep these recovery codes in a safe place. Each works once when the authenticator is gone. They are not shown
        again.
      </div>
      <CopyField value={codes.join('\n')} label="recovery codes" block />
      <div>
        <Button onClick={onDone}>I have stored them</Button>
      </div>
    </div>
  );
}

function Enrol() {
  const refresh = useRefreshSession();
  const [code, setCode] = useState('');
  const start = useMutation({ mutationFn: () => api.post<Enrolment>('/me/totp') });
  const confirm = useMutation({
    mutationFn: () => api.post<{ recovery_codes: string[] }>('/me/totp/confirm', { code: code.replace(/\s/g, '') }),
  });
  if (confirm.data) return <RecoveryCodes codes={confirm.data.recovery_codes} onDone={() => void refresh()} />;
  if (!start.data) {
    return (
      <div className="stack">
        <p className="t2">
          An authenticator app shows a new code every 30 seconds. With it, a stolen password is not enough.
        </p>
        <Problem error={start.error} />
        <div>
          <Button variant="default" loading={start.isPending} onClick={() => start.mutate()}>
            Set up an authenticator
          </Button>
        </div>
      </div>
    );
  }
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <p>Scan the picture with your authenticator, or type the key into it. Then enter the code that it shows.</p>
      <img
        src={`data:image/svg+xml;utf8,${encodeURIComponent(start.data.qr_svg)}`}
        alt="QR code with the key below"
        width={176}
        height={176}
        style={{ background: 'var(--mantine-color-white)', padding: 8, borderRadius: 'var(--bw-r-2)' }}
      />
      <div style={{ maxWidth: 420 }}>
        <CopyField value={start.data.secret} label="key" />
      </div>
      <TextInput
        label="Code"
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        inputMode="numeric"
        autoComplete="one-time-code"
        maw={160}
        required
      />
      <Problem error={confirm.error} />
      <div>
        <Button type="submit" loading={confirm.isPending}>
          Turn it on
        </Button>
      </div>
    </form>
  );
}

function TurnOff() {
  const refresh = useRefreshSession();
  const [password, setPassword] = useState('');
  const off = useMutation({
    mutationFn: () => api.delete('/me/totp', { password }),
    onSuccess: () => {
      toastOk('The second step is off');
      void refresh();
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        off.mutate();
      }}
    >
      <p className="t2">You are asked for a code after your password.</p>
      <PasswordInput
        label="Password, to turn it off"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        autoComplete="current-password"
        maw={360}
        required
      />
      <Problem error={off.error} />
      <div>
        <Button type="submit" variant="default" loading={off.isPending}>
          Turn the second step off
        </Button>
      </div>
    </form>
  );
}

/** TOTP as the second factor. */
export function SecondStep({ me }: { me: Me }) {
  return (
    <section className="panel" aria-labelledby="second-step">
      <header>
        <h2 id="second-step">Second step at sign-in</h2>
        {me.totp_enabled ? <StatusBadge tone="ok">On</StatusBadge> : <StatusBadge tone="neutral">Off</StatusBadge>}
      </header>
      <div className="pad">{me.totp_enabled ? <TurnOff /> : <Enrol />}</div>
    </section>
  );
}
