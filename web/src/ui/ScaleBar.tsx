import classes from './ScaleBar.module.css';

interface Props {
  segments: number;
  /** Spread evenly from the first edge to the last. */
  labels?: readonly string[];
  /** Labels at their place on the bar, 0 to 1. */
  marks?: readonly { at: number; text: string }[];
}

/**
 * The black-and-white edge of a sea chart, on every axis of time or hops. Decoration for the eye: the
 * labels are text, and a graph has its list twin.
 */
export function ScaleBar({ segments, labels, marks }: Props) {
  return (
    <div>
      <div className={classes.bar} aria-hidden="true">
        {Array.from({ length: segments }, (_, index) => (
          <i key={index} />
        ))}
      </div>
      {labels && (
        <div className={classes.labels}>
          {labels.map((label) => (
            <span key={label}>{label}</span>
          ))}
        </div>
      )}
      {marks && (
        <div className={classes.marks}>
          {marks.map(({ at, text }) => (
            <span key={text} style={{ left: `${at * 100}%` }}>
              {text}
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
