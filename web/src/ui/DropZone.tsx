import { IconUpload } from '@tabler/icons-react';
import { useRef, useState } from 'react';
import classes from './DropZone.module.css';

interface Props {
  onFiles: (files: File[]) => void;
  /** What happens to files that are let go here. */
  hint: string;
  disabled?: boolean;
  className?: string | undefined;
  children: React.ReactNode;
}

/** A part of the screen that takes files which are dragged onto it. Give it a button twin. */
export function DropZone({ onFiles, hint, disabled = false, className, children }: Props) {
  // Moving onto a child leaves its parent: only a count says whether the pointer is still inside.
  const depth = useRef(0);
  const [over, setOver] = useState(false);
  const takes = (event: React.DragEvent) => !disabled && event.dataTransfer.types.includes('Files');
  const end = () => {
    depth.current = 0;
    setOver(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dragging is for the pointer; a button does the same
    <div
      className={`${classes.zone} ${className ?? ''}`}
      data-over={over || undefined}
      onDragEnter={(event) => {
        if (!takes(event)) return;
        event.preventDefault();
        depth.current += 1;
        setOver(true);
      }}
      onDragOver={(event) => {
        if (!takes(event)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }}
      onDragLeave={(event) => {
        if (!takes(event)) return;
        depth.current -= 1;
        if (depth.current <= 0) end();
      }}
      onDrop={(event) => {
        if (!takes(event)) return;
        event.preventDefault();
        end();
        const files = [...event.dataTransfer.files];
        if (files.length > 0) onFiles(files);
      }}
    >
      {children}
      {over && (
        <div className={classes.hint} aria-hidden="true">
          <IconUpload size={20} />
          {hint}
        </div>
      )}
    </div>
  );
}
