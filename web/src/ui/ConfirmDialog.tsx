import { Button, Group, Modal, TextInput } from '@mantine/core';
import { useState } from 'react';

interface Props {
  opened: boolean;
  onClose: () => void;
  onConfirm: () => void;
  title: string;
  /** What goes, what stays, how many records, how to undo. */
  children: React.ReactNode;
  /** The verb on the button. */
  confirm: string;
  loading?: boolean;
  /** Must be typed first; for more than 100 records. */
  typeName?: string;
}

/** Only for what cannot be undone. */
export function ConfirmDialog({
  opened,
  onClose,
  onConfirm,
  title,
  children,
  confirm,
  loading = false,
  typeName,
}: Props) {
  const [typed, setTyped] = useState('');
  const ready = !typeName || typed === typeName;
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered size="sm">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) onConfirm();
        }}
      >
        <div>{children}</div>
        {typeName && (
          <TextInput
            label={`Type ${typeName} to confirm`}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep
          </Button>
          <Button type="submit" color="port" loading={loading} disabled={!ready}>
            {confirm}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
