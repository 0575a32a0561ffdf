import { Button, SegmentedControl, Select, Switch, TextInput, useMantineColorScheme } from '@mantine/core';
import { useState } from 'react';
import type { Me } from '../../api/types.ts';
import { errorText, formErrors } from '../../lib/api.ts';
import { timeZones } from '../../lib/time.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { useChangeProfile } from './queries.ts';

export function Profile({ me }: { me: Me }) {
  const change = useChangeProfile(me.version);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [name, setName] = useState(me.name);
  const [zone, setZone] = useState(me.time_zone);
  const errors = formErrors(change.error);
  const changed = name !== me.name || zone !== me.time_zone;
  return (
    <div className="stack">
      <section className="panel">
        <header>
          <h2>You</h2>
        </header>
        <form
          className="pad stack"
          onSubmit={(event) => {
            event.preventDefault();
            change.mutate(
              { ...(name !== me.name && { name }), ...(zone !== me.time_zone && { time_zone: zone }) },
              { onSuccess: () => toastOk('Your profile is saved') },
            );
          }}
        >
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={errors.name}
            autoComplete="name"
            required
            maw={420}
          />
          <Select
            label="Time zone"
            description="Times, quiet hours and your own clock use it."
            data={timeZones(me.time_zone)}
            value={zone}
            onChange={(value) => setZone(value ?? me.time_zone)}
            error={errors.time_zone}
            searchable
            limit={60}
            maw={420}
          />
          {change.isError && Object.keys(errors).length === 0 && (
            <p className="c-critical" role="alert">
              {errorText(change.error)}
            </p>
          )}
          <div className="row">
            <Button type="submit" loading={change.isPending} disabled={!changed}>
              Save
            </Button>
            {!changed && <span className="t3 xs">Nothing is changed.</span>}
          </div>
        </form>
      </section>
      <section className="panel">
        <header>
          <h2>Appearance and keys</h2>
        </header>
        <div className="pad stack">
          <div>
            <div className="b" id="theme-label" style={{ marginBottom: 4 }}>
              Theme
            </div>
            <SegmentedControl
              aria-labelledby="theme-label"
              value={colorScheme}
              onChange={(value) => setColorScheme(value as 'light' | 'dark' | 'auto')}
              data={[
                { value: 'light', label: 'Light' },
                { value: 'dark', label: 'Dark' },
                { value: 'auto', label: 'As the system' },
              ]}
            />
          </div>
          <Switch
            label="Single-key shortcuts"
            description="Such as A to acknowledge. Ctrl K works always."
            checked={me.single_keys}
            disabled={change.isPending}
            onChange={(event) =>
              change.mutate({ single_keys: event.currentTarget.checked }, { onError: (error) => toastError(error) })
            }
          />
        </div>
      </section>
    </div>
  );
}
