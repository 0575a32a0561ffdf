import { Button } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useId, useState } from 'react';
import classes from './Filters.module.css';

interface Props {
  /** Always in sight. */
  first: React.ReactNode;
  /** How many of the others are set, so that a folded filter is not forgotten. */
  active: number;
  children: React.ReactNode;
}

/** The filters above a list: in a row, and on phones folded behind a button. */
export function Filters({ first, active, children }: Props) {
  const id = useId();
  const [opened, setOpened] = useState(false);
  return (
    <div className={`row wrap ${classes.filters}`}>
      {first}
      <Button
        className="only-phone"
        variant={active > 0 ? 'light' : 'default'}
        leftSection={<IconFilter size={15} />}
        aria-expanded={opened}
        aria-controls={id}
        onClick={() => setOpened(!opened)}
      >
        Filter
        {active > 0 && (
          <span className="cnt" style={{ marginLeft: 6 }}>
            {active}
          </span>
        )}
      </Button>
      <div id={id} className={`${classes.rest}${opened ? ` ${classes.opened}` : ''}`}>
        {children}
      </div>
    </div>
  );
}
