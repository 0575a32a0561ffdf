import { ActionIcon, Button } from '@mantine/core';
import { IconAlertTriangle, IconFile, IconPhoto, IconRefresh, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError, api, errorText } from '../../lib/api.ts';
import { sizeText } from '../../lib/text.ts';
import { toastError } from '../../lib/toast.ts';
import { dropUploads, retryUpload, type Upload } from '../../lib/uploads.ts';
import classes from './Attachments.module.css';
import { thumbnailAddress } from './attachments.ts';

/** Whether another attempt may go better: what is refused for its size or kind is refused again. */
const mayRetry = (error: unknown) => !(error instanceof ApiError) || ![403, 413, 415, 422].includes(error.status);

function Line({ upload, done }: { upload: Upload; done: string | undefined }) {
  const { id, file, state, sent, stored, error } = upload;
  const client = useQueryClient();
  // What is at the server already goes there too.
  const remove = useMutation({
    mutationFn: async () => {
      if (stored) await api.delete(`/attachments/${stored.id}`);
    },
    onSuccess: () => {
      dropUploads([id]);
      return client.invalidateQueries({ queryKey: ['ticket'] });
    },
    onError: (failure) => toastError(failure, `${file.name} is still there`),
  });
  const percent = Math.round(sent * 100);
  return (
    <li data-failed={state === 'failed' || undefined}>
      <span className={classes.thumb}>
        {stored?.thumbnail ? (
          <img src={thumbnailAddress(stored.id)} alt="" />
        ) : state === 'failed' ? (
          <IconAlertTriangle size={18} className="c-critical" aria-hidden="true" />
        ) : file.type.startsWith('image/') ? (
          <IconPhoto size={18} aria-hidden="true" />
        ) : (
          <IconFile size={18} aria-hidden="true" />
        )}
      </span>
      <div>
        <div className={classes.name}>
          <span className="cut" title={file.name}>
            {file.name}
          </span>
          <span className="t3 xs nowrap">{sizeText(file.size)}</span>
        </div>
        {state === 'failed' && (
          <p className="c-critical xs" role="alert">
            {errorText(error)}
          </p>
        )}
        {state === 'waiting' && <p className="t3 xs">Waits for its turn</p>}
        {state === 'sending' && (
          <>
            <p className="t3 xs num">{sent < 1 ? `${percent} %` : 'The server looks at it'}</p>
            <div
              className={classes.bar}
              role="progressbar"
              aria-label={`Upload of ${file.name}`}
              aria-valuemin={0}
              aria-valuemax={100}
              aria-valuenow={percent}
            >
              <i style={{ width: `${percent}%` }} />
            </div>
          </>
        )}
        {state === 'done' && done && <p className="t3 xs">{done}</p>}
      </div>
      <div className={classes.acts}>
        {state === 'failed' && mayRetry(error) && (
          <Button
            variant="default"
            size="compact-xs"
            leftSection={<IconRefresh size={14} />}
            onClick={() => retryUpload(id)}
            aria-label={`Try ${file.name} again`}
          >
            Try again
          </Button>
        )}
        <ActionIcon
          aria-label={state === 'sending' || state === 'waiting' ? `Cancel ${file.name}` : `Remove ${file.name}`}
          loading={remove.isPending}
          onClick={() => remove.mutate()}
        >
          <IconX size={16} />
        </ActionIcon>
      </div>
    </li>
  );
}

interface Props {
  uploads: readonly Upload[];
  label: string;
  /** What becomes of those that are at the server. */
  done?: string;
}

/** Files on their way: how far each is, what refused it, and the way to stop it. */
export function UploadList({ uploads, label, done }: Props) {
  if (uploads.length === 0) return null;
  return (
    <ul className={classes.uploads} aria-label={label}>
      {uploads.map((upload) => (
        <Line key={upload.id} upload={upload} done={done} />
      ))}
    </ul>
  );
}
