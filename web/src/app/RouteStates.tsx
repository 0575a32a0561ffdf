import { Button } from '@mantine/core';
import { IconMapQuestion } from '@tabler/icons-react';
import { type ErrorComponentProps, Link, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import { EmptyState } from '../ui/EmptyState.tsx';
import { ErrorState } from '../ui/ErrorState.tsx';

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <ErrorState
      error={error}
      screen
      what="the screen"
      still="The navigation and other screens still work."
      onRetry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}

export function NotFound() {
  useEffect(() => {
    document.title = 'No such page - Bridgewatch';
  }, []);
  return (
    <EmptyState
      screen
      title="There is no such page"
      icon={IconMapQuestion}
      action={
        <Button component={Link} to="/home" variant="default">
          Go home
        </Button>
      }
    >
      The link may be old, or a part of it is missing.
    </EmptyState>
  );
}
