import { ActionIcon, Tooltip } from '@mantine/core';
import {
  IconDownload,
  IconFile,
  IconFileSpreadsheet,
  IconFileText,
  IconFileZip,
  IconLock,
  IconPhoto,
  IconTrash,
} from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '../../lib/api.ts';
import { sentence, sizeText } from '../../lib/text.ts';
import { toastError, toastOk } from '../../lib/toast.ts';
import { findAction } from '../../ui/ActionButton.tsx';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { RelativeTime } from '../../ui/Time.tsx';
import classes from './Attachments.module.css';
import { type Attachment, contentAddress, isPicture, thumbnailAddress } from './attachments.ts';
import { useTicketChange } from './queries.ts';

function KindGlyph({ type }: { type: string }) {
  const Icon = type.startsWith('image/')
    ? IconPhoto
    : /zip|compressed|tar|gzip/.test(type)
      ? IconFileZip
      : /csv|spreadsheet|excel/.test(type)
        ? IconFileSpreadsheet
        : /^text\/|pdf|word|document/.test(type)
          ? IconFileText
          : IconFile;
  return <Icon size={20} stroke={1.5} aria-hidden="true" />;
}

/** Not for customers: the lock and the word, as on internal notes. */
export function InternalMark() {
  return (
    <span className={classes.word}>
      <IconLock size={13} aria-hidden="true" />
      Internal
    </span>
  );
}

function Delete({ file }: { file: Attachment }) {
  const [asking, setAsking] = useState(false);
  const action = findAction(file.actions, 'delete');
  const remove = useTicketChange(() => api.delete(`/attachments/${file.id}`));
  if (!action) return null;
  const icon = (
    <ActionIcon
      aria-label={`Delete ${file.name}`}
      onClick={() => action.allowed && setAsking(true)}
      data-disabled={action.allowed ? undefined : true}
      aria-disabled={action.allowed ? undefined : true}
    >
      <IconTrash size={16} />
    </ActionIcon>
  );
  return (
    <>
      {action.allowed ? (
        icon
      ) : (
        <Tooltip
          label={sentence(action.reason ?? 'You may not delete this')}
          events={{ hover: true, focus: true, touch: true }}
        >
          {icon}
        </Tooltip>
      )}
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => {
              setAsking(false);
              toastOk(`${file.name} is deleted`);
            },
            onError: (error) => toastError(error, `${file.name} is still there`),
          })
        }
        title={`Delete ${file.name}?`}
        confirm="Delete the file"
        loading={remove.isPending}
      >
        {file.comment_id
          ? 'The file goes, here and under its comment. What was written stays. It cannot be brought back.'
          : 'The file goes for everybody and cannot be brought back.'}
      </ConfirmDialog>
    </>
  );
}

interface Props {
  files: readonly Attachment[];
  label: string;
  /** Opens the picture large. */
  onShow: (id: string) => void;
  /** Under a comment, which says already who and when. */
  plain?: boolean;
}

/** Files with their small pictures. A picture opens large; everything is downloaded, nothing runs in the page. */
export function FileList({ files, label, onShow, plain = false }: Props) {
  return (
    <ul className={`${classes.files}${plain ? ` ${classes.plain}` : ''}`} aria-label={label}>
      {files.map((file) => (
        <li key={file.id}>
          {isPicture(file) ? (
            <button
              type="button"
              className={classes.thumb}
              onClick={() => onShow(file.id)}
              aria-label={`Show ${file.name}`}
              tabIndex={-1}
            >
              <img src={thumbnailAddress(file.id)} alt="" loading="lazy" />
            </button>
          ) : (
            <span className={classes.thumb}>
              <KindGlyph type={file.media_type} />
            </span>
          )}
          <div>
            <div className={classes.name}>
              {isPicture(file) ? (
                <button type="button" className="cut" title={file.name} onClick={() => onShow(file.id)}>
                  {file.name}
                </button>
              ) : (
                <a className="cut" title={file.name} href={contentAddress(file.id)} download={file.name}>
                  {file.name}
                </a>
              )}
              {file.internal && !plain && <InternalMark />}
            </div>
            <p className="t3 xs">
              {sizeText(file.size)}
              {!plain && (
                <>
                  {' · '}
                  {file.created_by.name} · <RelativeTime at={file.created_at} />
                </>
              )}
            </p>
          </div>
          <div className={classes.acts}>
            <ActionIcon
              component="a"
              href={contentAddress(file.id)}
              download={file.name}
              aria-label={`Download ${file.name}`}
            >
              <IconDownload size={16} />
            </ActionIcon>
            <Delete file={file} />
          </div>
        </li>
      ))}
    </ul>
  );
}
