import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from './CopyField.module.css';

export function CopyButtonInline({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon size={26} onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

/** A key, link or snippet to copy. `block` keeps its lines. */
export function CopyField({ value, label, block = false }: { value: string; label: string; block?: boolean }) {
  return (
    <div className={`${classes.field}${block ? ` ${classes.block}` : ''}`}>
      <div
        className={classes.value}
        tabIndex={0}
        role="textbox"
        aria-readonly="true"
        aria-multiline={block}
        aria-label={label}
      >
        {value}
      </div>
      <CopyButtonInline value={value} label={`Copy ${label}`} />
    </div>
  );
}
