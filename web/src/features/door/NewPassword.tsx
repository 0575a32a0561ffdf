import { PasswordInput } from '@mantine/core';

/** The least length; the server checks it again and says more. */
export const PASSWORD_MIN = 12;

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
