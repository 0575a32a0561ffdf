import { PasswordInput } from '@mantine/core';
import { PASSWORD_MIN } from '../../lib/password.ts';

interface Props {
  value: string;
  onChange: (value: string) => void;
  error?: string | undefined;
}

export function NewPassword({ value, onChange, error }: Props) {
  return (
    <PasswordInput
      label="Password"
      description={`At least ${PASSWORD_MIN} characters. A sentence is good.`}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      autoComplete="new-password"
      minLength={PASSWORD_MIN}
      required
      size="md"
    />
  );
}
