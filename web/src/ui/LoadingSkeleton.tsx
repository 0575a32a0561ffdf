import { Skeleton } from '@mantine/core';
import { useEffect, useState } from 'react';
import classes from './States.module.css';

/** Rows in the place of the final layout, shown after 150 ms so that fast answers do not flicker. */
export function LoadingSkeleton({ rows = 6, label = 'Loading' }: { rows?: number; label?: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 150);
    return () => clearTimeout(timer);
  }, []);
  return (
    <div className={classes.rows} role="status" aria-busy="true">
      <span className="vh">{label}</span>
      {shown &&
        Array.from({ length: rows }, (_, index) => <Skeleton key={index} width={`${92 - ((index * 17) % 40)}%`} />)}
    </div>
  );
}
