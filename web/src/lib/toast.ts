import { notifications } from '@mantine/notifications';
import { errorText } from './api.ts';

/** Short confirmations and failures. Errors stay until they are closed. */
export function toastOk(message: string, title?: string): void {
  notifications.show({
    message,
    title,
    color: 'starboard',
    autoClose: 5000,
    closeButtonProps: { 'aria-label': 'Close' },
  });
}

export function toastError(error: unknown, title = 'That did not work'): void {
  notifications.show({ message: errorText(error), title, color: 'port', autoClose: false, role: 'alert' });
}
