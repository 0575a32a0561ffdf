import classes from './ScaleBar.module.css';

/**
 * The black-and-white edge of a sea chart, on every axis of time or hops. Decoration for the eye: the
 * labels are text, and a graph has its list twin.
 */
export function ScaleBar({ segments, labels }: { segments: number; labels?: readonly string[] }) {
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
    </div>
  );
}
