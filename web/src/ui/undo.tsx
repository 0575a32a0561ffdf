import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';

/** Says what was done, with the way back. */
export function offerUndo(message: string, undo: () => void): void {
  const id = notifications.show({
    color: 'starboard',
    autoClose: 8000,
    message: (
      <span className="row">
        <span className="grow">{message}</span>
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          Undo
        </Button>
      </span>
    ),
  });
}
